import type { Clock } from '../../core/clock.js';

/**
 * A URL that cannot be given back is given up after this many tries: it lives until it expires, and uses at most one of
 * the account's streams.
 */
const MOST_TRIES = 5;
const FIRST_WAIT_MS = 60_000;
const WAIT_GROWTH = 4;

interface Tries {
  count: number;
  nextAtMs: number;
}

/** Counts the tries to give each URL back, so that one that fails does not hold up the others for ever. */
export class RetireTries {
  readonly #clock: Clock;
  readonly #tries = new Map<string, Tries>();
  /** URLs that were given back or given up, and are still in the stored list. */
  readonly #over = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The first of the camera's URLs that may be tried now; undefined: all wait, or are done. */
  next(cameraId: string, urlIds: readonly string[]): string | undefined {
    const nowMs = this.#clock.monotonicMs();
    return urlIds.find((urlId) => {
      const key = keyOf(cameraId, urlId);
      return !this.#over.has(key) && (this.#tries.get(key)?.nextAtMs ?? 0) <= nowMs;
    });
  }

  /** Counts a failed try. Returns true when it was the last one. */
  failed(cameraId: string, urlId: string): boolean {
    const key = keyOf(cameraId, urlId);
    const count = (this.#tries.get(key)?.count ?? 0) + 1;
    const waitMs = FIRST_WAIT_MS * WAIT_GROWTH ** (count - 1);
    this.#tries.set(key, { count, nextAtMs: this.#clock.monotonicMs() + waitMs });
    return count >= MOST_TRIES;
  }

  /** The URL is given back or given up, even if the store still lists it. */
  done(cameraId: string, urlId: string): void {
    this.#tries.delete(keyOf(cameraId, urlId));
    this.#over.add(keyOf(cameraId, urlId));
  }

  isDone(cameraId: string, urlId: string): boolean {
    return this.#over.has(keyOf(cameraId, urlId));
  }

  /** The store does not list the URL any more. */
  forget(cameraId: string, urlId: string): void {
    this.#over.delete(keyOf(cameraId, urlId));
  }
}

function keyOf(cameraId: string, urlId: string): string {
  return `${cameraId} ${urlId}`;
}
