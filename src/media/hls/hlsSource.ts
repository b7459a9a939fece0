import { sleep } from '../../core/clock.js';
import type { Got } from '../dialing/checkedGet.js';
import { SegmentList, type FetchedSegment, type HlsOptions } from './segmentList.js';

export type { HlsOptions } from './segmentList.js';

/** The first pictures wait for the first sound for so long, so that both begin together. */
const FIRST_SOUND_MS = 3_000;
/** What waits for pictures that do not come: more than a minute of the usual segments. */
const MOST_HELD = 16;
/** A list of sound that ended is read anew after so long; its pictures go on meanwhile. */
const AGAIN_MS = 5_000;

export interface SourceSegment extends FetchedSegment {
  /** Segments of sound that came since the segment before, where the sound has a list of its own. Each is taken apart by itself. */
  readonly sound: readonly Buffer[];
}

/** Reads one live HLS source: the segments of its pictures, and those of its sound where that has a list of its own. */
export class HlsSource {
  readonly #options: HlsOptions;

  constructor(options: HlsOptions) {
    this.#options = options;
  }

  /** `first`: the answer to a GET of the source's address, with a playlist in it. Throws `SourceFault`, also at the end of a list that ends. */
  async *segments(first: Got): AsyncGenerator<SourceSegment> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, over.signal]);
    const behind: { sound: SoundSegments | null } = { sound: null };
    const begin = (url: URL): void => void (behind.sound = new SoundSegments({ ...this.#options, signal }, url));
    try {
      for await (const segment of new SegmentList(this.#options).segments(first, begin))
        yield { ...segment, sound: (await behind.sound?.taken()) ?? [] };
    } finally {
      over.abort(new Error('the pictures ended'));
    }
  }
}

/** Fetches the segments of a list of sound, and holds them until the pictures that they belong to are read. */
class SoundSegments {
  readonly #options: HlsOptions;
  #held: Buffer[] = [];
  #first: Promise<void> | null;

  constructor(options: HlsOptions, url: URL) {
    this.#options = options;
    const { clock } = options.http;
    this.#first = new Promise((resolve) => {
      const cancel = clock.after(FIRST_SOUND_MS, resolve);
      void this.#fetch(url, () => {
        cancel();
        resolve();
      });
    });
  }

  async taken(): Promise<readonly Buffer[]> {
    await this.#first;
    this.#first = null;
    return this.#held.splice(0);
  }

  /** Never rejects. */
  async #fetch(url: URL, onFirst: () => void): Promise<void> {
    const { signal, http } = this.#options;
    while (!signal.aborted) {
      try {
        for await (const { bytes } of new SegmentList(this.#options).segmentsAt(url)) {
          this.#held.push(bytes);
          if (this.#held.length > MOST_HELD) this.#held.shift();
          onFirst();
        }
      } catch {
        // Without its sound a source is still one; the pictures' own list says what is wrong with the server.
        onFirst();
      }
      await sleep(http.clock, AGAIN_MS, signal).catch(() => undefined);
    }
  }
}
