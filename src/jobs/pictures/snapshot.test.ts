import { describe, expect, it } from 'vitest';
import { CameraError } from '../../core/errors.js';
import { MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud, refused } from '../../../test/support/clouds/fakeCloud.js';
import { goodProof, noPicture } from '../../../test/support/engine/fakeEngine.js';
import { jobsRig, type JobsRig, type RigOptions } from '../../../test/support/jobsRig.js';

async function rigOf(cameras: number, options: Partial<RigOptions> = {}): Promise<JobsRig & { cloud: FakeCloud }> {
  const listed = Array.from({ length: cameras }, (_, at) => aListedCamera(at + 1));
  const clouds: FakeCloud[] = [];
  const rig = await jobsRig({
    shrink: async (jpeg) => jpeg.subarray(0, 5),
    ...options,
    clouds: (clock) => {
      clouds.push(new FakeCloud(clock, 'ezviz', listed, { vendor: 'ezviz' }));
      return clouds;
    },
  });
  const [cloud] = clouds;
  if (!cloud) throw new Error('no cloud');
  return { ...rig, cloud };
}

const captures = (cloud: FakeCloud): number => cloud.calls.filter(({ kind }) => kind === 'capture').length;

describe('snapshots', () => {
  it('are taken of every camera with a living lease, made small, and kept while they are young', async () => {
    const rig = await rigOf(3);
    await rig.end(rig.jobs.initialize());
    const { id } = rig.camera('Camera 1');
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({ taken: 3, reused: 0, failed: [] });
    expect((await rig.pictures.getPicture(id))?.jpeg.toString()).toBe('a pic');
    await rig.clock.advance(20 * MINUTE);
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({ taken: 0, reused: 3 });
    await rig.clock.advance(10 * MINUTE);
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({ taken: 3, reused: 0 });
    expect(captures(rig.cloud)).toBe(6);
  });

  it.each([10, 1])('are taken as often as %i minutes when the schedule says so', async (minutes) => {
    const rig = await rigOf(2, { snapshotPeriodMs: minutes * MINUTE, ticks: { snapshot: minutes * MINUTE } });
    await rig.end(rig.jobs.initialize());
    await rig.clock.advance(60 * MINUTE);
    expect(captures(rig.cloud)).toBe((2 * 60) / minutes);
  });

  it('reuse the picture of a proof', async () => {
    const rig = await rigOf(1);
    const jobs = rig.jobs.initialize();
    await rig.clock.advance(0);
    for (const { id } of rig.store.peekAll())
      rig.engine.proofs.set(id, { ...goodProof, picture: Buffer.from('proof') });
    await rig.end(jobs);
    await rig.clock.advance(SECOND);
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({ taken: 0, reused: 1 });
    expect((await rig.pictures.getPicture(rig.camera('Camera 1').id))?.jpeg.toString()).toBe('proof');
    expect(captures(rig.cloud)).toBe(0);
  });

  it('of a camera that is pulled anyway are taken from its stream, without a call of the account', async () => {
    const rig = await rigOf(2);
    await rig.end(rig.jobs.initialize());
    const { id, lease } = rig.camera('Camera 1');
    await rig.store.update(id, { mode: 'always-on' }, rig.clock.now());
    await rig.clock.advance(10 * SECOND);
    rig.engine.proofs.set(id, { ...goodProof, picture: Buffer.from('stream') });
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({ taken: 2, failed: [] });
    expect((await rig.pictures.getPicture(id))?.jpeg.toString()).toBe('stream');
    expect(rig.engine.provenRevisions.at(-1)).toEqual({ cameraId: id, revision: lease?.revision });
    expect(captures(rig.cloud)).toBe(1);
    await rig.clock.advance(30 * MINUTE);
    rig.engine.proofs.set(id, noPicture());
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({ taken: 2, failed: [] });
    expect(captures(rig.cloud)).toBe(3);
  });

  it('tell what failed, and blame no camera for it', async () => {
    const rig = await rigOf(2);
    await rig.end(rig.jobs.initialize());
    rig.cloud.refusal = refused.offline;
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({ taken: 0, failed: [{ code: 'EVZ20007' }, {}] });
    expect(rig.camera('Camera 1').failure).toBeNull();
  });

  it('leave out what is too large where nothing can make it small, and say so', async () => {
    const rig = await rigOf(1, { shrink: null });
    await rig.end(rig.jobs.initialize());
    rig.cloud.picture = Buffer.alloc(70 * 1024);
    const failed = [{ code: 'CLOUD_PICTURE_TOO_LARGE', cure: expect.stringContaining('node-av') as string }];
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({ taken: 0, failed });
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({ taken: 0, failed });
    expect(captures(rig.cloud)).toBe(1);
  });
});

