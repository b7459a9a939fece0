import type { Clock } from '../../core/clock.js';

/** An address that cannot be given back lives on to its own end and costs one place of the account's streams at most. */
const MOST_TRIES = 5;
const FIRST_WAIT_MS = 60_000;
const WAIT_GROWTH = 4;

interface Tries {
  count: number;
  nextAtMs: number;
}

/** How often each URL was tried to be given back, so that one that cannot be does not stand in the way of the others for ever. */
export class RetireTries {
  readonly #clock: Clock;
  readonly #tries = new Map<string, Tries>();
  /** Given back, or given up, while the store still names them. */
  readonly #over = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The first of the camera's URLs whose turn it is; undefined: all wait. */
  next(cameraId: string, urlIds: readonly string[]): string | undefined {
    const nowMs = this.#clock.monotonicMs();
    return urlIds.find((urlId) => {
      const key = keyOf(cameraId, urlId);
      return !this.#over.has(key) && (this.#tries.get(key)?.nextAtMs ?? 0) <= nowMs;
    });
  }

  /** After a try that failed: true when it was the last one. */
  failed(cameraId: string, urlId: string): boolean {
    const key = keyOf(cameraId, urlId);
    const count = (this.#tries.get(key)?.count ?? 0) + 1;
    const waitMs = FIRST_WAIT_MS * WAIT_GROWTH ** (count - 1);
    this.#tries.set(key, { count, nextAtMs: this.#clock.monotonicMs() + waitMs });
    return count >= MOST_TRIES;
  }

  /** It is not to be given back any more, whatever the store goes on saying. */
  done(cameraId: string, urlId: string): void {
    this.#tries.delete(keyOf(cameraId, urlId));
    this.#over.add(keyOf(cameraId, urlId));
  }

  isDone(cameraId: string, urlId: string): boolean {
    return this.#over.has(keyOf(cameraId, urlId));
  }

  /** The store does not name it any more. */
  forget(cameraId: string, urlId: string): void {
    this.#over.delete(keyOf(cameraId, urlId));
  }
}

function keyOf(cameraId: string, urlId: string): string {
  return `${cameraId} ${urlId}`;
}
