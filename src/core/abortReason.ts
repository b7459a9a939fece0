/** Why a signal was aborted, as an Error: a signal's `reason` may be anything. */
export function abortReason(reason: unknown): Error {
  return reason instanceof Error ? reason : new DOMException('aborted', 'AbortError');
}
