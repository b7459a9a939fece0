import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { aLeaseEvent } from '../../../test/support/builders.js';
import { replicaHouse } from '../../../test/support/replicas/replicaRig.js';
import { sqliteHarness } from '../../../test/support/store/storeHarness.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import { SharedSteps } from './sharedSteps.js';

const HOUR_MS = 3_600_000;
const steps = (from: number, count: number): LeaseEvent[] =>
  Array.from({ length: count }, (_, index) => aLeaseEvent({ revision: from + index }));

async function sharers(isShared = true) {
  const harness = await sqliteHarness();
  onTestFinished(() => harness.close());
  const store = await harness.open();
  const clock = new TurnedClock();
  let runs = 0;
  return {
    ...{ store, clock },
    start: (owner: string) => {
      const told: (number | null)[] = [];
      const shared = new SharedSteps({
        ...{ clock, owner, records: store.records, newId: () => `run-${++runs}` },
        log: {
          debug: () => undefined,
          info: () => undefined,
          warn: () => undefined,
          error: () => undefined,
          child: noChild,
        },
        ownership: {
          account: () => true,
          engine: () => true,
          isShared: () => isShared,
          onChange: () => () => undefined,
        },
        publish: (events) => told.push(...events.map(({ revision }) => revision)),
      });
      return { shared, told };
    },
  };
}
const noChild = (): never => {
  throw new Error('unused');
};

describe('steps of another process', () => {
  it('are told once each, from the first look on', async () => {
    const { start } = await sharers();
    const [maker, reader] = [start('maker'), start('reader')];
    await maker.shared.poll();
    await maker.shared.share(steps(1, 3));
    await reader.shared.poll();
    expect(reader.told).toEqual([]);
    await maker.shared.share(steps(4, 2));
    await maker.shared.share(steps(6, 1));
    for (let look = 0; look < 2; look++) await reader.shared.poll();
    expect(reader.told).toEqual([4, 5, 6]);
    await maker.shared.poll();
    expect(maker.told).toEqual([]);
  });

  it('are told from the first one when it begins later, or anew after its death', async () => {
    const { start } = await sharers();
    const reader = start('reader');
    await reader.shared.poll();
    await start('maker').shared.share(steps(1, 2));
    await reader.shared.poll();
    await start('maker').shared.share(steps(3, 2));
    await reader.shared.poll();
    expect(reader.told).toEqual([1, 2, 3, 4]);
  });

  it('are the last 200 of a flood, and old ones are no news for one who never saw the process', async () => {
    const { start, clock, store } = await sharers();
    const [maker, reader, late] = [start('maker'), start('reader'), start('late')];
    await reader.shared.poll();
    await maker.shared.share(steps(1, 500));
    await reader.shared.poll();
    expect(reader.told).toEqual(steps(301, 200).map(({ revision }) => revision));
    await store.records.remove('lease-steps', 'maker');
    await late.shared.poll();
    await clock.advance(2 * 60_000);
    await maker.shared.share(steps(501, 1));
    await late.shared.poll();
    expect(late.told).toEqual([501]);
  });

  it('are not written by a process that is alone, and are dropped when it is long gone', async () => {
    const alone = await sharers(false);
    await alone.start('maker').shared.share(steps(1, 3));
    expect(await alone.store.records.list('lease-steps')).toEqual([]);
    const { start, clock, store } = await sharers();
    await start('maker').shared.share(steps(1, 3));
    await clock.advance(25 * HOUR_MS);
    await start('reader').shared.poll();
    expect(await store.records.list('lease-steps')).toEqual([]);
  });
});

it('listeners of every replica hear all steps once within 3 s, though the clocks disagree by an hour', async () => {
  const house = await replicaHouse(3);
  const owner = await house.start('owner', { aheadMs: HOUR_MS });
  const others = [await house.start('second'), await house.start('third', { aheadMs: -HOUR_MS })];
  await house.pass(6_000);
  owner.jobs.initialize();
  await house.pass(3_000);
  const told = owner.heard.map(({ event }) => event.id);
  expect(told.length).toBeGreaterThanOrEqual(6);
  await house.pass(3_000);
  const ofOwner = owner.heard.map(({ event }) => event);
  for (const { heard } of others) {
    expect(heard.map(({ event }) => event)).toEqual(ofOwner);
    expect(heard.every(({ isOurs }) => !isOurs)).toBe(true);
  }
  expect(owner.heard.every(({ isOurs }) => isOurs)).toBe(true);
  // Only the process that made a step stores it.
  const [first] = ofOwner;
  const kept = await others[0]?.jobs.events.eventsOf(first?.cameraId ?? '', { limit: 100 });
  expect(kept?.map(({ id }) => id).sort()).toEqual(
    ofOwner.flatMap(({ id, cameraId }) => (cameraId === first?.cameraId ? [id] : [])).sort(),
  );
});
