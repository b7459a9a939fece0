import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import { FakeEngine, goodProof, noPicture } from '../../../test/support/engine/fakeEngine.js';
import { jobsRig, type JobsRig, type RigOptions } from '../../../test/support/jobsRig.js';
import { liveVerdict } from '../../core/health/health.js';
import type { Proof } from '../../engine/mediaEngine.js';

const withSound: Proof = {
  ...goodProof,
  tracks: { ...goodProof.tracks, audio: { codec: 'AAC', sampleRate: 16_000, channels: 1 } },
};
const otherCodec: Proof = {
  ...goodProof,
  tracks: { ...goodProof.tracks, video: { codec: 'AV1', width: 640, height: 360 } },
};

/** On-demand cameras of an engine with a relay, leased and proven. */
async function relayedRig(cameras = 1, more: Partial<RigOptions> = {}): Promise<JobsRig> {
  const listed = Array.from({ length: cameras }, (_, at) => aListedCamera(at + 1));
  const engine = new FakeEngine();
  engine.relay = true;
  const rig = await jobsRig({
    lifetimeSeconds: 3_600,
    engine,
    clouds: (clock) => [new FakeCloud(clock, 'hikvision', listed)],
    ...more,
  });
  await rig.end(rig.jobs.initialize());
  await rig.clock.advance(MINUTE);
  rig.engine.applied.length = 0;
  rig.engine.viewersAsked = 0;
  return rig;
}

async function steps(rig: JobsRig, id: string): Promise<string[]> {
  const events = await rig.jobs.events.eventsOf(id, { limit: 50 });
  return events.reverse().map(({ step, revision, reason }) => `${step} ${revision ?? '-'} ${reason}`);
}

const first = ['obtained 1 no-lease', 'promoted 1 no-lease', 'proven 1 picture-seen'];

