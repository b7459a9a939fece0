import { abortReason } from '../abortReason.js';

/** Settles as the promise does, or rejects with the signal's reason as soon as it is aborted. What runs goes on. */
export function orAborted<T>(running: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return running;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal.reason));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    running.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
