import { sleep, type Clock } from '../../core/clock.js';

/** Waits for the work, at most `ms`; work that takes longer is not cancelled. */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const limit = sleep(clock, ms, done.signal).catch(() => undefined);
  try {
    await Promise.race([work, limit]);
  } finally {
    done.abort();
  }
}
