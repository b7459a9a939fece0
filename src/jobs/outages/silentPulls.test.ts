import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import { noPicture } from '../../../test/support/engine/fakeEngine.js';
import { jobsRig, type JobsRig } from '../../../test/support/jobsRig.js';
import type { StreamState } from '../../engine/mediaEngine.js';
import { cameraHealth, stoppedBySilence, type SeenStream } from '../../core/health/health.js';

/**
 * An on-demand camera whose source brings nothing, as MediaMTX reports it: `starting` while somebody watches, and idle in
 * between.
 */
async function silentRig(): Promise<
  JobsRig & { readonly cloud: FakeCloud; pull(flow: SeenStream['flow'], more?: Partial<StreamState>): void }
> {
  const rig = await jobsRig({
    ...{ ticks: { renew: 10 * SECOND }, watchesOutages: true },
    clouds: (clock) => [new FakeCloud(clock, 'hikvision', [aListedCamera(1)])],
  });
  const states = rig.engine.states.bind(rig.engine);
  let flow: SeenStream['flow'] = 'idle';
  let said: Partial<StreamState> = {};
  let bytes = 0;
  rig.engine.states = async () => {
    if (flow === 'flowing') bytes += 100;
    return new Map([...(await states())].map(([id, state]) => [id, { ...state, flow, bytesReceived: bytes, ...said }]));
  };
  await rig.end(rig.jobs.initialize());
  await rig.clock.advance(20 * SECOND);
  return { ...rig, cloud: rig.clouds[0] as FakeCloud, pull: (next, more = {}) => void ([flow, said] = [next, more]) };
}

async function pullInVain(rig: Awaited<ReturnType<typeof silentRig>>): Promise<void> {
  rig.pull('starting');
  await rig.clock.advance(13 * SECOND);
  rig.pull('idle');
  await rig.clock.advance(10 * SECOND);
}

describe('an on-demand camera that brings nothing to whoever asks', () => {
  it('has an outage after two pulls in a row, is dark though nobody asks, and its lease is looked at once', async () => {
    const rig = await silentRig();
    const { id } = rig.camera('Camera 1');
    rig.engine.proofs.set(id, noPicture());
    const asked = rig.cloud.opened().length;
    await pullInVain(rig);
    expect([rig.jobs.outages.open(), rig.jobs.outages.isSilent(id)]).toEqual([[], false]);
    await pullInVain(rig);
    expect(rig.jobs.outages.isSilent(id)).toBe(true);
    expect(rig.jobs.outages.open()).toMatchObject([{ subject: { id }, reason: 'NOTHING_COMES' }]);
    const seen = stoppedBySilence(rig.camera('Camera 1'), { revision: 1, flow: 'idle' }, true);
    expect(cameraHealth(rig.camera('Camera 1'), seen, rig.clock.now())).toMatchObject({ state: 'dark' });
    await pullInVain(rig);
    await pullInVain(rig);
    await rig.clock.advance(5 * MINUTE);
    expect(rig.cloud.opened().length - asked).toBe(1);
  });

  it('is dark and its lease is looked at while somebody presses play again and again without a pause', async () => {
    const rig = await silentRig();
    const { id } = rig.camera('Camera 1');
    rig.engine.proofs.set(id, noPicture());
    const asked = rig.cloud.opened().length;
    rig.pull('starting');
    await rig.clock.advance(65 * SECOND);
    expect(rig.jobs.outages.isSilent(id)).toBe(true);
    expect(rig.cloud.opened().length - asked).toBe(1);
  });

  it('is over when a pull brings its picture', async () => {
    const rig = await silentRig();
    const { id } = rig.camera('Camera 1');
    rig.engine.proofs.set(id, noPicture());
    await pullInVain(rig);
    await pullInVain(rig);
    rig.pull('flowing');
    await rig.clock.advance(5 * SECOND);
    expect([rig.jobs.outages.open(), rig.jobs.outages.isSilent(id)]).toEqual([[], false]);
  });

  it('is over when the new lease that was asked for shows its picture', async () => {
    const rig = await silentRig();
    const { id } = rig.camera('Camera 1');
    await pullInVain(rig);
    await pullInVain(rig);
    await rig.clock.advance(20 * SECOND);
    expect(rig.camera('Camera 1').lease?.revision).toBe(2);
    expect([rig.jobs.outages.open(), rig.jobs.outages.isSilent(id)]).toEqual([[], false]);
  });

  it('asks for no other lease where the account may not have another stream', async () => {
    const rig = await silentRig();
    const { id } = rig.camera('Camera 1');
    const asked = rig.cloud.opened().length;
    rig.pull('starting', { carrier: 'relay', reason: 'over-cap' });
    await rig.clock.advance(65 * SECOND);
    expect(rig.jobs.outages.open()).toMatchObject([{ subject: { id }, reason: 'STREAM_CAP_REACHED' }]);
    expect(rig.cloud.opened().length).toBe(asked);
  });

  it('is found out by what the relay says, whatever its viewers watch by', async () => {
    const rig = await silentRig();
    const { id } = rig.camera('Camera 1');
    rig.engine.proofs.set(id, noPicture());
    // The relay pulls again and again for a reader that is not counted as a viewer.
    rig.pull('starting', { carrier: 'relay', reason: 'silence', viewers: 0 });
    await rig.clock.advance(35 * SECOND);
    expect(rig.jobs.outages.isSilent(id)).toBe(true);
    expect(rig.jobs.outages.open()).toMatchObject([
      { reason: 'NOTHING_COMES', message: expect.stringContaining('answers but sends nothing') as string },
    ]);
  });

  it('has none where people leave before a picture could have come', async () => {
    const rig = await silentRig();
    for (let visit = 0; visit < 5; visit++) {
      rig.pull('starting');
      await rig.clock.advance(4 * SECOND);
      rig.pull('idle');
      await rig.clock.advance(6 * SECOND);
    }
    expect(rig.jobs.outages.open()).toEqual([]);
  });
});
