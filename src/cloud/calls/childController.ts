import { abortReason } from '../../core/abortReason.js';

/**
 * A controller that the parent signal aborts too. Call `unlink` when the work is over: `AbortSignal.any` would leave a trace in
 * a parent that lives for months.
 */
export function childController(parent?: AbortSignal): { controller: AbortController; unlink: () => void } {
  const controller = new AbortController();
  if (!parent) return { controller, unlink: () => undefined };
  const onAbort = (): void => controller.abort(abortReason(parent.reason));
  if (parent.aborted) onAbort();
  else parent.addEventListener('abort', onAbort, { once: true });
  return { controller, unlink: () => parent.removeEventListener('abort', onAbort) };
}
