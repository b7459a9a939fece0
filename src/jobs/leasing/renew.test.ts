import { describe, expect, it } from 'vitest';
import { h265Error } from '../../core/handover/proof.js';
import { DAY, HOUR, MINUTE, SECOND, T0 } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud, refused } from '../../../test/support/clouds/fakeCloud.js';
import { goodProof, noPicture } from '../../../test/support/engine/fakeEngine.js';
import { jobsRig, type JobsRig, type RigOptions } from '../../../test/support/jobsRig.js';
import type { Camera } from '../../core/camera/camera.js';
import { CameraError } from '../../core/errors.js';
import type { Pass, RenewReport } from '../../core/passes/pass.js';

const many = (count: number): FakeCloud['listed'] => Array.from({ length: count }, (_, at) => aListedCamera(at + 1));

interface OneCloud extends JobsRig {
  readonly cloud: FakeCloud;
}

/** Cameras that are leased and proven, on ticks of the given length. */
async function leasedRig(cameras: number, options: Partial<RigOptions> = {}): Promise<OneCloud> {
  const clouds: FakeCloud[] = [];
  const rig = await jobsRig({
    ticks: { renew: 10 * MINUTE },
    ...options,
    clouds: (clock) => {
      clouds.push(new FakeCloud(clock, 'hikvision', many(cameras)));
      return clouds.slice(-1);
    },
  });
  await rig.end(rig.jobs.initialize());
  await rig.clock.advance(SECOND);
  return {
    ...rig,
    get cloud() {
      const cloud = clouds.at(-1);
      if (!cloud) throw new Error('no cloud');
      return cloud;
    },
  };
}

const reportOf = (pass: Pass): RenewReport => {
  if (pass.report === null || !('renewed' in pass.report)) throw new Error(`no report: ${pass.error?.message ?? ''}`);
  return pass.report;
};
const revisions = (cameras: readonly Camera[]): (number | undefined)[] => cameras.map(({ lease }) => lease?.revision);
/** Advances to a day of the test as on a machine that sleeps a lot: some minutes awake in every six hours. */
async function untilDay(rig: JobsRig, days: number): Promise<void> {
  const end = T0.getTime() + days * DAY;
  for (let left = end - rig.clock.now().getTime(); left > 0; left = end - rig.clock.now().getTime()) {
    const awakeMs = Math.min(left, 11 * MINUTE);
    rig.clock.jumpWallClock(Math.min(left - awakeMs, 6 * HOUR));
    await rig.clock.advance(awakeMs);
  }
}

describe('renewal by itself', () => {
  it('renews every camera once in seven days, at about day 5', async () => {
    const rig = await leasedRig(12);
    await rig.clock.advance(4.5 * DAY);
    expect(revisions(rig.store.peekAll())).toEqual(Array<number>(12).fill(1));
    await rig.clock.advance(2.5 * DAY - MINUTE);
    expect(revisions(rig.store.peekAll())).toEqual(Array<number>(12).fill(2));
    for (const { lease, id } of rig.store.peekAll()) {
      const renewedAt = (lease?.obtainedAt.getTime() ?? 0) - T0.getTime();
      expect(Math.abs(renewedAt - 5 * DAY)).toBeLessThan((7 * DAY) / 20 + HOUR);
      expect(rig.engine.revisionOf(id)).toBe(2);
      expect(lease?.proof).toBe('proven');
    }
    expect(rig.cloud.opened()).toHaveLength(24);
    expect(new Set(rig.store.peekAll().map(({ lease }) => lease?.obtainedAt.getTime())).size).toBeGreaterThan(6);
  });

  it('catches up when the machine slept through the due time', async () => {
    const rig = await leasedRig(2);
    rig.clock.jumpWallClock(6 * DAY);
    await rig.clock.advance(11 * MINUTE);
    expect(revisions(rig.store.peekAll())).toEqual([2, 2]);
  });

  it('catches up at start, without waiting for a tick', async () => {
    const rig = await leasedRig(2, { ticks: {} });
    await untilDay(rig, 6);
    expect(revisions(rig.store.peekAll())).toEqual([1, 1]);
    const again = await rig.killAndRestart();
    await again.clock.advance(10 * SECOND);
    expect(revisions(again.store.peekAll())).toEqual([2, 2]);
  });

  it('takes an expired lease off the engine and puts the next one on', async () => {
    const rig = await leasedRig(1);
    const { id } = rig.camera('Camera 1');
    rig.cloud.refusals.set('SN0000001_1', refused.offline);
    await untilDay(rig, 7.01);
    expect(rig.engine.revisionOf(id)).toBeNull();
    rig.cloud.refusals.clear();
    await rig.clock.advance(20 * MINUTE);
    expect(rig.engine.revisionOf(id)).toBe(2);
  });

  it('asks fast first and then ever slower for a camera that fails', async () => {
    const rig = await leasedRig(1, { ticks: { renew: SECOND } });
    rig.cloud.refusals.set('SN0000001_1', refused.timeout);
    rig.clock.jumpWallClock(6 * DAY);
    const before = rig.cloud.opened().length;
    await rig.clock.advance(MINUTE);
    expect(rig.cloud.opened().length - before).toBe(3);
    await rig.clock.advance(29 * MINUTE);
    expect(rig.cloud.opened().length - before).toBe(7);
    expect(rig.camera('Camera 1').failure).toMatchObject({ code: 'CLOUD_TIMEOUT', attempts: 7 });
    rig.cloud.refusals.clear();
    await rig.clock.advance(HOUR);
    expect(rig.camera('Camera 1')).toMatchObject({ failure: null, lease: { revision: 2 } });
  });

  it('leaves a refused account alone for a while, then tries it with one call', async () => {
    const rig = await leasedRig(50, { ticks: { renew: 10 * SECOND } });
    rig.cloud.refusal = refused.keys;
    rig.clock.jumpWallClock(6 * DAY);
    const before = rig.cloud.calls.length;
    const { id } = rig.camera('Camera 1');
    const asked = reportOf(await rig.end(rig.jobs.renew({ cameraIds: [id], force: true })));
    expect(asked).toMatchObject({ renewed: 0, skipped: 0, failed: [{ cameraId: id, code: refused.keys.code }] });
    await rig.clock.advance(35 * MINUTE);
    expect(rig.cloud.calls.length - before).toBeLessThanOrEqual(16 + 3);
    expect(rig.store.peekAll().every(({ failure }) => failure === null)).toBe(true);
    rig.cloud.refusal = null;
    await rig.clock.advance(11 * MINUTE);
    expect(revisions(rig.store.peekAll())).toEqual(Array<number>(50).fill(2));
    expect(rig.jobs.status().accounts[0]?.refused).toBeNull();
  });
});

