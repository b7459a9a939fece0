import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import type { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { jobsRig, type JobsRig } from '../../../test/support/jobsRig.js';
import type { Clock } from '../../core/clock.js';
import { CameraError } from '../../core/errors.js';

const CAMERAS = 30;

/** `cloudTime` 'its-own': the cloud's clock does not jump. */
async function leased(cloudTime: 'ours' | 'its-own' = 'ours'): Promise<{ rig: JobsRig; cloud: FakeCloud }> {
  const clouds: FakeCloud[] = [];
  const rig = await jobsRig({
    clouds: (clock) => {
      const listed = Array.from({ length: CAMERAS }, (_, at) => aListedCamera(at + 1));
      clouds.push(new FakeCloud(cloudTime === 'ours' ? clock : unmoved(clock), 'hikvision', listed));
      return clouds.slice(-1);
    },
    ticks: { renew: 10 * SECOND },
  });
  await rig.end(rig.jobs.initialize());
  await rig.clock.advance(10 * SECOND);
  const [cloud] = clouds;
  if (!cloud) throw new Error('no cloud');
  return { rig, cloud };
}

/** A clock that ignores jumps of the wall clock. */
function unmoved(clock: TurnedClock): Clock {
  const start = clock.now().getTime() - clock.monotonicMs();
  return {
    now: () => new Date(start + clock.monotonicMs()),
    monotonicMs: () => clock.monotonicMs(),
    after: (ms, run) => clock.after(ms, run),
  };
}

const revisions = (rig: JobsRig): (number | undefined)[] => rig.store.peekAll().map(({ lease }) => lease?.revision);
const all = (revision: number): number[] => Array<number>(CAMERAS).fill(revision);
const served = (rig: JobsRig): (number | null)[] => rig.store.peekAll().map(({ id }) => rig.engine.revisionOf(id));

/** The most calls within any second. */
function busiestSecond(cloud: FakeCloud, fromMs: number): number {
  const moments = cloud.calls.map(({ atMs }) => atMs).filter((atMs) => atMs >= fromMs);
  return Math.max(...moments.map((atMs) => moments.filter((other) => other >= atMs && other < atMs + SECOND).length));
}

describe('a clock that jumps', () => {
  it('3 h ahead changes nothing: leases of a week are good for longer', async () => {
    const { rig, cloud } = await leased();
    rig.clock.jumpWallClock(3 * HOUR);
    await rig.clock.advance(5 * MINUTE);
    expect(cloud.opened()).toHaveLength(CAMERAS);
    expect(served(rig)).toEqual(all(1));
  });

  it('8 days ahead makes every lease look dead: all are renewed once, at the pace of the vendor', async () => {
    const { rig, cloud } = await leased();
    const fromMs = rig.clock.monotonicMs();
    rig.clock.jumpWallClock(8 * DAY);
    await rig.clock.advance(5 * MINUTE);
    expect(revisions(rig)).toEqual(all(2));
    expect(served(rig)).toEqual(all(2));
    expect(cloud.opened()).toHaveLength(2 * CAMERAS);
    expect(busiestSecond(cloud, fromMs)).toBeLessThanOrEqual(6);
  });

  it('8 days ahead and back again keeps what was renewed meanwhile, and renews nothing again', async () => {
    const { rig, cloud } = await leased();
    rig.clock.jumpWallClock(8 * DAY);
    await rig.clock.advance(5 * MINUTE);
    rig.clock.jumpWallClock(-8 * DAY);
    await rig.clock.advance(10 * MINUTE);
    expect(cloud.opened()).toHaveLength(2 * CAMERAS);
    expect(served(rig)).toEqual(all(2));
  });

  it('one day back renews nothing twice, and the moment to renew comes all the same', async () => {
    const { rig, cloud } = await leased();
    rig.clock.jumpWallClock(-DAY);
    await rig.clock.advance(5 * MINUTE);
    expect(cloud.opened()).toHaveLength(CAMERAS);
    expect(served(rig)).toEqual(all(1));
    rig.clock.jumpWallClock(7 * DAY - HOUR);
    await rig.clock.advance(5 * MINUTE);
    expect(revisions(rig)).toEqual(all(2));
    expect(cloud.opened()).toHaveLength(2 * CAMERAS);
  });

  it('as that of a laptop that slept for six days catches up within a tick', async () => {
    const { rig, cloud } = await leased();
    // During the sleep the monotonic clock stood still, and no timer fired.
    rig.clock.jumpWallClock(6 * DAY);
    await rig.clock.advance(30 * SECOND);
    expect(revisions(rig)).toEqual(all(2));
    expect(cloud.opened()).toHaveLength(2 * CAMERAS);
  });

  it('in the middle of a pass loses no lease', async () => {
    const { rig, cloud } = await leased();
    const { ended } = rig.jobs.renew({ force: true });
    await rig.clock.advance(2 * SECOND);
    rig.clock.jumpWallClock(-DAY);
    await rig.clock.runUntil(ended);
    await rig.clock.advance(MINUTE);
    expect(revisions(rig)).toEqual(all(2));
    expect(cloud.opened()).toHaveLength(2 * CAMERAS);
  });

  it('8 days ahead of a cloud that knows better floods it with nothing, and set right again all is as before', async () => {
    const { rig, cloud } = await leased('its-own');
    const fromMs = rig.clock.monotonicMs();
    rig.clock.jumpWallClock(8 * DAY);
    await rig.clock.advance(5 * MINUTE);
    expect(rig.store.peekAll().every(({ failure }) => failure?.code === 'LEASE_DEAD')).toBe(true);
    expect(busiestSecond(cloud, fromMs)).toBeLessThanOrEqual(6);
    rig.clock.jumpWallClock(-8 * DAY);
    await rig.clock.advance(2 * MINUTE);
    // Leases that were good are good again, and no wait that the wrong clock chose is kept.
    expect(rig.store.peekAll().every(({ failure }) => failure === null)).toBe(true);
    for (const camera of rig.store.peekAll()) {
      expect(camera.lease?.expiresAt.getTime()).toBeGreaterThan(rig.clock.now().getTime() + 6 * DAY);
      expect(rig.engine.revisionOf(camera.id)).toBe(camera.lease?.revision);
    }
  });

  it('keeps no account waiting for a moment that a wrong clock chose', async () => {
    const { rig, cloud } = await leased();
    rig.clock.jumpWallClock(8 * DAY);
    cloud.refusal = new CameraError('EVZ10029', 'quota', 'We call too often.', {
      ...{ cure: 'Wait.', accountWide: true, retryAfterMs: HOUR },
    });
    await rig.clock.advance(MINUTE);
    cloud.refusal = null;
    rig.clock.jumpWallClock(-2 * DAY);
    await rig.clock.advance(5 * MINUTE);
    expect(revisions(rig)).toEqual(all(2));
  });
});
