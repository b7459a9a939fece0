import { sleep, type Clock } from '../../core/clock.js';

/** Waits before each try of a source that failed: short while the camera has viewers, so that pictures move soon after it is back. */
const WAITS_MS = { watched: [0, 250, 500, 1000, 1300], unwatched: [0, 250, 1000, 2000, 5000] };
/** A source that gave pictures for at least this long is tried again at once when it ends. */
const LASTING_MS = 10_000;

export interface TriesDeps<Source> {
  readonly clock: Clock;
  /** Plays the source until it ends; calls `began` with the time of its first picture (monotonic ms). Rejects with the reason of the end. */
  readonly run: (source: Source, began: (atMs: number) => void) => Promise<void>;
  /** Called when a try has ended. */
  readonly failed: (source: Source, error: unknown) => void;
}

/** Keeps trying one source until another one is wanted. */
export class SourceTries<Source> {
  readonly #deps: TriesDeps<Source>;
  #wanted: Source | null = null;
  #failures = 0;
  #isWatched = true;
  #hurry = new AbortController();

  constructor(deps: TriesDeps<Source>) {
    this.#deps = deps;
  }

  get wanted(): Source | null {
    return this.#wanted;
  }

  /** How many tries of the wanted source have failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Sets the source to try; null: stops trying. */
  want(source: Source | null): void {
    this.#wanted = source;
    this.#failures = 0;
    this.#wake();
    if (source !== null) void this.#follow(source);
  }

  setWatched(isWatched: boolean): void {
    if (isWatched && !this.#isWatched) this.#wake();
    this.#isWatched = isWatched;
  }

  #wake(): void {
    this.#hurry.abort();
    this.#hurry = new AbortController();
  }

  async #follow(source: Source): Promise<void> {
    const { clock, run, failed } = this.#deps;
    while (this.#wanted === source) {
      let beganAtMs = Infinity;
      let error: unknown = null;
      await run(source, (atMs) => (beganAtMs = atMs)).catch((thrown: unknown) => (error = thrown));
      if (this.#wanted !== source) return;
      if (clock.monotonicMs() - beganAtMs > LASTING_MS) this.#failures = 0;
      const waits = WAITS_MS[this.#isWatched ? 'watched' : 'unwatched'];
      const waitMs = waits[Math.min(this.#failures, waits.length - 1)] ?? 0;
      this.#failures++;
      failed(source, error);
      await sleep(clock, waitMs, this.#hurry.signal).catch(() => undefined);
    }
  }
}
