import { describe, expect, it } from 'vitest';
import { SECOND } from '../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../test/support/clouds/fakeCloud.js';
import { jobsRig } from '../../test/support/jobsRig.js';

const listed = Array.from({ length: 60 }, (_, at) => aListedCamera(at + 1));

describe('a process that is killed', () => {
  it.each([300, 1_700, 5_050, 9_990])('%i ms into initialize loses nothing and leases nothing twice', async (ms) => {
    const clouds: FakeCloud[] = [];
    const rig = await jobsRig({
      clouds: (clock) => {
        clouds.push(new FakeCloud(clock, 'hikvision', listed));
        return clouds.slice(-1);
      },
    });
    const { id } = rig.jobs.initialize();
    await rig.clock.advance(ms);
    const leasedBefore = rig.store.peekAll().filter(({ lease }) => lease !== null).length;
    const again = await rig.killAndRestart();
    await again.clock.advance(SECOND);
    expect(await again.jobs.pass(id)).toMatchObject({ state: 'failed', error: { code: 'PASS_INTERRUPTED' } });
    expect(again.store.peekAll().filter(({ lease }) => lease !== null).length).toBeGreaterThanOrEqual(leasedBefore);
    await again.end(again.jobs.initialize());
    await again.clock.advance(30 * SECOND);

    expect(again.store.count).toBe(60);
    for (const camera of again.store.peekAll()) {
      expect(camera).toMatchObject({ failure: null, lease: { revision: 1 } });
      expect(again.engine.revisionOf(camera.id)).toBe(1);
    }
    const opened = clouds.flatMap((cloud) => cloud.opened());
    expect(new Set(opened).size).toBe(60);
    expect(opened).toHaveLength(60);
  });

  it('in the middle of a renewal goes on with the candidates that it had stored', async () => {
    const clouds: FakeCloud[] = [];
    const rig = await jobsRig({
      clouds: (clock) => {
        clouds.push(new FakeCloud(clock, 'hikvision', listed.slice(0, 20)));
        return clouds.slice(-1);
      },
    });
    await rig.end(rig.jobs.initialize());
    for (const { id } of rig.store.peekAll()) rig.engine.proofs.set(id, () => new Promise(() => undefined));
    rig.jobs.renew({ force: true });
    await rig.clock.advance(2_050);
    const waiting = rig.store.peekAll().filter(({ candidate }) => candidate !== null).length;
    expect(waiting).toBeGreaterThan(5);
    const again = await rig.killAndRestart();
    await again.clock.advance(10 * SECOND);
    const revisions = again.store.peekAll().map(({ lease, candidate }) => [lease?.revision, candidate]);
    expect(revisions.filter(([revision]) => revision === 2)).toHaveLength(waiting);
    expect(revisions.filter(([, candidate]) => candidate !== null)).toEqual([]);
    expect(clouds.flatMap((cloud) => cloud.opened())).toHaveLength(20 + waiting);
  });
});

describe('a process that is stopped', () => {
  it('gives its claims back, so that another one may go on at once', async () => {
    const rig = await jobsRig({ clouds: (clock) => [new FakeCloud(clock, 'hikvision', listed)] });
    const { ended } = rig.jobs.initialize();
    await rig.clock.advance(2_000);
    const startMs = rig.clock.monotonicMs();
    await rig.clock.runUntil(rig.jobs.stop());
    expect(rig.clock.monotonicMs() - startMs).toBeLessThanOrEqual(10 * SECOND);
    expect(await ended).toMatchObject({ state: 'failed', error: { code: 'SHUTTING_DOWN' } });
    const ids = rig.store.peekAll().map(({ id }) => id);
    expect(await rig.store.claim('owner-2', ids)).toHaveLength(60);
    expect(() => rig.jobs.initialize()).toThrow('camlease is stopping.');
  });
});
