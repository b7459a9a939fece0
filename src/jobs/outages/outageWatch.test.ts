import { expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import {
  aCamera,
  aLease,
  at,
  aUrlCamera,
  DAY,
  MINUTE,
  SECOND,
  T0,
  type CameraParts,
} from '../../../test/support/builders.js';
import { sqliteHarness } from '../../../test/support/store/storeHarness.js';
import type { Camera } from '../../core/camera/camera.js';
import { AppError } from '../../core/errors.js';
import type { SeenStream } from '../../core/health/health.js';
import type { RecordTable } from '../../store/recordTable.js';
import type { AccountStatus } from '../accounts/accountStates.js';
import { OutageWatch } from './outageWatch.js';

const carried = (id: string, more: CameraParts = {}): Camera =>
  aCamera({ id, mode: 'always-on', lease: aLease({ expiresAt: at(300 * DAY) }), ...more });

interface World {
  readonly clock: TurnedClock;
  readonly cameras: Map<string, Camera>;
  /** Ids of the cameras whose bytes grow. */
  readonly flowing: Set<string>;
  readonly accounts: AccountStatus[];
  engineAway: boolean;
  /** Called when the engine is asked for its states, which then never come; null: it answers. */
  engineHangs: (() => void) | null;
  storeAway: boolean;
  reset(): void;
  /** Another process starts its outage watch on the same store. */
  watch(): OutageWatch;
  /** Lets time pass, check by check. */
  pass(ms: number): Promise<void>;
}

async function world(): Promise<World> {
  const harness = await sqliteHarness();
  onTestFinished(() => harness.close());
  const store = await harness.open();
  const clock = new TurnedClock();
  const listeners: (() => void)[] = [];
  const bytes = new Map<string, number>();
  const records = new Proxy<RecordTable>(store.records, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown =>
        here.storeAway ? Promise.reject(new AppError('STORE_UNREACHABLE', 'away')) : Reflect.apply(value, target, args);
    },
  });
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const here: World = {
    clock,
    cameras: new Map(),
    flowing: new Set(),
    accounts: [],
    engineAway: false,
    engineHangs: null,
    storeAway: false,
    reset: () => {
      bytes.clear();
      for (const listener of listeners) listener();
    },
    watch: () => {
      const watch = new OutageWatch({
        clock,
        log: {
          ...log,
          child: () => ({
            ...log,
            child: () => {
              throw new Error('unused');
            },
          }),
        },
        records,
        store: {
          peek: (id) => here.cameras.get(id) ?? null,
          peekAll: () => [...here.cameras.values()],
          onChange: () => () => undefined,
        },
        engine: {
          onReset: (listener) => void listeners.push(listener),
          states: async (signal) => {
            if (here.engineHangs) {
              here.engineHangs();
              await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
            }
            if (here.engineAway) throw new AppError('ENGINE_UNREACHABLE', 'away');
            return new Map([...here.cameras.values()].flatMap(({ id, mode }) => seenOf(id, mode)));
          },
        },
        accounts: () => here.accounts,
      });
      watch.start();
      return watch;
    },
    pass: async (ms) => {
      await clock.advance(ms);
    },
  };
  const seenOf = (
    id: string,
    mode: Camera['mode'],
  ): [string, SeenStream & { bytesReceived: number; viewers: number }][] => {
    const isFlowing = here.flowing.has(id);
    if (isFlowing) bytes.set(id, (bytes.get(id) ?? 0) + 100);
    const flow = isFlowing ? 'flowing' : mode === 'on-demand' ? 'idle' : 'stopped';
    return [[id, { revision: 1, flow, bytesReceived: bytes.get(id) ?? 0, viewers: 0 }]];
  };
  return here;
}

it('an outage begins with the last movement, is found in a moment, and ends when bytes move again', async () => {
  const here = await world();
  here.cameras.set('gate', carried('gate'));
  here.cameras.set('idle', carried('idle', { mode: 'on-demand' }));
  here.flowing.add('gate');
  const watch = here.watch();
  await here.pass(60 * SECOND);
  expect(watch.open()).toEqual([]);
  here.flowing.delete('gate');
  await here.pass(10 * SECOND);
  expect(watch.open()).toMatchObject([
    { subject: { kind: 'camera', id: 'gate' }, reason: 'NOTHING_COMES', endedAt: null },
  ]);
  here.flowing.add('gate');
  await here.pass(60 * SECOND);
  expect(watch.open()).toEqual([]);
  const [outage] = await watch.outages({ camera: 'gate' });
  const lengthMs = (outage?.endedAt?.getTime() ?? 0) - (outage?.beganAt.getTime() ?? 0);
  expect(Math.abs(lengthMs - 10_000)).toBeLessThanOrEqual(1_000);
  const { day } = await watch.availability({ kind: 'camera', id: 'gate' });
  expect(Math.abs(day.tally.down - 10_000)).toBeLessThanOrEqual(1_000);
  expect(Math.abs((day.percent ?? 0) - (100 * 120) / 130)).toBeLessThan(1);
  expect((await watch.availability({ kind: 'account', name: 'hikvision' })).day).toEqual(day);
  expect((await watch.availability({ kind: 'camera', id: 'idle' })).week.percent).toBeNull();
  await watch.stop();
});

