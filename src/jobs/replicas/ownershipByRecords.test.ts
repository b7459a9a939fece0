import { onTestFinished, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { sqliteHarness, type StoreHarness } from '../../../test/support/store/storeHarness.js';
import { AppError } from '../../core/errors.js';
import type { Store } from '../../store/store.js';
import { ownerOf } from './ownershipRecords.js';
import { OwnershipByRecords } from './ownershipByRecords.js';

const BEAT_MS = 5_000;
interface Process {
  readonly ownership: OwnershipByRecords;
  readonly store: Store;
  readonly clock: TurnedClock;
  readonly warnings: readonly string[];
  /** Stops its beats and reads, as after kill -9. */
  kill(): void;
  storeAway(isAway: boolean): void;
}

interface House {
  readonly harness: StoreHarness;
  readonly start: (owner: string, clock?: TurnedClock) => Promise<Process>;
  /** Advances every process's clock by `ms`; the clocks may show different times. */
  readonly pass: (ms: number) => Promise<void>;
  readonly fence: (account: string) => Promise<number>;
  /** The media server that every process reaches: its owner leaves its fence there when it writes. */
  readonly media: { fence: number };
}

async function house(): Promise<House> {
  const harness = await sqliteHarness();
  onTestFinished(() => harness.close());
  const clocks = new Set<TurnedClock>();
  const reader = await harness.open();
  const media = { fence: 0 };
  return {
    ...{ harness, media },
    async start(owner, clock = new TurnedClock()) {
      clocks.add(clock);
      const store = await harness.open({ clock });
      const state = { alive: true, away: false };
      const guard = async <T>(run: () => Promise<T>): Promise<T> => {
        if (!state.alive) return new Promise(() => undefined);
        if (state.away) throw new AppError('STORE_UNREACHABLE', 'The database does not answer.');
        return run();
      };
      const beat = (): void => {
        if (!state.alive) return;
        void guard(() => store.heartbeat(owner)).catch(() => undefined);
        clock.after(BEAT_MS, beat);
      };
      beat();
      const { records } = store;
      const warnings: string[] = [];
      const log = { info: () => undefined, warn: (text: string) => void warnings.push(text), debug: () => undefined };
      const ownership = new OwnershipByRecords({
        ...{ clock, owner, log, accounts: ['north', 'south'] },
        records: {
          list: (kind, query) => guard(() => records.list(kind, query)),
          put: (record, expected) => guard(() => records.put(record, expected)),
        },
        livingOthers: (self) => guard(() => store.livingOthers(self)),
        marker: () => Promise.resolve({ name: 'media-1', fence: media.fence }),
      });
      await ownership.start();
      return {
        ...{ ownership, store, clock, warnings },
        kill: () => void (state.alive = false),
        storeAway: (isAway) => void (state.away = isAway),
      };
    },
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += 500)
        await Promise.all([...clocks].map((clock) => clock.advance(Math.min(500, ms - passed))));
    },
    fence: async (account) => ownerOf(await reader.records.get('account-owner', account)).fence,
  };
}

const owns = ({ ownership }: Process): string =>
  [ownership.account('north') && 'north', ownership.account('south') && 'south', ownership.engine() && 'engine']
    .filter((name) => name !== false)
    .join(' ');
const ALL = 'north south engine';

it('the first process owns everything, the second nothing', async () => {
  const { start, pass } = await house();
  const first = await start('first');
  const second = await start('second');
  await pass(60_000);
  expect([owns(first), owns(second)]).toEqual([ALL, '']);
  expect(second.ownership.isShared()).toBe(true);
});

it('of two that start at once one owns each thing', async () => {
  const { start } = await house();
  const both = await Promise.all([start('first'), start('second')]);
  const names = both.flatMap((one) => owns(one).split(' ').filter(Boolean)).sort();
  expect(names).toEqual(['engine', 'north', 'south']);
});

it('what a dead process owned is taken over within 20 s, and not within 10, though the clocks disagree by an hour', async () => {
  const { start, pass, fence } = await house();
  const ahead = new TurnedClock(new Date('2026-03-01T13:00:00Z'));
  const behind = new TurnedClock(new Date('2026-03-01T12:00:00Z'));
  const first = await start('first', ahead);
  const second = await start('second', behind);
  await pass(30_000);
  const before = await fence('north');
  first.kill();
  await pass(10_000);
  expect(owns(second)).toBe('');
  await pass(10_000);
  expect(owns(second)).toBe(ALL);
  expect(await fence('north')).toBe(before + 1);
});

