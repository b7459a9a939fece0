import { describe, expect, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { FAKE_RELAY_HOST, FakeRelay } from '../../../../test/support/relay/fakeRelay.js';
import { aTarget } from '../../../../test/support/engine/mediamtxEngine.js';
import { AppError } from '../../../core/errors.js';
import type { CameraMode } from '../../../core/camera/camera.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { DesiredStream, DesiredStreams } from '../../../core/streams/streams.js';
import { pullPath, type PathConfigs } from '../paths/pathConfig.js';
import { RelayedCameras } from './relayedCameras.js';
import { relayPath } from '../paths/relayLine.js';

interface Rig {
  readonly relay: FakeRelay;
  readonly clock: TurnedClock;
  readonly relayed: RelayedCameras;
  readonly warnings: unknown[];
  readonly told: string[];
  fence: number;
  viewers: ReadonlyMap<string, number> | null;
  own: PathConfigs;
  news: number;
  isStandby: boolean;
  readonly tell: (streams: DesiredStreams) => Promise<void>;
}

async function rig(): Promise<Rig> {
  const relay = new FakeRelay();
  const clock = new TurnedClock(new Date('2026-01-05T08:00:00Z'));
  const warnings: unknown[] = [];
  const told: string[] = [];
  const made: Rig = {
    ...{ relay, clock, warnings, told, fence: 0, viewers: new Map(), own: new Map(), news: 0, isStandby: false },
    relayed: new RelayedCameras({
      ...{ relay, clock },
      log: { info: (message) => void told.push(message), warn: (...said) => void warnings.push(said) },
      fence: () => made.fence,
      isStandby: () => made.isStandby,
      viewers: () => Promise.resolve(made.viewers),
      own: () => made.own,
      onNews: () => (made.news += 1),
    }),
    tell(streams) {
      made.relayed.want(streams);
      return made.relayed.send();
    },
  };
  await made.relayed.start();
  return made;
}

const living = { endsAt: new Date('2026-01-12T08:00:00Z') };
const lease = (revision: number): PullTarget => aTarget({ ...living, revision });
const gate = (more: Partial<DesiredStream> = {}): DesiredStreams =>
  new Map([['gate', { mode: 'on-demand', inForce: lease(1), candidate: null, ...more }]]);
const onRelay: PathConfigs = new Map([['gate', relayPath('rtsp://mediamtx:relay-secret@127.0.0.1:9/gate')]]);

describe('the relay is told', () => {
  test('the lease in force, the one that is looked at, and what becomes of the camera without pictures', async () => {
    const { relay, tell } = await rig();
    const relaying = { whenGone: 'end', cap: { group: 'shop', most: 4 } } as const;
    await tell(gate({ inForce: lease(1), candidate: lease(2), relaying }));
    expect(Object.fromEntries(relay.now)).toEqual({
      gate: {
        target: { url: lease(1).url, givenBy: 'cloud', revision: 1, endsAt: living.endsAt, tracks: null },
        candidate: { url: lease(2).url, givenBy: 'cloud', revision: 2, endsAt: living.endsAt, tracks: null },
        ...relaying,
      },
    });
  });

  test('cameras without a lease too, with nothing to pull, seamless ones, and those of other modes not', async () => {
    const { relay, tell } = await rig();
    const modes: readonly CameraMode[] = ['direct', 'always-on'];
    const others = modes.map((mode): [string, DesiredStream] => [mode, { mode, inForce: lease(1), candidate: null }]);
    const [[, yard] = []] = gate({ mode: 'seamless', inForce: null });
    await tell(new Map([...gate({ inForce: null }), ...others, ...(yard ? [['yard', yard] as const] : [])]));
    const nothing = { target: null, candidate: null, whenGone: 'slate', cap: null };
    expect(Object.fromEntries(relay.now)).toEqual({ gate: nothing, yard: nothing });
  });

  test('nothing of what MediaMTX could not have as a path or pull', async () => {
    const { relay, tell } = await rig();
    const bad = { mode: 'on-demand', inForce: aTarget({ url: 'http://127.0.0.1/x' }), candidate: null } as const;
    await tell(new Map([...gate(), ['_hidden', { ...bad, inForce: lease(1) }], ['odd', bad]]));
    expect([...relay.now.keys()]).toEqual(['gate']);
  });

  test('to go on with a camera of another mode until its line is written, which may be late', async () => {
    const made = await rig();
    await made.tell(gate());
    made.own = onRelay;
    await made.tell(gate({ mode: 'always-on', inForce: lease(2) }));
    expect(made.relay.now.get('gate')?.target?.revision).toBe(2);
    await made.relayed.letGo();
    expect([...made.relay.now.keys()]).toEqual(['gate']);
    made.own = new Map([['gate', pullPath(lease(2).url, 'watched')]]);
    await made.relayed.letGo();
    expect([...made.relay.now.keys()]).toEqual([]);
  });

  test('once, until something differs', async () => {
    const { relay, tell } = await rig();
    await tell(gate());
    await tell(gate({ inForce: lease(1) }));
    expect(relay.told).toHaveLength(1);
    await tell(gate({ inForce: lease(2) }));
    await tell(gate({ inForce: lease(2), candidate: lease(3) }));
    await tell(new Map());
    expect(relay.told.map(({ cameras }) => cameras.get('gate')?.target?.revision)).toEqual([1, 2, 2, undefined]);
  });

  test('everything again when it was started anew, when another process told it meanwhile, and under each fence', async () => {
    const made = await rig();
    await made.tell(gate());
    made.relay.restarted();
    expect(made.news).toBe(1);
    await made.relayed.send();
    made.relayed.standBy();
    await made.relayed.send();
    expect(made.relay.told).toHaveLength(2);
    await made.tell(gate());
    made.fence = 7;
    await made.relayed.send();
    expect(made.relay.told.map(({ fence }) => fence)).toEqual([0, 0, 0, 7]);
  });

  test('again after a refusal, which is thrown; that of another owner at once', async () => {
    const { relay, relayed, tell } = await rig();
    relay.refusal = new AppError('DISK_FULL', 'The disk of the relay is full.');
    relayed.want(gate());
    expect(await relayed.trySend()).toMatchObject({ code: 'DISK_FULL' });
    relay.refusal = new AppError('RELAY_FENCED', 'Another camlease feeds the relay.');
    await expect(relayed.trySend()).rejects.toMatchObject({ code: 'RELAY_FENCED' });
    await tell(gate());
    expect(relay.told).toHaveLength(1);
  });

  test('of what it refused, no line leads to it that did not before', async () => {
    const { relay, relayed, tell } = await rig();
    const line = (): unknown => relayed.world?.line('gate', undefined, 'watched');
    const source = `rtsp://${FAKE_RELAY_HOST}/gate`;
    await tell(gate());
    relay.refusal = new AppError('DISK_FULL', 'The disk of the relay is full.');
    await expect(tell(gate({ inForce: lease(2) }))).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(line()).toBeNull();
    expect(relayed.world?.line('gate', relayPath(source), 'watched')).toEqual(relayPath(source));
    await relayed.send();
    expect(line()).toEqual(relayPath(source));
  });

  test('nothing while it has a problem, and everything afterwards', async () => {
    const { relay, relayed, tell, warnings } = await rig();
    relay.fail();
    relay.fail();
    await tell(gate());
    expect([relay.told.length, relayed.world, warnings.length]).toEqual([0, null, 1]);
    expect(relayed.problem).toBe('The relay does not answer. Meanwhile MediaMTX pulls the cameras itself. Start it.');
    relay.recover();
    await relayed.send();
    expect([relay.told.length, relayed.problem]).toEqual([1, null]);
  });
});

test('a camera that goes to another lease is reported once, and one that is new, or left the relay, is not', async () => {
  const { relayed, tell } = await rig();
  const settled = async (streams: DesiredStreams, before = onRelay, own = onRelay): Promise<unknown> => {
    await tell(streams);
    return relayed.settle(before, own);
  };
  const direct: PathConfigs = new Map([['gate', pullPath('rtmp://h/app#s', 'watched')]]);
  expect(await settled(gate())).toEqual([]);
  expect(await settled(gate({ inForce: lease(2) }))).toEqual([{ cameraId: 'gate', revision: 2, how: 'relay' }]);
  expect(await settled(gate({ inForce: lease(2) }))).toEqual([]);
  expect(await settled(gate({ inForce: lease(2) }), onRelay, direct)).toEqual([]);
  expect(await settled(gate({ inForce: lease(3) }), direct, onRelay)).toEqual([]);
  expect(await settled(gate({ inForce: lease(4) }), onRelay, direct)).toEqual([
    { cameraId: 'gate', revision: 4, how: 'swap' },
  ]);
});

describe('the proof of a lease', () => {
  const next = lease(2);

  test('of a watched camera is made through the relay, which is told of it', async () => {
    const { relay, relayed, clock, tell } = await rig();
    await tell(gate());
    relay.reads('gate');
    expect(await relayed.beginProof('gate', next, onRelay)).toBe(relay.candidateUrl('gate', 2));
    expect(relay.now.get('gate')?.candidate?.revision).toBe(2);
    // The proven pull is kept for the promotion that follows.
    relayed.endProof('gate', next, true);
    await relayed.send();
    expect(relay.now.get('gate')?.candidate?.revision).toBe(2);
    await clock.advance(10_000);
    await relayed.send();
    expect(relay.now.get('gate')?.candidate).toBeNull();
  });

  test('that failed is let go at once', async () => {
    const { relay, relayed, tell } = await rig();
    await tell(gate());
    relay.reads('gate', { state: 'bridging' });
    await relayed.beginProof('gate', next, onRelay);
    relayed.endProof('gate', next, false);
    await relayed.send();
    expect(relay.now.get('gate')?.candidate).toBeNull();
  });

  test('plays the cloud where nobody watches, where it is in force, where the line is none of the relay, or it is away', async () => {
    const { relay, relayed, tell } = await rig();
    await tell(gate());
    expect(await relayed.beginProof('gate', next, onRelay)).toBeNull();
    relay.reads('gate', { state: 'opening' });
    expect(await relayed.beginProof('gate', next, onRelay)).toBeNull();
    relay.reads('gate');
    expect(await relayed.beginProof('gate', lease(1), onRelay)).toBeNull();
    expect(await relayed.beginProof('gate', next, new Map())).toBeNull();
    relay.fail();
    expect(await relayed.beginProof('gate', next, onRelay)).toBeNull();
    expect(relay.told).toHaveLength(1);
  });
});

test('cameras that MediaMTX pulls itself are looked at again and again, until nobody watches them', async () => {
  const made = await rig();
  const own: PathConfigs = new Map([['gate', pullPath('rtmp://h/app#s', 'watched')]]);
  await made.tell(gate());
  made.viewers = new Map([['gate', 1]]);
  await made.relayed.findUnwatched(gate(), own);
  expect(made.relayed.world?.mayMove('gate')).toBe(false);
  made.relayed.keep(gate(), own);
  await made.clock.advance(30_000);
  expect(made.news).toBe(0);
  made.viewers = null;
  await made.clock.advance(10_000);
  expect(made.news).toBe(0);
  made.viewers = new Map();
  await made.clock.advance(10_000);
  expect(made.news).toBe(1);
  await made.relayed.findUnwatched(gate(), own);
  expect(made.relayed.world?.mayMove('gate')).toBe(true);
  // An answer about viewers counts for 5 s: later, `findUnwatched` has to ask again.
  await made.clock.advance(5_001);
  expect(made.relayed.world?.mayMove('gate')).toBe(false);
  made.relayed.keep(gate(), onRelay);
  await made.clock.advance(60_000);
  expect(made.news).toBe(1);
});

test('the log says once that watched cameras wait for the relay, and once that all of them went over', async () => {
  const { relayed, relay, told } = await rig();
  const own: PathConfigs = new Map([['gate', pullPath('rtmp://h/app#s', 'watched')]]);
  relayed.keep(gate(), own);
  relayed.keep(gate(), own);
  expect(told).toEqual([expect.stringMatching(/because they are watched.*next lease, which drops its viewers once/)]);
  // While the relay is away no camera waits, which must not be logged as all having moved.
  relay.fail();
  relayed.keep(gate(), own);
  expect(told).toHaveLength(1);
  relay.recover();
  relayed.keep(gate(), own);
  relayed.keep(gate(), onRelay);
  relayed.keep(gate(), onRelay);
  expect(told.at(-1)).toMatch(/All on-demand and seamless cameras go through the relay now/);
  expect(told.filter((line) => line.startsWith('All on-demand'))).toHaveLength(1);
});

describe('what is wrong with the relay', () => {
  test('of the process that feeds it is told with what becomes of the cameras', async () => {
    const { relay, relayed } = await rig();
    expect(relayed.problem).toBeNull();
    relay.fail('The relay refuses requests without its secret.');
    expect(relayed.problem).toMatch(/without its secret\. Meanwhile MediaMTX pulls the cameras itself\. Start it/);
  });

  test('of one on standby is told with what would become of them', async () => {
    const made = await rig();
    made.isStandby = true;
    made.relay.fail('The relay refuses requests without its secret.');
    expect(made.relayed.problem).toMatch(/without its secret\. .* would pull .* if this replica took over\. Start it/);
  });
});