it('a camera by URL has an outage as any other: unplugged for ten minutes, and where nobody watches after a failed opening', async () => {
  const here = await world();
  here.cameras.set('hall', aUrlCamera({ id: 'hall', mode: 'always-on' }));
  const park = aUrlCamera({ id: 'park', mode: 'on-demand', source: { openedAt: T0 } });
  here.cameras.set('park', park);
  here.flowing.add('hall');
  const watch = here.watch();
  await here.pass(MINUTE);
  expect(watch.open()).toEqual([]);
  here.flowing.delete('hall');
  const [code, message] = ['STREAM_UNREACHABLE', 'The relay cannot reach the camera.'];
  const since = here.clock.now();
  const failure = { code, message, failureClass: 'retry', cure: 'Turn it on.', since, at: since, attempts: 1 } as const;
  here.cameras.set('park', { ...park, failure: { ...failure, nextLookAt: at(DAY) } });
  await here.pass(10 * MINUTE);
  const open = [...watch.open()].sort((a, b) => a.reason.localeCompare(b.reason));
  expect(open).toMatchObject([
    { subject: { id: 'hall' }, reason: 'NOTHING_COMES', account: null },
    { subject: { id: 'park' }, reason: code, message, beganAt: since },
  ]);
  expect(JSON.stringify(open)).not.toMatch(/\b(?:lease|cloud)/i);
  here.flowing.add('hall');
  here.cameras.set('park', park);
  await here.pass(MINUTE);
  expect(watch.open()).toEqual([]);
  for (const id of ['hall', 'park']) {
    const { day } = await watch.availability({ kind: 'camera', id });
    expect(Math.abs(day.tally.down - 10 * MINUTE)).toBeLessThanOrEqual(10_000);
  }
  await watch.stop();
});

it('a camera that nobody pulls is dark when its lease is over, until one is there again', async () => {
  const here = await world();
  const camera = carried('yard', { mode: 'on-demand', lease: aLease({ expiresAt: at(MINUTE) }) });
  here.cameras.set('yard', camera);
  const watch = here.watch();
  await here.pass(2 * MINUTE);
  expect(watch.open()).toMatchObject([{ reason: 'LEASE_EXPIRED', beganAt: at(MINUTE) }]);
  here.cameras.set('yard', { ...camera, lease: aLease({ revision: 2, expiresAt: at(DAY) }) });
  await here.pass(10 * SECOND);
  expect(watch.open()).toEqual([]);
  const { day } = await watch.availability({ kind: 'all' });
  expect(Math.abs(day.tally.down - MINUTE)).toBeLessThanOrEqual(6_000);
  await watch.stop();
});

it('what a switched-off, missing or just found camera does is no outage, and what an offline one does is not ours', async () => {
  const here = await world();
  here.cameras.set('off', carried('off', { enabled: false }));
  here.cameras.set('gone', carried('gone', { status: 'missing' }));
  here.cameras.set('new', carried('new', { lease: null }));
  here.cameras.set('away', carried('away', { status: 'offline' }));
  const watch = here.watch();
  await here.pass(MINUTE);
  expect(watch.open().map(({ reason, subject }) => [subject, reason])).toEqual([
    [{ kind: 'camera', id: 'away' }, 'CAMERA_OFFLINE'],
  ]);
  const { day } = await watch.availability({ kind: 'camera', id: 'away' });
  expect([day.percent, day.percentOurs]).toEqual([0, null]);
  await watch.stop();
});

