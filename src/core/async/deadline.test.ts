import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { askUntil } from './askUntil.js';
import { limited, within } from './deadline.js';

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

describe('work with a limit of time', () => {
  it('is waited for no longer than that, and goes on', async () => {
    const clock = new TurnedClock();
    let isOver = false;
    const waited = within(clock, 1_000, new Promise(() => undefined)).then(() => (isOver = true));
    await clock.advance(999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await waited;
    await expect(within(clock, 1_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('is aborted with the reason that its caller gives', async () => {
    const clock = new TurnedClock();
    const late = limited({ clock, ms: 1_000, late: () => new Error('too late') }, untilAborted);
    late.catch(() => undefined);
    await clock.advance(1_000);
    await expect(late).rejects.toThrow('too late');
  });

  it('is aborted by the signal of its caller', async () => {
    const stop = new AbortController();
    const ended = limited({ clock: new TurnedClock(), ms: 1_000, signal: stop.signal }, untilAborted);
    stop.abort(new Error('stopping'));
    await expect(ended).rejects.toThrow('stopping');
  });

  it('is not aborted after it has ended', async () => {
    const clock = new TurnedClock();
    let seen: AbortSignal | null = null;
    const answer = await limited({ clock, ms: 1_000 }, (signal) => {
      seen = signal;
      return Promise.resolve('good');
    });
    await clock.advance(5_000);
    expect([answer, (seen as AbortSignal | null)?.aborted]).toEqual(['good', false]);
  });
});

describe('a repeated question', () => {
  it('is asked until its answer is good, and not after its time', async () => {
    const clock = new TurnedClock();
    let asked = 0;
    const good = askUntil({ clock, everyMs: 100 }, () => (++asked === 3 ? 'good' : null));
    await clock.advance(1_000);
    expect([await good, asked]).toEqual(['good', 3]);
    asked = 0;
    const none = askUntil({ clock, everyMs: 100, withinMs: 250 }, () => ++asked > 9);
    await clock.advance(1_000);
    expect([await none, asked]).toEqual([null, 3]);
  });

  it('ends with the reason of its signal', async () => {
    const clock = new TurnedClock();
    const stop = new AbortController();
    const asking = askUntil({ clock, everyMs: 100, signal: stop.signal }, () => null);
    stop.abort(new Error('stopping'));
    await expect(asking).rejects.toThrow('stopping');
  });
});
