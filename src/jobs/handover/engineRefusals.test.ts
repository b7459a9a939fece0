import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import { jobsRig, type JobsRig } from '../../../test/support/jobsRig.js';
import { replicaHouse } from '../../../test/support/replicas/replicaRig.js';
import { ENGINE_REFUSALS } from '../../core/refusals.js';
import type { RefusedStream } from '../../engine/mediaEngine.js';

const refusal = (cameraId: string, more: Partial<RefusedStream> = {}): RefusedStream => ({
  ...{ cameraId, code: 'ENGINE_REFUSED_SETTING', message: 'pathDefaults.runOnDemand forbids a pulled path.' },
  cure: 'Take it out of pathDefaults.',
  ...more,
});

async function rigOf(cameras: number, watchesOutages = false): Promise<JobsRig> {
  const listed = Array.from({ length: cameras }, (_, at) => aListedCamera(at + 1));
  const rig = await jobsRig({ clouds: (clock) => [new FakeCloud(clock, 'hikvision', listed)], watchesOutages });
  await rig.end(rig.jobs.initialize());
  await rig.clock.advance(10 * SECOND);
  return rig;
}

describe('what the media server refuses', () => {
  it.each(ENGINE_REFUSALS)('%s is known and logged once with its cure, and ends by itself', async (code) => {
    const rig = await rigOf(2);
    const { id } = rig.camera('Camera 1');
    const { message, cure } = refusal(id);
    rig.engine.refused = [refusal(id, { code })];
    rig.engine.reset();
    await rig.clock.advance(SECOND);
    expect([...rig.jobs.engineState().refused]).toEqual([[id, { code, message, cure }]]);
    await rig.clock.advance(20 * MINUTE);
    expect(rig.warnings).toEqual([`The media server does not serve Camera 1: ${message}`]);
    rig.engine.refused = [];
    await rig.clock.advance(6 * MINUTE);
    expect(rig.jobs.engineState().refused.size).toBe(0);
    const offered = rig.engine.applied.length;
    await rig.clock.advance(20 * MINUTE);
    expect(rig.engine.applied).toHaveLength(offered);
  });

  it('is logged again when another camera follows, and in one line for all with one reason', async () => {
    const rig = await rigOf(7);
    const ids = rig.store.peekAll().map(({ id }) => id);
    rig.engine.refused = ids.slice(0, 6).map((id) => refusal(id));
    rig.engine.reset();
    await rig.clock.advance(SECOND);
    rig.engine.refused = ids.map((id) => refusal(id));
    rig.engine.reset();
    await rig.clock.advance(SECOND);
    expect(rig.warnings).toHaveLength(2);
    expect(rig.warnings[0]).toMatch(/Camera 1, .*Camera 5 and 1 more: pathDefaults/);
    expect(rig.warnings[1]).toMatch(/serve Camera 7: /);
  });

  it('is no success of a renewal, for whoever asked for it', async () => {
    const rig = await rigOf(2);
    const { id } = rig.camera('Camera 1');
    rig.engine.refused = [refusal(id)];
    rig.engine.reset();
    await rig.clock.advance(SECOND);
    const { report } = await rig.end(rig.jobs.renew({ force: true }));
    const { code, cure } = refusal(id);
    expect(report).toMatchObject({ renewed: 1, failed: [{ cameraId: id, code, cure }] });
    expect(JSON.stringify(report)).toContain('does not serve it: pathDefaults.runOnDemand');
  });

  it('is an outage of the camera, whoever watches, that ends with it', async () => {
    const rig = await rigOf(2, true);
    const { id } = rig.camera('Camera 1');
    rig.engine.refused = [refusal(id)];
    rig.engine.reset();
    await rig.clock.advance(10 * SECOND);
    expect(rig.jobs.outages.open()).toMatchObject([{ subject: { id }, reason: 'ENGINE_REFUSED_SETTING' }]);
    rig.engine.refused = [];
    await rig.clock.advance(6 * MINUTE);
    expect(rig.jobs.outages.open()).toEqual([]);
  });

  it('is said by every replica, with what is wrong with the media server', async () => {
    const house = await replicaHouse(2);
    const first = await house.start('first');
    const second = await house.start('second');
    await house.pass(6_000);
    first.jobs.initialize();
    await house.pass(20_000);
    const [camera] = first.store.peekAll();
    if (!camera) throw new Error('there is no camera');
    first.engine.refused = [refusal(camera.id)];
    first.engine.degraded = 'Somebody keeps writing mediamtx.yml.';
    first.engine.reset();
    await house.pass(14_000);
    expect(first.jobs.engineState().refused.has(camera.id)).toBe(true);
    expect(second.jobs.engineState()).toEqual(first.jobs.engineState());
    expect(second.jobs.engineState().problem).toBe('Somebody keeps writing mediamtx.yml.');
    first.engine.refused = [];
    first.engine.degraded = null;
    first.engine.reset();
    await house.pass(14_000);
    expect(second.jobs.engineState()).toEqual({ refused: new Map(), problem: null });
  });
});