it('outages survive a restart, and the time without camlease is unknown', async () => {
  const here = await world();
  here.cameras.set('gate', carried('gate'));
  here.cameras.set('yard', carried('yard'));
  here.flowing.add('yard');
  const first = here.watch();
  await here.pass(2 * MINUTE);
  const [open] = first.open();
  await here.clock.runUntil(first.stop());
  await here.pass(30 * MINUTE);
  const second = here.watch();
  await here.pass(MINUTE);
  expect(second.open()).toEqual([open]);
  here.flowing.add('gate');
  await here.pass(10 * SECOND);
  expect(await second.outages({})).toMatchObject([{ id: open?.id, endedAt: expect.any(Date) as Date }]);
  const gate = (await second.availability({ kind: 'camera', id: 'gate' })).day;
  const yard = (await second.availability({ kind: 'camera', id: 'yard' })).day;
  for (const { tally } of [gate, yard]) expect(Math.abs(tally.unknown - 30 * MINUTE)).toBeLessThanOrEqual(2_000);
  expect(yard.percent).toBe(100);
  expect(Math.abs(gate.tally.down - 3 * MINUTE)).toBeLessThanOrEqual(3_000);
  await here.clock.runUntil(second.stop());
});

it('loses nothing while the store is away', async () => {
  const here = await world();
  here.cameras.set('gate', carried('gate'));
  here.flowing.add('gate');
  const watch = here.watch();
  await here.pass(MINUTE);
  here.storeAway = true;
  here.flowing.delete('gate');
  await here.pass(MINUTE);
  here.flowing.add('gate');
  await here.pass(30 * MINUTE);
  expect(watch.open()).toEqual([]);
  here.storeAway = false;
  await here.pass(MINUTE);
  await here.clock.runUntil(watch.stop());
  const next = here.watch();
  await here.pass(SECOND);
  expect(await next.outages({ camera: 'gate' })).toHaveLength(1);
  const { tally } = (await next.availability({ kind: 'camera', id: 'gate' })).day;
  expect(Math.abs(tally.down - MINUTE)).toBeLessThanOrEqual(2_000);
  expect(Math.abs(tally.up - 32 * MINUTE)).toBeLessThanOrEqual(5_000);
  await here.clock.runUntil(next.stop());
});

it('a media server that was killed was an outage; one that only did not answer was none', async () => {
  const here = await world();
  here.cameras.set('gate', carried('gate'));
  here.flowing.add('gate');
  const watch = here.watch();
  await here.pass(MINUTE);
  here.engineAway = true;
  await here.pass(20 * SECOND);
  expect(watch.open()).toEqual([]);
  expect((await watch.availability({ kind: 'all' })).day.tally.unknown).toBeGreaterThan(15_000);
  here.engineAway = false;
  await here.pass(10 * SECOND);
  expect(await watch.outages({})).toEqual([]);
  here.engineAway = true;
  await here.pass(20 * SECOND);
  here.reset();
  here.engineAway = false;
  await here.pass(10 * SECOND);
  expect(await watch.outages({})).toMatchObject([{ reason: 'ENGINE_UNREACHABLE' }]);
  const { tally } = (await watch.availability({ kind: 'all' })).day;
  expect(Math.abs(tally.down - 20_000)).toBeLessThanOrEqual(1_500);
  expect(tally.unknown).toBe(0);
  await watch.stop();
});

it('an account that its cloud refuses has an outage, until it is served again', async () => {
  const here = await world();
  const status: AccountStatus = {
    name: 'hikvision',
    vendor: 'hikconnect',
    lastSuccessAt: null,
    isFirstHand: false,
    refused: null,
    queued: { renew: 0, discover: 0, capture: 0 },
  };
  const refused = { code: 'OPEN000503', failureClass: 'permanent', message: 'No.', cure: 'Yes.' } as const;
  here.accounts.push({ ...status, refused: { ...refused, since: at(0), nextLookAt: at(DAY) } });
  const watch = here.watch();
  await here.pass(10 * SECOND);
  expect(watch.open()).toMatchObject([{ subject: { kind: 'account', name: 'hikvision' }, reason: 'OPEN000503' }]);
  here.accounts.splice(0, 1, { ...status, lastSuccessAt: at(15 * SECOND) });
  await here.pass(10 * SECOND);
  expect(watch.open(), 'another replica said so before it died').toHaveLength(1);
  here.accounts.splice(0, 1, { ...status, lastSuccessAt: at(25 * SECOND), isFirstHand: true });
  await here.pass(10 * SECOND);
  expect(watch.open()).toEqual([]);
  expect(await watch.outages({ account: 'hikvision' })).toHaveLength(1);
  await watch.stop();
});

it('a stop does not wait for a media server that hangs', async () => {
  const here = await world();
  here.cameras.set('gate', carried('gate'));
  const asked = new Promise<void>((resolve) => (here.engineHangs = resolve));
  const watch = here.watch();
  void here.pass(0);
  await asked;
  // No time passes, so the wait for the states would not time out.
  await watch.stop();
  expect(watch.lastSeen('gate')).toBeNull();
});
