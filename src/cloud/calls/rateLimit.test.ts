import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { sleep } from '../../core/clock.js';
import { CameraError } from '../../core/errors.js';
import type { CallPriority } from '../cloudApi.js';
import { AGEING_MS, CallQueue, type QueuePriority, type Send } from './rateLimit.js';

const PRIORITIES: readonly CallPriority[] = ['renew', 'discover', 'capture'];

/** Repeatable randomness: one seed gives the same arrivals in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function quotaError(leftMs: number): CameraError {
  return new CameraError('10007', 'quota', 'too many calls', { cure: 'wait', retryAfterMs: leftMs });
}

/** The most requests that landed within any 950 ms. */
function mostIn950Ms(landings: readonly number[]): number {
  const sorted = landings.toSorted((a, b) => a - b);
  return Math.max(0, ...sorted.map((first) => sorted.filter((at) => at >= first && at < first + 950).length));
}

/** A queue whose requests note when they started and landed. */
function harness(latencyMs: () => number = () => 0, holdUpMs: () => number = () => 0) {
  const clock = new TurnedClock();
  const queue = new CallQueue(clock);
  const started: { readonly name: string; readonly atMs: number }[] = [];
  const landings: number[] = [];
  const send =
    (name: string): Send<string> =>
    async (departed, signal) => {
      started.push({ name, atMs: clock.monotonicMs() });
      const holdUp = holdUpMs();
      if (holdUp > 0) await sleep(clock, holdUp, signal);
      landings.push(clock.monotonicMs());
      departed();
      const latency = latencyMs();
      if (latency > 0) await sleep(clock, latency, signal);
      return name;
    };
  const run = (priority: QueuePriority, name: string, signal?: AbortSignal): Promise<string> =>
    queue.run(priority, send(name), signal);
  const order = (): string[] => started.map(({ name }) => name);
  return { clock, queue, run, started, landings, order };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('CallQueue pace', () => {
  it('sends at once after a quiet time and then evenly, within 3 % of the floor', async () => {
    const { clock, run, started } = harness(() => 350);
    await clock.runUntil(Promise.all(numbers(100).map((index) => run('renew', `${index}`))));
    expect(started[0]?.atMs).toBe(0);
    const gaps = started.slice(1).map(({ atMs }, index) => atMs - (started[index]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBe(201);
    expect(Math.max(...gaps)).toBe(201);
    expect(clock.monotonicMs()).toBeLessThan((100 / 5) * 1030 + 350);
  });

  it('does not wait for replies', async () => {
    const { clock, run, started } = harness(() => 10_000);
    const all = Promise.all(numbers(10).map((index) => run('renew', `${index}`)));
    await clock.advance(2000);
    expect(started).toHaveLength(10);
    await clock.runUntil(all);
  });

  it('never lands six in 950 ms when requests are held up on their way out', async () => {
    for (const seed of numbers(10)) {
      const random = seeded(seed);
      const { clock, run, landings } = harness(
        () => random() * 400,
        () => (random() < 0.2 ? random() * 900 : 0),
      );
      await clock.runUntil(Promise.all(numbers(60).map((index) => run('renew', `${index}`))));
      expect(landings).toHaveLength(60);
      expect(mostIn950Ms(landings)).toBeLessThanOrEqual(5);
    }
  });

  it('loses little time to late departures of a few milliseconds', async () => {
    const { clock, run } = harness(undefined, () => 4);
    await clock.runUntil(Promise.all(numbers(200).map((index) => run('renew', `${index}`))));
    expect(clock.monotonicMs()).toBeLessThan((200 / 5) * 1030);
  });

  it('keeps limit, order and fairness for random arrivals', async () => {
    for (const seed of numbers(25)) {
      const random = seeded(seed);
      const { clock, run, landings, started } = harness(() => random() * 800);
      const arrivals = numbers(80).map((index) => ({
        name: `${index}`,
        atMs: Math.floor(random() * 12_000),
        priority: PRIORITIES[Math.floor(random() * 3)] ?? 'renew',
      }));
      const all = arrivals.map(async ({ name, atMs, priority }) => {
        await sleep(clock, atMs);
        await run(priority, name);
      });
      await clock.runUntil(Promise.all(all));

      expect(mostIn950Ms(landings)).toBeLessThanOrEqual(5);
      const place = new Map(started.map(({ name }, index) => [name, index]));
      const placeOf = (name: string): number => place.get(name) ?? -1;
      for (const one of arrivals) {
        for (const other of arrivals) {
          const rankOne = PRIORITIES.indexOf(one.priority);
          const rankOther = PRIORITIES.indexOf(other.priority);
          const goesFirst =
            (rankOne === rankOther && one.atMs < other.atMs) ||
            // Nothing starves: after its handicap even the lowest priority goes before later requests.
            one.atMs + (rankOne - rankOther) * AGEING_MS < other.atMs;
          const overtook = placeOf(one.name) > placeOf(other.name);
          // A request that left before the other one came did not overtake it.
          const met = (started[placeOf(other.name)]?.atMs ?? 0) >= one.atMs;
          expect(goesFirst && overtook && met).toBe(false);
        }
      }
    }
  });
});

describe('CallQueue priorities', () => {
  it('sends a login first, then renewals, discovery and captures', async () => {
    const { clock, run, order, queue } = harness();
    const all = Promise.all([
      run('capture', 'first come'),
      run('capture', 'capture'),
      run('discover', 'discover'),
      run('renew', 'renew 1'),
      run('renew', 'renew 2'),
      run('login', 'login'),
    ]);
    await clock.advance(0);
    expect(queue.queued()).toEqual({ renew: 2, discover: 1, capture: 1 });
    await clock.runUntil(all);
    expect(order()).toEqual(['first come', 'login', 'renew 1', 'renew 2', 'discover', 'capture']);
    expect(queue.queued()).toEqual({ renew: 0, discover: 0, capture: 0 });
  });

  it('lets a capture through a renewal queue that never runs dry', async () => {
    const { clock, run, order } = harness();
    const capture = run('capture', 'capture');
    void run('renew', 'x');
    const renewals: Promise<string>[] = [];
    const feed = async (): Promise<void> => {
      for (const index of numbers(400)) {
        renewals.push(run('renew', `${index}`));
        await sleep(clock, 150);
      }
    };
    const blocked = run('capture', 'second capture');
    const feeding = feed();
    await clock.runUntil(Promise.all([capture, blocked]), 60_000);
    expect(order().indexOf('second capture')).toBeGreaterThan(100);
    await clock.runUntil(feeding);
    await clock.runUntil(Promise.all(renewals));
  });
});

describe('CallQueue aborts and pauses', () => {
  it('forgets a request that is aborted in the queue', async () => {
    const { clock, run, order, queue } = harness();
    const stop = new AbortController();
    const first = run('renew', 'first');
    const second = run('renew', 'second', stop.signal);
    const third = run('renew', 'third');
    const reason = new Error('nobody wants it any more');
    stop.abort(reason);
    await expect(second).rejects.toBe(reason);
    expect(queue.queued().renew).toBe(1);
    await clock.runUntil(Promise.all([first, third]));
    expect(order()).toEqual(['first', 'third']);
  });

  it('aborts a request on its way', async () => {
    const { clock, run } = harness(() => 5000);
    const stop = new AbortController();
    const call = run('renew', 'call', stop.signal);
    await clock.advance(100);
    stop.abort(new Error('stop'));
    await expect(call).rejects.toThrow('stop');
  });

  it('holds everything through a short pause and then goes on', async () => {
    const { clock, queue, run, started } = harness();
    await run('renew', 'before');
    queue.pause(60_000, quotaError);
    const after = Promise.all([run('capture', 'capture'), run('renew', 'renew'), run('login', 'login')]);
    await clock.advance(59_999);
    expect(started).toHaveLength(1);
    await clock.runUntil(after);
    expect(started.slice(1).map(({ name }) => name)).toEqual(['login', 'renew', 'capture']);
    expect(started[1]?.atMs).toBe(60_000);
  });

  it('refuses what would have to wait through a long pause, with the time that is left', async () => {
    const { clock, queue, run } = harness();
    await run('renew', 'before');
    const waiting = run('renew', 'waiting');
    queue.pause(600_000, quotaError);
    await expect(waiting).rejects.toMatchObject({ code: '10007', retryAfterMs: 600_000 });
    await clock.advance(100_000);
    await expect(run('discover', 'newcomer')).rejects.toMatchObject({ retryAfterMs: 500_000 });
    await clock.advance(450_000);
    await expect(clock.runUntil(run('renew', 'nearly over'))).resolves.toBe('nearly over');
  });

  it('pauses captures alone when only captures are over their limit', async () => {
    const { clock, queue, run } = harness();
    queue.pause(60_000, quotaError, ['capture']);
    const capture = run('capture', 'capture');
    await expect(clock.runUntil(run('renew', 'renew'), 1000)).resolves.toBe('renew');
    expect(queue.queued().capture).toBe(1);
    await clock.runUntil(capture);
  });

  it('aborts everything when it is closed, and takes nothing more', async () => {
    const { run, queue } = harness(() => 5000);
    const flying = run('renew', 'flying');
    const waiting = run('renew', 'waiting');
    queue.close();
    await expect(flying).rejects.toMatchObject({ name: 'AbortError' });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await expect(run('renew', 'late')).rejects.toMatchObject({ name: 'AbortError' });
  });
});
