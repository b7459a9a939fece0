import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud, refused } from '../../../test/support/clouds/fakeCloud.js';
import { goodProof } from '../../../test/support/engine/fakeEngine.js';
import { jobsRig, type JobsRig } from '../../../test/support/jobsRig.js';
import { cameraHealth, liveVerdict } from '../../core/health/health.js';
import { renewalStory } from '../../core/health/renewalStory.js';
import { h265Error } from '../../core/handover/proof.js';

const NAME = 'Camera 1';

async function rigOf(): Promise<JobsRig & { readonly cloud: FakeCloud }> {
  const ticks = { renew: MINUTE, discover: 15 * MINUTE };
  const rig = await jobsRig({ ticks, clouds: (clock) => [new FakeCloud(clock, 'hikvision', [aListedCamera(1)])] });
  return { ...rig, cloud: rig.clouds[0] as FakeCloud };
}

const isLive = (rig: JobsRig): boolean => liveVerdict(rig.camera(NAME), rig.clock.now()).live;

describe('a camera that somebody sets right in the vendor app', () => {
  it('comes back within an hour when its encryption is switched off and no listing tells, and says when it is looked at', async () => {
    const rig = await rigOf();
    rig.cloud.refusals.set('SN0000001_1', refused.encrypted);
    await rig.end(rig.jobs.initialize());
    await rig.clock.advance(MINUTE);
    const camera = rig.camera(NAME);
    const health = cameraHealth(camera, null, rig.clock.now());
    expect(health).toMatchObject({ state: 'dark', nextStepAt: camera.failure?.nextLookAt });
    expect(health.nextStep).toBe('camlease asks the cloud again. What helps: Switch encryption off.');
    expect((camera.failure?.nextLookAt?.getTime() ?? 0) - rig.clock.now().getTime()).toBeLessThanOrEqual(HOUR);
    await rig.clock.advance(3 * HOUR);
    expect(rig.cloud.opened().length).toBeLessThanOrEqual(5);
    rig.cloud.refusals.clear();
    await rig.clock.advance(HOUR + MINUTE);
    expect(isLive(rig)).toBe(true);
  });

  it('comes back within an hour when its codec is changed, by a look that costs one call', async () => {
    const rig = await rigOf();
    rig.cloud.refusals.set('SN0000001_1', refused.encrypted);
    await rig.end(rig.jobs.initialize());
    const { id } = rig.camera(NAME);
    await rig.store.update(id, { quality: 'main' }, rig.clock.now());
    rig.cloud.refusals.clear();
    rig.engine.proofs.set(id, h265Error());
    await rig.clock.advance(HOUR + MINUTE);
    expect(rig.camera(NAME).failure).toMatchObject({ code: 'STREAM_H265' });
    expect(isLive(rig)).toBe(false);
    const story = renewalStory(rig.camera(NAME), null, rig.clock.now());
    expect((story.nextStepAt?.getTime() ?? 0) - rig.clock.now().getTime()).toBeLessThanOrEqual(HOUR);
    const asked = rig.cloud.opened().length;
    await rig.clock.advance(3 * HOUR);
    expect(rig.cloud.opened().length - asked).toBeLessThanOrEqual(4);
    rig.engine.proofs.set(id, goodProof);
    await rig.clock.advance(HOUR + 2 * MINUTE);
    expect(isLive(rig)).toBe(true);
  });

  it('comes back at once when somebody renews it', async () => {
    const rig = await rigOf();
    rig.cloud.refusals.set('SN0000001_1', refused.encrypted);
    await rig.end(rig.jobs.initialize());
    rig.cloud.refusals.clear();
    await rig.end(rig.jobs.renew({ cameraIds: [rig.camera(NAME).id], force: true }));
    await rig.clock.advance(5_000);
    expect(isLive(rig)).toBe(true);
  });

  it('is not asked for again and again where only something else can help', async () => {
    const rig = await rigOf();
    rig.cloud.refusals.set('SN0000001_1', refused.deleted);
    await rig.end(rig.jobs.initialize());
    const asked = rig.cloud.opened().length;
    await rig.clock.advance(5 * HOUR);
    expect(rig.cloud.opened()).toHaveLength(asked);
    expect(rig.camera(NAME).failure?.nextLookAt).toBeNull();
  });
});