describe('a watched on-demand camera of an engine with a relay', () => {
  it('goes over to its new lease once that is proven, and nobody is asked who watches', async () => {
    const rig = await relayedRig();
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 3);
    await rig.clock.advance(46.5 * MINUTE);
    const pass = await rig.end(rig.jobs.renew({}));
    expect(pass.report).toMatchObject({ renewed: 1, held: 0, failed: [] });
    expect(rig.engine.viewersAsked).toBe(0);
    expect(await steps(rig, id)).toEqual([
      ...first,
      ...['obtained 2 due', 'proven 2 picture-seen', 'promoted 2 unnoticed', 'handed-over 2 relay'],
    ]);
  });

  it('has its candidate told to the engine before the look at it, which begins only then', async () => {
    const rig = await relayedRig();
    const { id } = rig.camera('Camera 1');
    let toldFirst: unknown = 'not looked at';
    rig.engine.proofs.set(id, async ({ revision }) => {
      toldFirst = rig.engine.applied.at(-1)?.get(id)?.candidate?.revision === revision;
      return goodProof;
    });
    await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
    expect(toldFirst).toBe(true);
    const told = rig.engine.applied.map((streams) => streams.get(id));
    expect(told.map((stream) => [stream?.inForce?.revision, stream?.candidate?.revision])).toEqual([
      [1, 2],
      [2, undefined],
    ]);
  });

  it('is looked at by its address where the relay goes away before the engine was told', async () => {
    const rig = await relayedRig();
    const { id } = rig.camera('Camera 1');
    let release = (): void => undefined;
    rig.engine.applyGate = new Promise<void>((resolve) => (release = resolve));
    const pass = rig.jobs.renew({ cameraIds: [id], force: true });
    await rig.clock.advance(SECOND);
    expect(rig.engine.provenRevisions.filter(({ revision }) => revision === 2)).toEqual([]);
    rig.engine.relay = false;
    release();
    await rig.end(pass);
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 2 }, candidate: null });
    expect(await steps(rig, id)).toContain('promoted 2 asked');
  });

  it('has its candidate told in every mode in which the engine moves it freely, so that no look waits in vain', async () => {
    const rig = await relayedRig();
    const { id } = rig.camera('Camera 1');
    await rig.store.update(id, { mode: 'direct' }, rig.clock.now());
    rig.engine.movesFreely = () => true;
    const before = rig.clock.now();
    await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 2 }, candidate: null });
    // A proof of a lease that the engine is not told of would wait for a minute.
    expect(rig.clock.now().getTime() - before.getTime()).toBeLessThan(10 * SECOND);
  });

  it('takes new sound as unnoticed, and is held with another picture codec until nobody watches', async () => {
    const rig = await relayedRig(2);
    const [sound, picture] = [rig.camera('Camera 1').id, rig.camera('Camera 2').id];
    for (const id of [sound, picture]) rig.engine.viewersOf.set(id, 1);
    rig.engine.proofs.set(sound, withSound);
    rig.engine.proofs.set(picture, otherCodec);
    await rig.clock.advance(46.5 * MINUTE);
    await rig.end(rig.jobs.renew({}));
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 2 }, candidate: null });
    expect(rig.jobs.handoverOf(picture)).toMatchObject({ action: 'hold', reason: 'other-tracks' });
    // The relay keeps no second pull for a candidate that is held for long.
    expect(rig.engine.applied.at(-1)?.get(picture)).toMatchObject({ inForce: { revision: 1 }, candidate: null });
    rig.engine.viewersOf.set(picture, 0);
    await rig.clock.advance(10 * SECOND);
    expect((await steps(rig, picture)).slice(-2)).toEqual(['promoted 2 nobody-watches', 'handed-over 2 relay']);
  });

  it('is held as before while the relay is away', async () => {
    const rig = await relayedRig();
    const { id } = rig.camera('Camera 1');
    rig.engine.relay = false;
    rig.engine.viewersOf.set(id, 1);
    await rig.clock.advance(46.5 * MINUTE);
    await rig.end(rig.jobs.renew({}));
    expect(rig.jobs.handoverOf(id)).toMatchObject({ action: 'hold', reason: 'watched' });
    expect(rig.engine.applied.map((streams) => streams.get(id)?.candidate ?? null)).toEqual([]);
    // The relay comes back, and the proven candidate is promoted at once.
    rig.engine.relay = true;
    await rig.clock.advance(10 * SECOND);
    expect((await steps(rig, id)).slice(-2)).toEqual(['promoted 2 unnoticed', 'handed-over 2 relay']);
  });
});

describe('moves that are not written to the media server', () => {
  it('wait for no pace of rewrites, while the other cameras keep coming', async () => {
    const rig = await relayedRig(8, { ticks: { renew: 2 * MINUTE } });
    for (const { id } of rig.store.peekAll()) rig.engine.viewersOf.set(id, 1);
    // A direct camera's moves are rewrites: they lengthen the gap for every camera that needs one.
    const [direct] = rig.store.peekAll();
    await rig.store.update(direct?.id ?? '', { mode: 'direct' }, rig.clock.now());
    await rig.clock.advance(50 * MINUTE);
    const events = await Promise.all(rig.store.peekAll().map(({ id }) => rig.jobs.events.eventsOf(id, { limit: 20 })));
    const moves = events.flat().filter(({ step, reason }) => step === 'handed-over' && reason === 'relay');
    const promotions = events.flat().filter(({ step, reason }) => step === 'promoted' && reason === 'unnoticed');
    expect(promotions).toHaveLength(7);
    for (const { cameraId, revision, at } of promotions) {
      const move = moves.find((one) => one.cameraId === cameraId && one.revision === revision);
      expect(move?.at).toEqual(at);
    }
  });

  it('come at once after a rewrite', async () => {
    const rig = await relayedRig(3);
    const { id } = rig.camera('Camera 1');
    // Three lines are removed and three are added: two rewrites, after which moves that need a write wait.
    for (const one of rig.store.peekAll()) await rig.store.update(one.id, { enabled: false }, rig.clock.now());
    await rig.clock.advance(SECOND);
    for (const one of rig.store.peekAll()) await rig.store.update(one.id, { enabled: true }, rig.clock.now());
    await rig.clock.advance(5 * SECOND);
    const before = rig.clock.now();
    await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
    const [handedOver] = await rig.jobs.events.eventsOf(id, { limit: 1 });
    expect(handedOver).toMatchObject({ step: 'handed-over', revision: 2, reason: 'relay' });
    expect((handedOver?.at.getTime() ?? 0) - before.getTime()).toBeLessThan(SECOND);
  });
});

