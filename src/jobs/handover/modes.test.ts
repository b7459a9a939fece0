import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import { goodProof, noPicture } from '../../../test/support/engine/fakeEngine.js';
import { jobsRig, type JobsRig, type RigOptions } from '../../../test/support/jobsRig.js';
import type { CameraMode } from '../../core/camera/camera.js';
import { CameraError } from '../../core/errors.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { Proof } from '../../engine/mediaEngine.js';

const withSound: Proof = {
  ...goodProof,
  tracks: { ...goodProof.tracks, audio: { codec: 'AAC', sampleRate: 16_000, channels: 1 } },
};

/** A lease lives half a day and not a week, so that fewer timers are turned through until it is due. */
const LIFE = 12 * HOUR;
const DUE = (5.4 / 7) * LIFE;

/** Cameras of one mode, leased and proven. */
async function rigOf(mode: CameraMode, cameras = 1, more: Partial<RigOptions> = {}): Promise<JobsRig> {
  const listed = Array.from({ length: cameras }, (_, at) => aListedCamera(at + 1));
  const rig = await jobsRig({
    lifetimeSeconds: LIFE / SECOND,
    clouds: (clock) => [new FakeCloud(clock, 'hikvision', listed)],
    ...more,
  });
  await rig.end(rig.jobs.initialize());
  for (const { id } of rig.store.peekAll()) await rig.store.update(id, { mode }, rig.clock.now());
  await rig.clock.advance(MINUTE);
  rig.engine.applied.length = 0;
  rig.engine.viewersAsked = 0;
  return rig;
}

async function steps(rig: JobsRig, id: string): Promise<string[]> {
  const events = await rig.jobs.events.eventsOf(id, { limit: 50 });
  return events.reverse().map(({ step, revision, reason }: LeaseEvent) => `${step} ${revision ?? '-'} ${reason}`);
}

const first = ['obtained 1 no-lease', 'promoted 1 no-lease', 'proven 1 picture-seen'];

describe('a camera that is pulled all the time', () => {
  it.each([
    ['always-on', 'forward', false],
    ['seamless', 'forward', false],
    ['seamless', 'relay', true],
  ] as const)('(%s, by %s) has its new lease beside the old one until it is proven', async (mode, how, relay) => {
    const rig = await rigOf(mode);
    rig.engine.relay = relay;
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 3);
    const pass = await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
    expect(pass.report).toMatchObject({ renewed: 1, held: 0 });
    const told = rig.engine.applied.map((streams) => streams.get(id));
    expect(told.map((stream) => [stream?.inForce?.revision, stream?.candidate?.revision])).toEqual([
      [1, 2],
      [2, undefined],
    ]);
    expect(rig.engine.viewersAsked).toBe(0);
    expect(await steps(rig, id)).toEqual([
      ...first,
      'obtained 2 asked',
      'proven 2 picture-seen',
      'promoted 2 asked',
      `handed-over 2 ${how}`,
    ]);
  });

  it('keeps its lease when the new one shows nothing, and the old stream is never touched', async () => {
    const rig = await rigOf('always-on');
    const { id } = rig.camera('Camera 1');
    rig.engine.proofs.set(id, new CameraError('STREAM_REFUSED', 'permanent', 'Refused.', { cure: 'Look.' }));
    await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
    await rig.clock.advance(SECOND);
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 1 }, candidate: null });
    expect(rig.engine.applied.map((streams) => streams.get(id)?.inForce?.revision)).toEqual([1, 1]);
    expect(rig.engine.applied.at(-1)?.get(id)?.candidate).toBeNull();
    expect((await steps(rig, id)).at(-1)).toBe('rejected 2 STREAM_REFUSED');
  });

  it('keeps its address and its slate when nothing takes the place of its lease', async () => {
    const rig = await rigOf('always-on', 1, { lifetimeSeconds: 600 });
    const { id } = rig.camera('Camera 1');
    await rig.clock.advance(10 * MINUTE);
    expect(rig.engine.applied.at(-1)?.get(id)).toEqual({ mode: 'always-on', inForce: null, candidate: null });
    expect((await steps(rig, id)).at(-1)).toBe('expired 1 expired');
  });

  it('waits with a stream of other tracks while somebody watches, and does not pull it meanwhile', async () => {
    const rig = await rigOf('always-on');
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 1);
    rig.engine.proofs.set(id, withSound);
    await rig.clock.advance(DUE);
    await rig.end(rig.jobs.renew({}));
    await rig.clock.advance(20 * SECOND);
    expect(rig.jobs.handoverOf(id)).toMatchObject({ action: 'hold', reason: 'other-tracks' });
    expect(rig.engine.applied.at(-1)?.get(id)).toMatchObject({ inForce: { revision: 1 }, candidate: null });
    rig.engine.viewersOf.set(id, 0);
    await rig.clock.advance(10 * SECOND);
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 2, tracks: withSound.tracks } });
    expect((await steps(rig, id)).slice(-3)).toEqual([
      'held 2 other-tracks',
      'promoted 2 nobody-watches',
      'handed-over 2 forward',
    ]);
  });
});

