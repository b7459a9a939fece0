import { sleep, type Clock } from '../clock.js';

/** Waits for the work, at most `ms`; work that takes longer is not cancelled. Rejects as the work does. */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const limit = sleep(clock, ms, done.signal).catch(() => undefined);
  try {
    await Promise.race([work, limit]);
  } finally {
    done.abort();
  }
}

export interface Limit {
  readonly clock: Clock;
  readonly ms: number;
  /** Aborts the work before its time is over. */
  readonly signal?: AbortSignal | undefined;
  /** The reason with which the work is aborted when its time is over. Absent: a plain `TimeoutError`. */
  readonly late?: () => Error;
}

/** Runs work that ends soon after its signal is aborted: after `ms`, or by the caller's signal. Settles as the work does. */
export async function limited<T>(
  { clock, ms, signal, late }: Limit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const cancelTimer = clock.after(ms, () =>
    limit.abort(late?.() ?? new DOMException(`not done within ${ms} ms`, 'TimeoutError')),
  );
  try {
    return await work(signal ? AbortSignal.any([signal, limit.signal]) : limit.signal);
  } finally {
    cancelTimer();
  }
}