it('a clock that jumps takes nothing from anybody', async () => {
  const { start, pass } = await house();
  const first = await start('first');
  const second = await start('second');
  await pass(5_000);
  second.clock.jumpWallClock(3_600_000);
  await pass(10_000);
  first.clock.jumpWallClock(-7_200_000);
  await pass(30_000);
  expect([owns(first), owns(second)]).toEqual([ALL, '']);
});

it('a clean stop gives everything back, and the next look of another one takes it', async () => {
  const { start, pass } = await house();
  const first = await start('first');
  const second = await start('second');
  await pass(5_000);
  await first.ownership.stop();
  expect(owns(first)).toBe('');
  await pass(2_000);
  expect(owns(second)).toBe(ALL);
});

it('a process that comes back from the dead has its own at once, under a new fence', async () => {
  const { start, pass, fence } = await house();
  const first = await start('first');
  await start('second');
  await pass(5_000);
  const before = await fence('north');
  first.kill();
  const again = await start('first');
  expect(owns(again)).toBe(ALL);
  expect(await fence('north')).toBe(before + 1);
});

it('who slept through a takeover does not act on what it remembers', async () => {
  const { start, pass } = await house();
  const clock = new TurnedClock();
  const first = await start('first', clock);
  const second = await start('second');
  await pass(5_000);
  // Its monotonic clock ran on, and it has not read the records yet.
  const remembers = first.ownership;
  first.kill();
  await pass(20_000);
  expect(remembers.account('north')).toBe(false);
  expect(owns(second)).toBe(ALL);
});

it('who slept does not act on what it remembers, though its monotonic clock slept too', async () => {
  const { start, pass } = await house();
  const first = await start('first');
  await pass(5_000);
  expect(owns(first)).toBe(ALL);
  first.clock.jumpWallClock(60_000);
  expect(owns(first)).toBe('');
  await pass(2_000);
  expect(owns(first)).toBe(ALL);
});

it('while the store is away its last owner goes on, and nobody takes over', async () => {
  const { start, pass } = await house();
  const first = await start('first');
  const second = await start('second');
  await pass(5_000);
  first.storeAway(true);
  second.storeAway(true);
  await pass(60_000);
  expect([owns(first), owns(second)]).toEqual([ALL, '']);
  first.storeAway(false);
  second.storeAway(false);
  await pass(4_000);
  expect([owns(first), owns(second)]).toEqual([ALL, '']);
});

it('who alone is cut off from the store owns nothing once another one wrote the media server', async () => {
  const { start, pass, media } = await house();
  const first = await start('first');
  media.fence = first.ownership.engineFence();
  const second = await start('second');
  await pass(5_000);
  const heard: string[] = [];
  first.ownership.onChange(() => heard.push(owns(first)));
  first.storeAway(true);
  await pass(20_000);
  expect([owns(first), owns(second)]).toEqual([ALL, ALL]);
  media.fence = second.ownership.engineFence();
  await pass(2_000);
  expect([owns(first), owns(second)]).toEqual(['', ALL]);
  expect(heard).toEqual(['']);
  first.storeAway(false);
  await pass(60_000);
  expect([owns(first), owns(second)]).toEqual(['', ALL]);
  // When the replacement dies, the first process takes over again.
  second.kill();
  await pass(20_000);
  expect(owns(first)).toBe(ALL);
  expect(first.ownership.engineFence()).toBe(media.fence + 1);
});

it('a media server that was written under another database gets an owner whose fence is above', async () => {
  const { start, pass, media } = await house();
  media.fence = 17;
  const first = await start('first');
  expect(owns(first)).toBe(ALL);
  expect(first.ownership.engineFence()).toBe(18);
  media.fence = 18;
  await pass(5_000);
  media.fence = 40;
  await pass(2_000);
  expect(first.ownership.engineFence()).toBe(41);
  expect(first.warnings).toEqual(['Another camlease with another database writes to this media server, too.']);
  expect(owns(first)).toBe(ALL);
});

it('two databases that take one media server from each other do so once a minute', async () => {
  const { start, pass, media } = await house();
  const first = await start('first');
  for (let second = 0; second < 600; second++) {
    // The other installation takes the media server back at once.
    media.fence = Math.max(media.fence, first.ownership.engineFence() + 1);
    await pass(1_000);
  }
  expect(media.fence).toBeGreaterThan(8);
  expect(media.fence).toBeLessThan(26);
});

it('tells its listeners when something changes hands', async () => {
  const { start, pass } = await house();
  const first = await start('first');
  const second = await start('second');
  const heard: string[] = [];
  second.ownership.onChange(() => heard.push(owns(second)));
  await pass(5_000);
  expect(heard).toEqual([]);
  await first.ownership.stop();
  await pass(2_000);
  expect(heard.at(-1)).toBe(ALL);
});
