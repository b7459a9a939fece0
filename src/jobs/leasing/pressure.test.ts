import { isCloudCamera } from '../../core/camera/cameraSource.js';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud, refused } from '../../../test/support/clouds/fakeCloud.js';
import { goodProof } from '../../../test/support/engine/fakeEngine.js';
import { jobsRig, type JobsRig, type RigOptions } from '../../../test/support/jobsRig.js';
import { CameraError } from '../../core/errors.js';
import type { RenewReport } from '../../core/passes/pass.js';
import { renewalUrgency } from '../../core/renewal/renewal.js';

interface OneCloud {
  readonly rig: JobsRig;
  readonly cloud: FakeCloud;
}

/** Cameras that are leased and proven, on a real queue of the vendor's rate. */
async function leasedRig(cameras: number, options: Partial<RigOptions> = {}): Promise<OneCloud> {
  const listed = Array.from({ length: cameras }, (_, at) => aListedCamera(at + 1));
  const clouds: FakeCloud[] = [];
  const rig = await jobsRig({
    ticks: { renew: 10 * SECOND },
    ...options,
    clouds: (clock) => {
      clouds.push(new FakeCloud(clock, 'hikvision', listed));
      return clouds.slice(-1);
    },
  });
  await rig.end(rig.jobs.initialize());
  await rig.clock.advance(SECOND);
  const [cloud] = clouds;
  if (!cloud) throw new Error('no cloud');
  return { rig, cloud };
}

const quota = new CameraError('EVZ10029', 'quota', 'We call too often.', {
  ...{ cure: 'Wait.', accountWide: true, retryAfterMs: 3 * HOUR },
});
const revisions = ({ store }: JobsRig): (number | undefined)[] => store.peekAll().map(({ lease }) => lease?.revision);

describe('an account over its quota', () => {
  it('waits as a whole for as long as the vendor says, and no camera fails for it', async () => {
    const { rig, cloud } = await leasedRig(40, { ticks: { renew: MINUTE } });
    cloud.refusal = quota;
    rig.clock.jumpWallClock(6 * DAY);
    const before = cloud.calls.length;
    await rig.clock.advance(3 * MINUTE);
    rig.clock.jumpWallClock(2 * HOUR);
    await rig.clock.advance(3 * MINUTE);
    const asked = cloud.calls.length - before;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(16);
    expect(rig.jobs.forecast().accounts[0]).toMatchObject({ backlog: 40, tooLate: 0 });
    cloud.refusal = null;
    rig.clock.jumpWallClock(HOUR);
    await rig.clock.advance(3 * MINUTE);
    expect(revisions(rig)).toEqual(Array<number>(40).fill(2));
    expect(rig.store.peekAll().every(({ failure }) => failure === null)).toBe(true);
  });
});