it('the address before is given back only when the relay has had time to go over', async () => {
  const clouds: FakeCloud[] = [];
  const rig = await relayedRig(1, {
    ticks: { renew: 10 * SECOND },
    clouds: (clock) => {
      clouds.push(new FakeCloud(clock, 'ezviz', [aListedCamera(1)], { vendor: 'ezviz' }));
      return clouds;
    },
  });
  const { id } = rig.camera('Camera 1');
  const closed = (): number => clouds.flatMap(({ calls }) => calls).filter(({ kind }) => kind === 'close').length;
  rig.engine.viewersOf.set(id, 1);
  await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
  await rig.clock.advance(45 * SECOND);
  expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 2 }, retiredUrlIds: ['1'] });
  expect(closed()).toBe(0);
  await rig.clock.advance(30 * SECOND);
  expect(closed()).toBe(1);
});

describe('what the relay is told of a camera', () => {
  it('is the cap of its account, and what is to happen when its picture is gone', async () => {
    const rig = await relayedRig(2, { streamCap: 4 });
    const [first, second] = [rig.camera('Camera 1').id, rig.camera('Camera 2').id];
    const cap = { group: 'hikvision', most: 4 };
    await rig.store.update(second, { whenGone: 'end' }, rig.clock.now());
    await rig.clock.advance(SECOND);
    expect(rig.engine.applied.at(-1)?.get(first)?.relaying).toEqual({ whenGone: 'slate', cap });
    expect(rig.engine.applied.at(-1)?.get(second)?.relaying).toEqual({ whenGone: 'end', cap });
  });

  it('never refuses a viewer for the budget of proofs', async () => {
    const rig = await relayedRig(2, { streamBudget: 1 });
    for (const { id } of rig.store.peekAll()) {
      rig.engine.viewersOf.set(id, 5);
      await rig.store.update(id, { whenGone: 'end' }, rig.clock.now());
    }
    await rig.clock.advance(SECOND);
    const told = [...(rig.engine.applied.at(-1)?.values() ?? [])].map(({ relaying }) => relaying?.cap ?? null);
    expect(told).toEqual([null, null]);
  });
});

describe('a relayed camera that goes dark while somebody watches', () => {
  it('has an outage that says why, from the moment on that nothing comes, and none any more once it is back', async () => {
    const rig = await relayedRig(1, { watchesOutages: true });
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 1);
    const states = rig.engine.states.bind(rig.engine);
    let bytes = 0;
    // The public path goes on with the slate; the outage watch counts the pull's bytes.
    rig.engine.states = async () =>
      new Map(
        [...(await states())].map(([one, state]) => {
          if (state.flow === 'flowing') bytes += 100;
          return [one, { ...state, bytesReceived: bytes }];
        }),
      );
    await rig.clock.advance(20 * SECOND);
    expect(rig.jobs.outages.open()).toEqual([]);
    rig.engine.reasons.set(id, 'ended');
    await rig.clock.advance(10 * SECOND);
    const [outage] = rig.jobs.outages.open();
    expect(outage).toMatchObject({ subject: { id }, reason: 'NOTHING_COMES', endedAt: null });
    expect(outage?.message).toContain("The cloud's server closed the stream.");
    rig.engine.reasons.delete(id);
    await rig.clock.advance(5 * SECOND);
    expect(rig.jobs.outages.open()).toEqual([]);
    const [past] = await rig.jobs.outages.outages({ camera: id });
    expect(past?.endedAt).not.toBeNull();
  });

  it('is dark from the end of its lease on, though its slate plays', async () => {
    const rig = await relayedRig(1, { lifetimeSeconds: 600, watchesOutages: true });
    const { id } = rig.camera('Camera 1');
    rig.engine.viewersOf.set(id, 1);
    await rig.clock.advance(10 * MINUTE);
    expect((await rig.engine.states()).get(id)).toMatchObject({ flow: 'stopped', carrier: 'relay' });
    expect(rig.jobs.outages.open()).toMatchObject([{ subject: { id }, endedAt: null }]);
    expect(liveVerdict(rig.camera('Camera 1'), rig.clock.now())).toMatchObject({ reason: 'LEASE_EXPIRED' });
  });
});

