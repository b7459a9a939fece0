import type { Clock } from '../../core/clock.js';
import { Readers } from '../output/readers.js';
import type { DescribedTracks } from '../rtsp/sdp.js';
import type { StreamFrame, VisitedStream, Visit } from '../rtsp/served.js';

/** What makes one track of a stream into another one. */
export interface Conversion {
  take(frame: StreamFrame): void;
  stop(): void;
}

export interface ConversionOut {
  /** The tracks that readers get; called once, before the first frame. */
  readonly onTracks: (tracks: DescribedTracks) => void;
  readonly onFrame: (frame: StreamFrame) => void;
  /** It cannot go on: the readers are ended. */
  readonly onEnd: () => void;
}

/** Begins a conversion; null: a stream of these tracks needs none, or cannot have it. Nothing is called before it has returned. */
export type Convert = (tracks: DescribedTracks, out: ConversionOut) => Conversion | null;

export interface DerivedStreamOptions {
  /** The stream of which this one is made. */
  readonly of: VisitedStream;
  readonly convert: Convert;
  /** See `ReadersOptions`. */
  readonly begins?: { readonly clock: Clock; readonly afterMs: number };
}

/** A stream with one track in another codec. While it has readers it is a reader of the stream of which it is made. */
export class DerivedStream implements VisitedStream {
  readonly #options: DerivedStreamOptions;
  readonly #readers: Readers;
  #source: Visit | null = null;
  #conversion: Conversion | null = null;
  #known: DescribedTracks | null = null;

  constructor(options: DerivedStreamOptions) {
    this.#options = options;
    const { begins } = options;
    this.#readers = new Readers({ onLastLeft: () => this.#rest(), ...(begins && { begins }) });
  }

  visit(onEnd: () => void): Visit {
    const visit = this.#readers.add(onEnd, () => this.#known);
    if (this.#source === null) void this.#begin();
    return visit;
  }

  async #begin(): Promise<void> {
    const source = this.#options.of.visit(() => this.#end());
    this.#source = source;
    const tracks = await source.tracks();
    if (this.#source !== source) return;
    const conversion = tracks === null ? null : this.#convert(tracks, source);
    if (conversion === null) {
      this.#end();
      return;
    }
    this.#conversion = conversion;
    source.play((frame) => {
      if (this.#source === source) conversion.take(frame);
    });
  }

  #convert(tracks: DescribedTracks, source: Visit): Conversion | null {
    const isOf = (): boolean => this.#source === source;
    return this.#options.convert(tracks, {
      onTracks: (known) => {
        if (!isOf()) return;
        this.#known = known;
        this.#readers.giveTracks(known);
      },
      onFrame: (frame) => {
        if (isOf()) this.#readers.send(frame);
      },
      onEnd: () => {
        if (isOf()) this.#end();
      },
    });
  }

  /** Ends the readers. Those that come again begin anew. */
  #end(): void {
    this.#rest();
    this.#readers.endAll();
  }

  #rest(): void {
    const source = this.#source;
    this.#source = null;
    this.#known = null;
    this.#conversion?.stop();
    this.#conversion = null;
    source?.leave();
  }
}