describe("the vendor's cap of streams", () => {
  it('counts what is watched: proofs wait, and go on when a viewer leaves', async () => {
    const { rig } = await leasedRig(4, { streamCap: 2 });
    const [first, second] = rig.store.peekAll();
    rig.engine.viewersOf.set(first?.id ?? '', 1).set(second?.id ?? '', 1);
    const looked = rig.engine.provenRevisions.length;
    rig.clock.jumpWallClock(6 * DAY);
    await rig.clock.advance(2 * MINUTE);
    expect(rig.engine.provenRevisions.length).toBe(looked);
    expect(rig.store.peekAll().every(({ candidate, failure }) => candidate !== null && failure === null)).toBe(true);
    expect(rig.jobs.forecast().accounts[0]?.quotaUsed).toBe(1);
    rig.engine.viewersOf.clear();
    await rig.clock.advance(20 * SECOND);
    expect(revisions(rig)).toEqual([2, 2, 2, 2]);
    expect(rig.engine.provingAtMost).toBeLessThanOrEqual(2);
  });

  it('never costs a renewal: without a free stream the new lease is taken unproven in time', async () => {
    const { rig } = await leasedRig(2, { streamCap: 1 });
    const [watched, other] = rig.store.peekAll();
    rig.engine.viewersOf.set(watched?.id ?? '', 1);
    rig.clock.jumpWallClock(6 * DAY);
    await rig.clock.advance(MINUTE);
    rig.clock.jumpWallClock(DAY - 25 * MINUTE);
    await rig.clock.advance(2 * MINUTE);
    expect(rig.store.peek(other?.id ?? '')).toMatchObject({ lease: { revision: 2 }, failure: null });
    expect(revisions(rig)).toEqual([2, 2]);
  });

  it('does not stand in the way of cameras that are looked at through what pulls them', async () => {
    const { rig } = await leasedRig(1, { streamCap: 1 });
    const { id } = rig.camera('Camera 1');
    await rig.store.update(id, { mode: 'always-on' }, rig.clock.now());
    const looked = rig.engine.provenRevisions.length;
    await rig.clock.advance(10 * SECOND);
    rig.engine.proofs.set(id, goodProof);
    // The lease has expired, so the new one is in force before its proof, like a first lease.
    rig.clock.jumpWallClock(8 * DAY);
    await rig.clock.advance(MINUTE);
    expect(rig.camera('Camera 1').lease).toMatchObject({ revision: 2, proof: 'proven' });
    expect(rig.engine.provenRevisions.length).toBe(looked + 1);
  });
});

describe('the emergency band', () => {
  it('is asked in ever shorter waits, and never hammered', async () => {
    const { rig, cloud } = await leasedRig(1, { ticks: { renew: MINUTE } });
    cloud.refusals.set('SN0000001_1', refused.timeout);
    const askedIn = async (leftMs: number, awakeMs: number): Promise<number> => {
      const expiresMs = rig.camera('Camera 1').lease?.expiresAt.getTime() ?? 0;
      rig.clock.jumpWallClock(expiresMs - leftMs - rig.clock.now().getTime());
      await rig.clock.advance(MINUTE);
      const before = cloud.opened().length;
      await rig.clock.advance(awakeMs);
      return cloud.opened().length - before;
    };
    // After this, the first short waits are over.
    await askedIn(1.5 * DAY, 12 * MINUTE);
    const early = await askedIn(11 * HOUR, 20 * MINUTE);
    expect(renewalUrgency(rig.camera('Camera 1'), rig.clock.now())).toBe('emergency');
    const late = await askedIn(HOUR, 20 * MINUTE);
    expect(late).toBeGreaterThan(early);
    expect(late).toBeGreaterThanOrEqual(5);
    expect(late).toBeLessThanOrEqual(10);
    cloud.refusals.clear();
    await rig.clock.advance(5 * MINUTE);
    expect(rig.camera('Camera 1')).toMatchObject({ failure: null, lease: { revision: 2 } });
  });
});

