import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import { ACCOUNT, replicaHouse } from '../../../test/support/replicas/replicaRig.js';
import { sleep } from '../../core/clock.js';
import type { Ownership } from '../run/ownership.js';

const CAMERAS = 12;

/** An ownership that the test hands over with `give`. */
function ownershipInHand(): { readonly ownership: Ownership; readonly give: () => void } {
  const listeners = new Set<() => void>();
  let isOurs = false;
  const ownership: Ownership = {
    account: () => isOurs,
    engine: () => isOurs,
    isShared: () => true,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const give = (): void => {
    isOurs = true;
    for (const listener of listeners) listener();
  };
  return { ownership, give };
}

describe('who takes over', () => {
  it('renews what a process had claimed when it died, though that one beats again', async () => {
    const { start, pass } = await replicaHouse(CAMERAS);
    const first = await start('first');
    const second = await start('second');
    first.jobs.initialize();
    await pass(10 * SECOND);
    first.jobs.renew({ force: true });
    await pass(SECOND);
    first.kill();
    await pass(20 * SECOND);
    expect(second.ownership.account(ACCOUNT)).toBe(true);
    const behind = (): number => second.store.peekAll().filter(({ lastRevision }) => lastRevision === 1).length;
    expect(behind()).toBeGreaterThan(2);
    await start('first');
    await pass(5 * SECOND);
    second.jobs.renew({ force: true });
    await pass(20 * SECOND);
    expect(behind()).toBe(0);
  });

  it('tells the media server of no older lease than the former writer did', async () => {
    const { start } = await replicaHouse();
    const first = await start('first');
    await first.end(first.jobs.initialize());
    const { ownership, give } = ownershipInHand();
    const second = await start('second', { ownership });
    const refresh = second.store.refreshChanges.bind(second.store);
    // A slow connection to the database.
    Object.assign(second.store, { refreshChanges: () => sleep(second.clock, 200).then(refresh) });
    await first.end(first.jobs.renew({ force: true }));
    const { id, lease } = first.camera('Camera 1');
    expect([lease?.revision, second.store.peek(id)?.lease?.revision]).toEqual([2, 1]);
    give();
    await second.clock.advance(SECOND);
    expect(second.engine.applied.map((streams) => streams.get(id)?.inForce?.revision)).toEqual([2]);
  });
});

it('who owns the account and not the media server gives no URL back', async () => {
  const { start } = await replicaHouse();
  const { ownership, give } = ownershipInHand();
  give();
  const clouds: FakeCloud[] = [];
  const owner = await start('first', {
    ownership: { ...ownership, engine: () => false },
    clouds: (clock) => {
      clouds.push(new FakeCloud(clock, ACCOUNT, [aListedCamera(1)], { vendor: 'ezviz' }));
      return clouds;
    },
  });
  await owner.end(owner.jobs.initialize());
  const { id } = owner.camera('Camera 1');
  await owner.store.update(id, { retiredUrlIds: ['1'] }, owner.clock.now());
  await owner.clock.advance(MINUTE);
  expect(clouds[0]?.calls.filter(({ kind }) => kind === 'close')).toEqual([]);
});