describe('handover', () => {
  it('waits while somebody watches and is forced at the last safe moment', async () => {
    const rig = await leasedRig(1);
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 2);
    await untilDay(rig, 6.9);
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 1 }, candidate: { revision: 2 } });
    await untilDay(rig, 7 - 1 / 24 + 0.001);
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 2, proof: 'proven' }, candidate: null });
    expect(rig.engine.revisionOf(id)).toBe(2);
    expect(rig.cloud.opened()).toHaveLength(2);
  });

  it('happens as soon as the last viewer has left', async () => {
    const rig = await leasedRig(1);
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 1);
    await untilDay(rig, 6);
    rig.engine.viewersOf.set(id, 0);
    await rig.clock.advance(11 * SECOND);
    expect(rig.engine.revisionOf(id)).toBe(2);
  });

  it('keeps the new lease of an offline camera, and moves to it unproven at the last safe moment', async () => {
    const rig = await leasedRig(1);
    const { id } = rig.camera('Camera 1');
    rig.engine.proofs.set(id, noPicture());
    await untilDay(rig, 6.9);
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 1 }, candidate: { revision: 2 } });
    await untilDay(rig, 7 - 1 / 24 + 0.001);
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 2, proof: 'unproven' }, failure: null });
    expect(rig.cloud.opened()).toHaveLength(2);
    rig.engine.proofs.set(id, goodProof);
    await rig.clock.advance(6 * MINUTE);
    expect(rig.camera('Camera 1').lease?.proof).toBe('proven');
  });

  it('rejects a new lease without picture, keeps the old one, and takes the next that has one', async () => {
    const rig = await leasedRig(1, { ticks: { renew: SECOND } });
    const { id } = rig.camera('Camera 1');
    rig.engine.proofs.set(id, new CameraError('STREAM_NO_PICTURE', 'retry', 'No picture.', { cure: 'Wait.' }));
    rig.clock.jumpWallClock(6 * DAY);
    await rig.clock.advance(20 * SECOND);
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 1 }, failure: { code: 'STREAM_NO_PICTURE' } });
    expect(rig.engine.revisionOf(id)).toBe(1);
    rig.engine.proofs.delete(id);
    await rig.clock.advance(MINUTE);
    expect(rig.camera('Camera 1')).toMatchObject({ candidate: null, failure: null, lease: { proof: 'proven' } });
  });

  it('learns that only the sub stream plays, and asks for it at once', async () => {
    const clouds: FakeCloud[] = [];
    const rig = await jobsRig({
      clouds: (clock) => {
        clouds.push(new FakeCloud(clock, 'hikvision', many(2)));
        return clouds;
      },
    });
    await rig.end(rig.jobs.initialize());
    const { id } = rig.camera('Camera 1');
    rig.engine.proofs.set(id, async ({ url }) => {
      const { lease, candidate } = rig.camera('Camera 1');
      const proven = [lease, candidate].find((one) => one?.url === url);
      if (proven?.quality === 'main') throw h265Error();
      return goodProof;
    });
    const renewal = await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
    expect(reportOf(renewal).failed).toMatchObject([{ cameraId: id, code: 'STREAM_H265' }]);
    await rig.clock.advance(10 * SECOND);
    expect(rig.camera('Camera 1')).toMatchObject({
      ...{ learnedQuality: 'sub', failure: null, quality: 'auto' },
      lease: { quality: 'sub', proof: 'proven', revision: 3 },
    });
    expect(clouds[0]?.calls.filter(({ ref }) => ref === 'SN0000001_1').map(({ quality }) => quality)).toEqual([
      ...['main', 'main', 'sub'],
    ]);
    expect(rig.camera('Camera 2').learnedQuality).toBeNull();
  });
});