describe('a camera that failed is looked at again', () => {
  it('the moment the listing says that it is back', async () => {
    const { rig, cloud } = await leasedRig(1, { ticks: { renew: 10 * SECOND, discover: 15 * MINUTE } });
    const away = [aListedCamera(1, { online: false })];
    cloud.refusals.set('SN0000001_1', refused.offline);
    cloud.listed = away;
    rig.clock.jumpWallClock(8 * DAY);
    await rig.clock.advance(31 * MINUTE);
    expect(rig.camera('Camera 1')).toMatchObject({ status: 'offline', failure: { failureClass: 'camera-state' } });
    cloud.refusals.clear();
    cloud.listed = [aListedCamera(1)];
    await rig.clock.advance(14 * MINUTE + 10 * SECOND);
    const asked = cloud.opened().length;
    await rig.clock.advance(MINUTE);
    expect(rig.camera('Camera 1')).toMatchObject({ status: 'active', failure: null, lease: { revision: 2 } });
    expect(cloud.opened().length - asked).toBeLessThanOrEqual(1);
  });

  it('with all others as soon as the cloud can be reached again', async () => {
    const { rig, cloud } = await leasedRig(30, { ticks: { renew: MINUTE } });
    for (const { deviceSerial } of cloud.listed) cloud.refusals.set(`${deviceSerial}_1`, refused.timeout);
    rig.clock.jumpWallClock(5.6 * DAY);
    await rig.clock.advance(3 * MINUTE);
    for (const minutes of [10, 20, 40, 80, 160]) {
      rig.clock.jumpWallClock(minutes * MINUTE);
      await rig.clock.advance(2 * MINUTE);
    }
    const nextLooks = rig.store.peekAll().map(({ failure }) => failure?.nextLookAt?.getTime() ?? 0);
    const soonest = Math.min(...nextLooks) - rig.clock.now().getTime();
    expect(Math.max(...nextLooks) - Math.min(...nextLooks)).toBeGreaterThan(5 * MINUTE);
    cloud.refusals.clear();
    rig.clock.jumpWallClock(soonest);
    await rig.clock.advance(3 * MINUTE);
    expect(revisions(rig)).toEqual(Array<number>(30).fill(2));
  });

  it('when its account is another one than before', async () => {
    const { rig, cloud } = await leasedRig(1, { ticks: { renew: 10 * SECOND }, fingerprint: 'one' });
    cloud.refusals.set('SN0000001_1', refused.deleted);
    rig.clock.jumpWallClock(8 * DAY);
    await rig.clock.advance(MINUTE);
    expect(rig.camera('Camera 1').failure).toMatchObject({ failureClass: 'permanent', nextLookAt: null });
    const same = await rig.killAndRestart();
    await same.clock.advance(10 * MINUTE);
    expect(same.camera('Camera 1').failure).toMatchObject({ failureClass: 'permanent' });
    await same.killAndRestart({ fingerprint: 'two' }).then(async (other) => {
      await other.clock.advance(MINUTE);
      expect(other.camera('Camera 1')).toMatchObject({ failure: null, lease: { revision: 2 } });
    });
  });
});

describe('renew now', () => {
  it('says what it passed over', async () => {
    const { rig, cloud } = await leasedRig(4);
    const [held, failing, hopeless] = [...rig.store.peekAll()].filter(isCloudCamera);
    rig.engine.viewersOf.set(held?.id ?? '', 1);
    await rig.clock.runUntil(rig.jobs.renew({ cameraIds: [held?.id ?? ''], force: true }).ended);
    const refOf = (serial = ''): string => `${serial}_1`;
    cloud.refusals.set(refOf(failing?.source.deviceSerial), refused.timeout);
    cloud.refusals.set(refOf(hopeless?.source.deviceSerial), refused.deleted);
    const ids = [failing?.id ?? '', hopeless?.id ?? ''];
    await rig.clock.runUntil(rig.jobs.renew({ cameraIds: ids, force: true }).ended);
    cloud.refusals.clear();
    const pass = await rig.clock.runUntil(rig.jobs.renew({ force: true }).ended);
    const { bypassed, renewed, skipped } = pass.report as RenewReport;
    expect(bypassed).toEqual({ notDue: 2, backingOff: 1, failedForGood: 1, offline: 0, held: 0 });
    expect({ renewed, skipped }).toEqual({ renewed: 4, skipped: 0 });
  });

  it('takes the leases that wait for viewers too when all are asked for', async () => {
    const { rig } = await leasedRig(2);
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 1);
    rig.clock.jumpWallClock(6 * DAY);
    await rig.clock.advance(MINUTE);
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 1 }, candidate: { revision: 2 } });
    const pass = await rig.clock.runUntil(rig.jobs.renew({ force: true }).ended);
    expect((pass.report as RenewReport).bypassed).toMatchObject({ held: 1, notDue: 1 });
    expect(rig.camera('Camera 1').lease?.revision).toBe(2);
  });
});
