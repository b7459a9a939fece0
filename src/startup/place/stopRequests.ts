import type { Clock } from '../../core/clock.js';

/** One Ctrl-C can arrive twice: the terminal signals the whole group, and npm passes its own copy on. */
const ECHO_MS = 1_000;

export type StopRequest =
  /** Begin to stop. */
  | 'first'
  /** The same request once more: nothing to do. */
  | 'echo'
  /** Somebody does not want to wait: end at once. */
  | 'again';

/** Returns a function to call at each signal; it says what the signal means. */
export function stopRequests(clock: Clock): () => StopRequest {
  let firstMs: number | null = null;
  return () => {
    const nowMs = clock.monotonicMs();
    if (firstMs !== null) return nowMs - firstMs < ECHO_MS ? 'echo' : 'again';
    firstMs = nowMs;
    return 'first';
  };
}
