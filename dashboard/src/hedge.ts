import { pause } from './pause';

/** One try. It ends what it began when the signal is aborted, and calls `answered` when the other side has answered. */
export type Try<T> = (signal: AbortSignal, answered: () => void) => Promise<T>;

/**
 * The result of one try, or of a second one that begins beside it when the first was not answered for `hangMs`: it may hang in a
 * network that is well again. Rejects as the first did when all have failed. `drop` gets a result that came too late.
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