describe('a camera that is pulled on demand', () => {
  it('is held once for as long as somebody watches, with the moment of the next look', async () => {
    const rig = await rigOf('on-demand');
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 1);
    await rig.clock.advance(DUE);
    await rig.end(rig.jobs.renew({}));
    await rig.clock.advance(5 * MINUTE);
    const decision = rig.jobs.handoverOf(id);
    expect(decision).toMatchObject({ action: 'hold', reason: 'watched' });
    expect((await steps(rig, id)).filter((step) => step.startsWith('held'))).toEqual(['held 2 watched']);
    rig.engine.viewersOf.delete(id);
    await rig.clock.advance(10 * SECOND);
    expect((await steps(rig, id)).slice(-2)).toEqual(['promoted 2 nobody-watches', 'handed-over 2 swap']);
    expect(rig.jobs.handoverOf(id)).toBeNull();
  });

  it('is asked about together with all others, and all move in one go', async () => {
    const rig = await rigOf('on-demand', 40, { streamBudget: 40 });
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    for (const { id } of rig.store.peekAll()) {
      rig.engine.proofs.set(id, async () => {
        await gate;
        return goodProof;
      });
    }
    await rig.clock.advance(DUE);
    const pass = rig.jobs.renew({});
    await rig.clock.advance(10 * SECOND);
    rig.engine.applied.length = 0;
    release();
    await rig.end(pass);
    expect(rig.store.peekAll().every(({ lease }) => lease?.revision === 2)).toBe(true);
    expect(rig.engine.viewersAsked).toBeLessThanOrEqual(2);
    expect(rig.engine.applied.length).toBeLessThanOrEqual(2);
  });

  it('moves only when the engine is told in the same moment, however many renewals go on', async () => {
    const rig = await rigOf('on-demand', 30, { ticks: { renew: 10 * MINUTE } });
    await rig.end(rig.jobs.renew({ force: true }));
    await rig.clock.advance((6 / 7) * LIFE);
    const events = await Promise.all(rig.store.peekAll().map(({ id }) => rig.jobs.events.eventsOf(id, { limit: 20 })));
    const moves = events.flat().filter(({ step }) => step === 'handed-over');
    const promotions = events.flat().filter(({ step, reason }) => step === 'promoted' && reason === 'nobody-watches');
    expect(promotions.length).toBeGreaterThan(25);
    for (const { cameraId, revision, at } of promotions) {
      const move = moves.find((one) => one.cameraId === cameraId && one.revision === revision);
      expect(move && move.at.getTime() - at.getTime()).toBeLessThan(SECOND);
    }
  });

  it('is told apart from an error clip by several signs, and the operator has the last word', async () => {
    const rig = await rigOf('on-demand');
    const { id } = rig.camera('Camera 1');
    const video = { codec: 'H264', width: 512, height: 288 };
    rig.engine.proofs.set(id, { ...goodProof, tracks: { video, audio: null }, framesPerSecond: 5, moves: false });
    await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 1 }, failure: { code: 'STREAM_ERROR_CLIP' } });
    // The sub stream is asked for at once, and its picture is the same.
    await rig.clock.advance(MINUTE);
    await rig.store.update(id, { errorClipCheck: false }, rig.clock.now());
    await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { tracks: { video } }, failure: null });
  });
});

describe('the steps of a lease', () => {
  it('are kept while the store is away, and told to whoever listens at once', async () => {
    const rig = await rigOf('on-demand');
    const { id } = rig.camera('Camera 1');
    const told: string[] = [];
    const stop = rig.jobs.events.onEvent(({ step }) => told.push(step));
    rig.engine.proofs.set(id, noPicture());
    rig.storeAway(true);
    await rig.clock.advance(MINUTE);
    rig.storeAway(false);
    await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
    stop();
    expect(told).toEqual(['obtained', 'held']);
    const [oldest] = (await rig.jobs.events.eventsOf(id, { limit: 50 })).reverse();
    expect(await rig.jobs.events.eventsAfter(oldest?.id ?? '', 50)).toHaveLength(4);
    expect((await steps(rig, id)).slice(-2)).toEqual(['obtained 2 asked', 'held 2 STREAM_NO_PICTURE']);
  });

  it('are found again after a crash, and no step is there twice', async () => {
    const rig = await rigOf('on-demand');
    const { id } = rig.camera('Camera 1');
    await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
    const before = await steps(rig, id);
    const again = await rig.killAndRestart();
    await again.clock.advance(MINUTE);
    expect(await steps(again, id)).toEqual(before);
  });
});

describe('the end of a lease that nothing followed', () => {
  it('is told once, also over a restart', async () => {
    const rig = await rigOf('on-demand', 1, { lifetimeSeconds: 600 });
    const { id } = rig.camera('Camera 1');
    await rig.clock.advance(11 * MINUTE);
    expect((await steps(rig, id)).at(-1)).toBe('expired 1 expired');
    const again = await rig.killAndRestart();
    const told: string[] = [];
    again.jobs.events.onEvent(({ step }) => told.push(step));
    await again.clock.advance(0);
    expect(told).not.toContain('expired');
    expect((await steps(again, id)).filter((step) => step.startsWith('expired'))).toHaveLength(1);
  });
});

describe('a plan', () => {
  it('says what would change and whom it would touch, and changes nothing', async () => {
    const rig = await rigOf('on-demand', 2);
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 4);
    expect(await rig.jobs.plan({ action: 'renew' })).toEqual([]);
    const paths = [{ name: id, action: 'change' }];
    expect(await rig.jobs.plan({ action: 'renew', cameraIds: [id], force: true })).toEqual([
      { cameraId: id, how: 'rebuild', viewers: 4, paths },
    ]);
    expect(await rig.jobs.plan({ action: 'delete', cameraIds: [id] })).toMatchObject([
      { cameraId: id, how: 'rebuild', viewers: 4, paths: [{ name: id, action: 'remove' }] },
    ]);
    expect(await rig.jobs.plan({ action: 'update', cameraIds: [id], change: { name: 'Door' } })).toEqual([]);
    expect(rig.engine.applied).toEqual([]);
    expect(rig.camera('Camera 1').lease?.revision).toBe(1);
  });
});
