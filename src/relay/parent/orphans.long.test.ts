import process from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Origin } from '../../../simulator/origin/types.js';
import { until } from '../../../test/support/engine/mediamtx.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import {
  goesOn,
  isAlive,
  kill,
  pulled,
  RelayProcessRig,
  startCloud,
} from '../../../test/support/relay/relayProcessRig.js';
import type { RtspReader } from '../../../test/support/relay/rtspReader.js';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { RelayedCamera } from '../../core/streams/relay.js';
import { ControlClient, ControlError } from '../client/controlClient.js';
import { systemClock } from '../../systemClock.js';
import { ORPHAN_GONE_MS, OrphanStates } from './orphanStates.js';

const hasPictures = nodeAvFor('workers of the relay that lost their parent');

interface Orphaned {
  readonly rig: RelayProcessRig;
  readonly cloud: Origin;
  readonly reader: RtspReader;
  /** The process id of the orphan. */
  readonly orphan: number;
}

const stateOf = async (rig: RelayProcessRig): Promise<RelayedCamera | undefined> =>
  (await rig.client.states())?.get('gate');

/** A camera that a reader takes from an orphan, whose parent was killed or has handed over to a newer one. */
async function orphaned(how: 'killed' | 'handed over'): Promise<Orphaned> {
  const cloud = await startCloud();
  const first = await RelayProcessRig.start({ version: 'older', endsWithUs: false });
  await first.client.setCameras(new Map([['gate', pulled(cloud)]]), 0);
  const reader = await first.read('gate');
  const { pid, workers } = await first.status();
  const orphan = workers.find(({ readers }) => readers > 0)?.pid ?? 0;
  onTestFinished(async () => {
    for (const left of [pid, ...workers.map((worker) => worker.pid)].filter(isAlive)) await kill(left);
  });
  await first.client.stop();
  if (how === 'killed') await kill(pid);
  const rig = await RelayProcessRig.start({ dataDir: first.dataDir, port: first.port, version: 'newer' });
  expect((await rig.status()).pid).not.toBe(pid);
  await rig.client.setCameras(new Map([['gate', pulled(cloud)]]), 0);
  return { rig, cloud, reader, orphan };
}

describe.skipIf(!hasPictures)('a worker of the relay that lost its parent', () => {
  it.each(['killed', 'handed over'] as const)(
    'is seen by the parent after the one that was %s, with the lease that it went over to, until it ends',
    async (how) => {
      const { rig, cloud, reader, orphan } = await orphaned(how);
      await until(async () => (await stateOf(rig))?.state === 'live');
      const before = await stateOf(rig);
      expect(before).toMatchObject({ revision: 1, readers: 1, reason: null });
      await rig.client.setCameras(new Map([['gate', pulled(cloud, 2)]]), 0);
      await until(async () => (await stateOf(rig))?.revision === 2);
      await goesOn(reader);
      const after = await stateOf(rig);
      expect(after).toMatchObject({ state: 'live', readers: 1 });
      expect(after?.bytesReceived).toBeGreaterThan(before?.bytesReceived ?? Infinity);
      expect(after?.quietMs).toBeLessThan(ORPHAN_GONE_MS);
      await kill(orphan);
      await until(async () => (await stateOf(rig)) === undefined);
      await goesOn(await rig.read('gate'));
      await until(async () => (await stateOf(rig))?.state === 'live');
    },
  );

  it('is believed with the secret of the relay’s file alone, and in the form that a worker gives', async () => {
    const rig = await RelayProcessRig.start();
    const { url, secret } = rig.host.find() ?? { url: '', secret: '' };
    const seen = {
      state: 'live',
      revision: 1,
      readers: 1,
      bytesReceived: 1,
      quietMs: 0,
      reason: null,
      protocolFailures: 0,
    };
    const report = async (body: object, as = secret): Promise<unknown> => {
      const control = new ControlClient({ url, secret: as }, systemClock);
      onTestFinished(() => control.close());
      const asked = { method: 'POST', path: '/orphans', body, schema: z.object({}), limitMs: 5_000 } as const;
      return control.ask(asked).catch((thrown: unknown) => (thrown instanceof ControlError ? thrown.status : null));
    };
    const good = { pid: process.pid, states: [['gate', seen]] };
    expect(await report(good, `${secret}.`)).toBe(401);
    expect(await report({ pid: 0, states: [] })).toBe(400);
    expect(await report({ ...good, states: [['gate?', seen]] })).toBe(400);
    expect(await rig.client.states()).toEqual(new Map());
    expect(await report(good)).toEqual({});
    expect((await rig.client.states())?.get('gate')).toMatchObject({ state: 'live' });
  });
});

describe('what orphans reported', () => {
  const seen: RelayedCamera = {
    ...{ state: 'live', revision: 1, readers: 1, bytesReceived: 1 },
    ...{ quietMs: 100, reason: null, protocolFailures: 0 },
  };

  it('grows quiet with its age, and counts no more after three seconds', async () => {
    const clock = new TurnedClock();
    const orphans = new OrphanStates(clock);
    orphans.keep(7, [['gate', seen]]);
    await clock.advance(2_000);
    orphans.keep(8, [['yard', { ...seen, quietMs: null }]]);
    expect(orphans.lists()).toEqual([[['gate', { ...seen, quietMs: 2_100 }]], [['yard', { ...seen, quietMs: null }]]]);
    await clock.advance(ORPHAN_GONE_MS - 2_000 + 1);
    expect(orphans.lists()).toMatchObject([[['yard', {}]]]);
  });

  it('is kept of no more orphans than there can be, until some are gone', async () => {
    const clock = new TurnedClock();
    const orphans = new OrphanStates(clock);
    for (let pid = 1; pid <= 64; pid++) orphans.keep(pid, []);
    expect(() => orphans.keep(65, [['gate', seen]])).toThrow(/larger than the relay accepts/);
    orphans.keep(64, [['gate', seen]]);
    await clock.advance(ORPHAN_GONE_MS + 1);
    orphans.keep(65, []);
    expect(orphans.lists()).toHaveLength(1);
  });
});