describe('renew on request', () => {
  it('renews nothing that is not due', async () => {
    const rig = await leasedRig(3);
    expect(reportOf(await rig.end(rig.jobs.renew({})))).toMatchObject({ renewed: 0, held: 0, skipped: 0 });
    const ids = rig.store.peekAll().map(({ id }) => id);
    expect(reportOf(await rig.end(rig.jobs.renew({ cameraIds: ids })))).toMatchObject({ renewed: 0, skipped: 3 });
    expect(rig.cloud.opened()).toHaveLength(3);
  });

  it('waits for proof and promotion of what it forces', async () => {
    const rig = await leasedRig(3);
    expect(reportOf(await rig.end(rig.jobs.renew({ force: true })))).toMatchObject({ renewed: 3, held: 0, failed: [] });
    expect(revisions(rig.store.peekAll())).toEqual([2, 2, 2]);
  });

  it('forces past those who watch', async () => {
    const rig = await leasedRig(1);
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 3);
    expect(reportOf(await rig.end(rig.jobs.renew({ cameraIds: [id], force: true })))).toMatchObject({ renewed: 1 });
    rig.clock.jumpWallClock(6 * DAY);
    expect(reportOf(await rig.end(rig.jobs.renew({ cameraIds: [id] })))).toMatchObject({ renewed: 0, held: 1 });
    const opened = rig.cloud.opened().length;
    expect(reportOf(await rig.end(rig.jobs.renew({ cameraIds: [id], force: true })))).toMatchObject({ renewed: 1 });
    expect(rig.cloud.opened()).toHaveLength(opened);
  });

  it('skips the back-off when forced, and tells what failed', async () => {
    const rig = await leasedRig(2);
    const { id } = rig.camera('Camera 1');
    rig.cloud.refusals.set('SN0000001_1', refused.encrypted);
    const forced = { cameraIds: [id], force: true };
    const report = reportOf(await rig.end(rig.jobs.renew(forced)));
    expect(report.failed).toEqual([
      { cameraId: id, code: 'EVZ60019', message: 'The stream is encrypted.', cure: 'Switch encryption off.' },
    ]);
    rig.cloud.refusals.clear();
    expect(reportOf(await rig.end(rig.jobs.renew({ cameraIds: [id] })))).toMatchObject({ skipped: 1 });
    expect(reportOf(await rig.end(rig.jobs.renew(forced)))).toMatchObject({ renewed: 1 });
    expect(rig.camera('Camera 1').failure).toBeNull();
  });

  it('does not wait for ever for a proof that hangs', async () => {
    const rig = await leasedRig(1);
    const { id } = rig.camera('Camera 1');
    rig.engine.proofs.set(
      id,
      (_lease, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
    const startMs = rig.clock.monotonicMs();
    expect(reportOf(await rig.end(rig.jobs.renew({ force: true })))).toMatchObject({ held: 1 });
    expect(rig.clock.monotonicMs() - startMs).toBeLessThan(2 * MINUTE);
  });

  it('asks again for a camera that failed for good once a person has changed it', async () => {
    const rig = await leasedRig(1);
    const { id } = rig.camera('Camera 1');
    rig.cloud.refusals.set('SN0000001_1', refused.deleted);
    await untilDay(rig, 7.1);
    expect(rig.camera('Camera 1').failure).toMatchObject({ code: 'OPEN000503', nextLookAt: null });
    rig.cloud.refusals.clear();
    await rig.clock.advance(DAY);
    expect(rig.camera('Camera 1').lease?.revision).toBe(1);
    await rig.store.update(id, { quality: 'sub' }, rig.clock.now());
    rig.jobs.cameraChanged(id);
    await rig.clock.advance(5 * SECOND);
    expect(rig.camera('Camera 1')).toMatchObject({ failure: null, lease: { revision: 2, quality: 'sub' } });
  });

  it('leaves switched off cameras alone and takes them off the engine', async () => {
    const rig = await leasedRig(2);
    const { id } = rig.camera('Camera 1');
    await rig.store.update(id, { enabled: false }, rig.clock.now());
    await rig.clock.advance(MINUTE);
    expect(rig.engine.revisionOf(id)).toBeNull();
    expect(reportOf(await rig.end(rig.jobs.renew({ cameraIds: [id], force: true })))).toMatchObject({ skipped: 1 });
  });
});
