import { sleep, type Clock } from '../clock.js';

export interface Asking {
  readonly clock: Clock;
  /** The pause between two questions (ms). */
  readonly everyMs: number;
  /** No question is asked later than this (ms). Absent: the questions go on until one is answered, or the signal is aborted. */
  readonly withinMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks until the answer is neither null nor false, and returns that answer; null: the time is over. Rejects as `ask` does, and with the
 * signal's reason when it is aborted in a pause.
 */
export async function askUntil<T>(
  { clock, everyMs, withinMs = Number.POSITIVE_INFINITY, signal }: Asking,
  ask: () => Promise<T | null | false> | T | null | false,
): Promise<T | null> {
  const endMs = clock.monotonicMs() + withinMs;
  while (clock.monotonicMs() < endMs) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    await sleep(clock, everyMs, signal);
  }
  return null;
}