describe('pictures that the cloud refuses for good', () => {
  it('are asked for once a day, and the camera says why', async () => {
    const rig = await rigOf(1, { ticks: { snapshot: 5 * MINUTE } });
    await rig.end(rig.jobs.initialize());
    const cure = 'Ask the vendor.';
    rig.cloud.captureRefusal = new CameraError('10051', 'permanent', 'There is no right to take pictures.', { cure });
    await rig.clock.advance(3 * 60 * MINUTE);
    expect(captures(rig.cloud)).toBe(1);
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({ failed: [{ code: '10051', cure }] });
    expect(captures(rig.cloud)).toBe(1);
    expect(rig.camera('Camera 1').notice).toContain('no right to take pictures');
    rig.cloud.captureRefusal = null;
    await rig.clock.advance(25 * 60 * MINUTE);
    expect(rig.camera('Camera 1').notice).toBeNull();
  });
});

describe('pictures that fail again and again', () => {
  it.each([
    ['as the cloud answers', (rig: { cloud: FakeCloud }) => void (rig.cloud.captureRefusal = refused.timeout)],
    ['since they cannot be read', (rig: { cloud: FakeCloud }) => void (rig.cloud.picture = Buffer.from('torn'))],
  ])('%s are asked for less and less often, and at the usual pace once there is one', async (_what, spoil) => {
    const shrink = async (jpeg: Buffer): Promise<Buffer> => {
      if (jpeg.toString() === 'torn') throw new Error('no picture');
      return jpeg;
    };
    const rig = await rigOf(1, { shrink, snapshotPeriodMs: 10 * MINUTE, ticks: { snapshot: 10 * MINUTE } });
    await rig.end(rig.jobs.initialize());
    const { picture } = rig.cloud;
    spoil(rig);
    await rig.clock.advance(24 * 60 * MINUTE);
    // 144 ticks.
    expect(captures(rig.cloud)).toBeLessThanOrEqual(9);
    expect((await rig.end(rig.jobs.snapshot())).report).toMatchObject({
      failed: [{ cure: expect.any(String) as string }],
    });
    rig.cloud.captureRefusal = null;
    rig.cloud.picture = picture;
    await rig.clock.advance(24 * 60 * MINUTE);
    const before = captures(rig.cloud);
    await rig.clock.advance(60 * MINUTE);
    expect(captures(rig.cloud) - before).toBe(6);
  });
});

describe('replaced URLs', () => {
  it('are given back once the engine has moved on, when nothing else waits', async () => {
    const rig = await rigOf(2, { ticks: { renew: 10 * SECOND } });
    await rig.end(rig.jobs.initialize());
    await rig.end(rig.jobs.renew({ force: true }));
    expect(rig.camera('Camera 1').retiredUrlIds).toHaveLength(1);
    await rig.clock.advance(30 * SECOND);
    const closed = rig.cloud.calls.filter(({ kind }) => kind === 'close').map(({ ref }) => ref);
    expect(closed.toSorted()).toEqual(['SN0000001_1 1', 'SN0000002_1 2']);
    expect(rig.store.peekAll().flatMap(({ retiredUrlIds }) => retiredUrlIds)).toEqual([]);
  });

  it("that cannot be given back stand in nobody else's way, and are dropped and said after five tries", async () => {
    const rig = await rigOf(9, { ticks: { renew: 10 * SECOND } });
    await rig.end(rig.jobs.initialize());
    rig.cloud.closeRefusals.set('1', refused.timeout);
    rig.cloud.closeRefusals.set('2', refused.deleted);
    await rig.end(rig.jobs.renew({ force: true }));
    await rig.clock.advance(MINUTE);
    const retired = (): string[] => rig.store.peekAll().flatMap(({ retiredUrlIds }) => retiredUrlIds);
    expect(retired()).toEqual(['1']);
    const told = (): string[] => rig.warnings.filter((line) => line.includes('did not take back'));
    expect(told()).toHaveLength(1);
    await rig.clock.advance(3 * 60 * MINUTE);
    expect(retired()).toEqual([]);
    expect(rig.cloud.calls.filter(({ kind, ref }) => kind === 'close' && ref.endsWith(' 1'))).toHaveLength(5);
    expect(told()).toHaveLength(2);
  });

  it('are kept for as long as nobody knows what the engine plays', async () => {
    const rig = await rigOf(2, { ticks: { renew: 10 * SECOND } });
    const closed = (): number => rig.cloud.calls.filter(({ kind }) => kind === 'close').length;
    await rig.end(rig.jobs.initialize());
    for (let failure = 0; failure < 1000; failure++) rig.engine.applyFailures.push(new Error('away'));
    await rig.end(rig.jobs.renew({ force: true }));
    await rig.clock.advance(MINUTE);
    expect(rig.camera('Camera 1').retiredUrlIds).toHaveLength(1);
    expect(closed()).toBe(0);
    rig.engine.applyFailures.length = 0;
    await rig.clock.advance(MINUTE);
    expect(closed()).toBe(2);
  });
});
