import { abortReason } from './abortReason.js';

/** A clock that callers hand in. Only `systemClock` (beside app.ts) reads the machine's own; tests hand in one that they set. */
export interface Clock {
  /** Wall clock: what an expiry is compared with. May jump. */
  now(): Date;
  /** Milliseconds since some fixed moment; never jumps. For intervals and rates. */
  monotonicMs(): number;
  /** Calls `run` once, after `ms`. The returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** Randomness, handed in: a number from 0 (included) to 1 (not included). */
export type Random = () => number;

/** Waits on the handed-in clock; rejects with the signal's reason when it is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal.reason));
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(abortReason(signal?.reason));
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
