import { pause } from './pause';

/** One try. It must end what it began when the signal is aborted, and call `answered` when the server has answered. */
export type Try<T> = (signal: AbortSignal, answered: () => void) => Promise<T>;

/**
 * The result of one try, or of a second one that starts beside it when the first had no answer for `hangMs`: the first may hang although
 * the network works again. Rejects with the first try's error when all have failed. `drop` gets a result that came too late.
 */
export async function hedged<T>(
  attempt: Try<T>,
  hangMs: number,
  signal: AbortSignal,
  drop: (late: T) => void,
): Promise<T> {
  const won = new AbortController();
  const both = AbortSignal.any([signal, won.signal]);
  const moved = new AbortController();
  const begin = async (): Promise<T> => {
    const result = await attempt(both, () => moved.abort());
    if (both.aborted) drop(result);
    both.throwIfAborted();
    won.abort(new Error('another try was faster'));
    return result;
  };
  const first = begin().finally(() => moved.abort());
  const second = pause(hangMs, AbortSignal.any([both, moved.signal])).then(() =>
    moved.signal.aborted || both.aborted ? first : begin(),
  );
  return Promise.any([first, second]).catch(() => first);
}
