import type { Clock } from '../../core/clock.js';

/** One Ctrl-C can arrive twice: the terminal signals the whole group, and npm passes its own copy on. */
const ECHO_MS = 1_000;

export type StopRequest =
  /** The first request: begin to stop. */
  | 'first'
  /** An echo of the first request: nothing to do. */
  | 'echo'
  /** A second request: the person does not want to wait, so end at once. */
  | 'again';

/** Returns a function to call at each signal; its result says what the signal means. */
export function stopRequests(clock: Clock): () => StopRequest {
  let firstMs: number | null = null;
  return () => {
    const nowMs = clock.monotonicMs();
    if (firstMs !== null) return nowMs - firstMs < ECHO_MS ? 'echo' : 'again';
    firstMs = nowMs;
    return 'first';
  };
}
