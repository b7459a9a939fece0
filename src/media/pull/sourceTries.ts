import { sleep, type Clock } from '../../core/clock.js';

/** Waits before the next try of a source that died: short ones while somebody watches, since pictures are to move soon after it is back. */
const WAITS_MS = { watched: [0, 250, 500, 1000, 1300], unwatched: [0, 250, 1000, 2000, 5000] };
/** A source that gave pictures for so long is tried again at once when it ends. */
const LASTING_MS = 10_000;

export interface TriesDeps<Source> {
  readonly clock: Clock;
  /** Plays the source until it ends, and calls `began` with the moment (monotonic, ms) of its first picture. Rejects with why it ended. */
  readonly run: (source: Source, began: (atMs: number) => void) => Promise<void>;
  /** A try is over. */
  readonly failed: (source: Source, error: unknown) => void;
}

/** Tries one source again and again, until another one is wanted. */
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

  /** Tries of the wanted source that failed, one after another. */
  get failures(): number {
    return this.#failures;
  }

  /** null: none is tried any more. */
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