it('another codec of the picture, which comes once nobody watches, waits for no rewrite either', async () => {
  const rig = await relayedRig(4);
  const { id } = rig.camera('Camera 1');
  rig.engine.proofs.set(id, otherCodec);
  await rig.clock.advance(46.5 * MINUTE);
  const others = rig.store.peekAll().filter((camera) => camera.id !== id);
  // One line goes at once, the others 4 s later; then nothing is written for 8 s.
  for (const other of others) await rig.store.update(other.id, { enabled: false }, rig.clock.now());
  await rig.clock.advance(5 * SECOND);
  const before = rig.clock.now();
  await rig.end(rig.jobs.renew({ cameraIds: [id] }));
  const [handedOver, promoted] = await rig.jobs.events.eventsOf(id, { limit: 2 });
  expect(promoted).toMatchObject({ step: 'promoted', revision: 2, reason: 'nobody-watches' });
  expect(handedOver).toMatchObject({ step: 'handed-over', reason: 'relay' });
  expect((promoted?.at.getTime() ?? 0) - before.getTime()).toBeLessThan(SECOND);
});

describe('the line of an on-demand camera', () => {
  it('stays when the lease ends, without an address', async () => {
    const rig = await relayedRig(1, { lifetimeSeconds: 600 });
    const { id } = rig.camera('Camera 1');
    await rig.clock.advance(10 * MINUTE);
    expect(rig.engine.applied.at(-1)?.get(id)).toEqual({ mode: 'on-demand', inForce: null, candidate: null });
    expect((await steps(rig, id)).at(-1)).toBe('expired 1 expired');
  });

  it('goes when the camera is switched off, deleted, or missing for longer than the grace', async () => {
    const rig = await relayedRig(3);
    const [off, gone, missing] = [rig.camera('Camera 1').id, rig.camera('Camera 2').id, rig.camera('Camera 3').id];
    await rig.store.update(off, { enabled: false }, rig.clock.now());
    await rig.store.remove(gone, rig.clock.now());
    await rig.store.update(missing, { status: 'missing' }, rig.clock.now());
    await rig.clock.advance(10 * SECOND);
    expect([...(rig.engine.applied.at(-1)?.keys() ?? [])]).toEqual([missing]);
    await rig.clock.advance(61 * MINUTE);
    expect([...(rig.engine.applied.at(-1)?.keys() ?? [])]).toEqual([]);
  });

  it('goes with the lease where the camera is direct', async () => {
    const rig = await relayedRig(1, { lifetimeSeconds: 600 });
    const { id } = rig.camera('Camera 1');
    await rig.store.update(id, { mode: 'direct' }, rig.clock.now());
    await rig.clock.advance(10 * MINUTE);
    expect(rig.engine.applied.at(-1)?.has(id)).toBe(false);
  });
});

it('a candidate that shows nothing is rejected, and the lease in force is never touched', async () => {
  const rig = await relayedRig();
  const { id } = rig.camera('Camera 1');
  rig.engine.viewersOf.set(id, 2);
  rig.engine.proofs.set(id, noPicture());
  await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
  expect(rig.jobs.handoverOf(id)).toMatchObject({ action: 'hold', reason: 'unprovable' });
  expect(rig.engine.applied.map((streams) => streams.get(id)?.inForce?.revision)).toEqual([1, 1]);
  expect(rig.engine.applied.at(-1)?.get(id)?.candidate).toBeNull();
});
