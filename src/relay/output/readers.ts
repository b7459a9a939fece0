import type { Clock } from '../../core/clock.js';
import type { DescribedTracks } from '../rtsp/sdp.js';
import type { StreamFrame, Visit } from '../rtsp/served.js';
import { UnitMemory } from './unitMemory.js';

/** Limits of the frames that are kept since the latest key frame, with which a new reader begins. */
const MOST_KEPT_BYTES = 4_000_000;
const MOST_KEPT_FRAMES = 2_000;
/**
 * A reader gets its first key frame four times: three copies whose times lie so many ms in the past, then the frame itself. HLS servers
 * close segments by time stamps, so MediaMTX has a first segment at once. Together the copies are as long as hls.js stays behind a
 * low-latency playlist (2.5 parts of 0.4 s): with fewer, hls.js 1.7.4 begins in what MediaMTX lists as a gap, and sometimes stays there for
 * good. They lie one part of MediaMTX (380 ms in our template) apart, since gohlslib 2.4 makes parts longer when its first pictures do not
 * fit into them. In MPEG-TS the first segment holds two of them: hls.js shows nothing of a segment with one picture before it has the next.
 */
const COPIES_MS = [1_140, 760, 380];

export interface ReadersOptions {
  readonly onLastLeft: () => void;
  /** False: a reader's first key frame is sent once, as the proof of a candidate needs it. */
  readonly copies?: boolean;
  /** `afterMs`: how long after `play` a reader gets its first frames; absent: at once. */
  readonly begins?: { readonly clock: Clock; readonly afterMs: number };
}

interface Reader {
  readonly onEnd: () => void;
  /** The reader knows the tracks. One that still waits for them learns of the end by getting null instead. */
  hasTracks: boolean;
  onFrame: ((frame: StreamFrame) => void) | null;
  /** The reader has no key frame yet; a decoder can begin only with one. */
  waitsForKey: boolean;
  isWaiting: ((tracks: DescribedTracks | null) => void)[];
}

/** The readers of one stream, and the frames since its latest key frame, with which each new reader begins. */
export class Readers {
  readonly #readers = new Set<Reader>();
  readonly #options: ReadersOptions;
  #kept: StreamFrame[] = [];
  #keptBytes = 0;
  #memory = new UnitMemory();

  constructor(options: ReadersOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#readers.size;
  }

  /** `known`: called when the reader asks for the tracks; returns null while they are not known. */
  add(onEnd: () => void, known: () => DescribedTracks | null): Visit {
    const reader: Reader = { onEnd, hasTracks: false, onFrame: null, waitsForKey: true, isWaiting: [] };
    this.#readers.add(reader);
    return {
      tracks: () => {
        if (!this.#readers.has(reader)) return Promise.resolve(null);
        const tracks = known();
        if (tracks !== null) reader.hasTracks = true;
        if (tracks !== null) return Promise.resolve(tracks);
        return new Promise((resolve) => reader.isWaiting.push(resolve));
      },
      play: (onFrame) => {
        const { begins } = this.#options;
        const begin = (): void => this.#begin(reader, onFrame);
        if (begins === undefined) begin();
        else begins.clock.after(begins.afterMs, begin);
      },
      leave: () => {
        if (this.#readers.delete(reader) && this.#readers.size === 0) this.#options.onLastLeft();
      },
    };
  }

  /** Gives the tracks to the readers that wait for them. */
  giveTracks(tracks: DescribedTracks): void {
    for (const reader of this.#readers) release(reader, tracks);
  }

  send(frame: StreamFrame): void {
    this.#keep(frame);
    for (const reader of this.#readers) this.#hand(reader, frame);
  }

  /** Ends all readers and forgets the kept frames. A reader that waits for the tracks gets null. */
  endAll(): void {
    const gone = [...this.#readers];
    this.#readers.clear();
    this.#forget();
    this.#memory = new UnitMemory();
    for (const reader of gone) {
      const hadTracks = reader.hasTracks;
      release(reader, null);
      if (hadTracks) reader.onEnd();
    }
  }

  #begin(reader: Reader, onFrame: (frame: StreamFrame) => void): void {
    if (!this.#readers.has(reader)) return;
    reader.onFrame = onFrame;
    for (const frame of this.#kept) this.#hand(reader, frame);
  }

  #hand(reader: Reader, frame: StreamFrame): void {
    if (reader.onFrame === null) return;
    if (reader.waitsForKey) {
      if (frame.kind !== 'picture' || !frame.isKey) return;
      reader.waitsForKey = false;
      const copies = this.#options.copies === false ? [] : COPIES_MS;
      for (const earlierMs of copies) reader.onFrame({ ...frame, presentMs: frame.presentMs - earlierMs });
    }
    reader.onFrame(frame);
  }

  #keep(frame: StreamFrame): void {
    const isKey = frame.kind === 'picture' && frame.isKey;
    if (isKey) this.#forget();
    // No key frame has come yet, or the frames behind it grew past the limits: nothing is kept before the next key frame.
    else if (this.#kept.length === 0) return;
    this.#keptBytes += bytesOf(frame);
    if (this.#keptBytes > MOST_KEPT_BYTES || this.#kept.length >= MOST_KEPT_FRAMES) this.#forget();
    else this.#kept.push(this.#copyOf(frame));
  }

  #copyOf(frame: StreamFrame): StreamFrame {
    if (frame.kind === 'sound') return { kind: 'sound', timeMs: frame.timeMs, data: this.#memory.copyOf(frame.data) };
    const { presentMs, isKey, units } = frame;
    return { kind: 'picture', presentMs, isKey, units: this.#memory.copiesOf(units) };
  }

  #forget(): void {
    this.#kept = [];
    this.#keptBytes = 0;
    this.#memory.clear();
  }
}

function release(reader: Reader, tracks: DescribedTracks | null): void {
  if (reader.isWaiting.length > 0 && tracks !== null) reader.hasTracks = true;
  for (const resolve of reader.isWaiting) resolve(tracks);
  reader.isWaiting = [];
}

function bytesOf(frame: StreamFrame): number {
  return frame.kind === 'sound' ? frame.data.length : frame.units.reduce((sum, unit) => sum + unit.length, 0);
}
