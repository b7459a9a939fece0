import { describe, expect, it } from 'vitest';
import { orAborted } from './orAborted.js';

const never = new Promise<never>(() => undefined);

describe('a wait that a signal may end', () => {
  it.each([undefined, new AbortController().signal])('settles as the work does', async (signal) => {
    await expect(orAborted(Promise.resolve(7), signal)).resolves.toBe(7);
    await expect(orAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
  });

  it('ends with the reason of the signal, while the work goes on', async () => {
    const abort = new AbortController();
    const waiting = orAborted(never, abort.signal);
    abort.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
  });

  it('ends at once when the signal is aborted before, and a late failure of the work is nobody’s', async () => {
    let fail = (): void => undefined;
    const work = new Promise<void>((_, reject) => (fail = () => reject(new Error('late'))));
    const waiting = orAborted(work, AbortSignal.abort('no Error'));
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    fail();
    await expect(work).rejects.toThrow('late');
  });
});
