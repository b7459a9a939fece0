import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
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
import type { Origin } from '../../../simulator/origin/types.js';
import { candidatePath } from '../wire/paths.js';

const CAMERAS = ['gate', 'yard', 'hall', 'door'];
const hasPictures = nodeAvFor('the relay in processes of its own');

interface Watched {
  readonly rig: RelayProcessRig;
  readonly cloud: Origin;
}

async function start(): Promise<Watched> {
  const cloud = await startCloud();
  const rig = await RelayProcessRig.start();
  expect(rig.client.problem).toBeNull();
  await rig.client.tell(new Map(CAMERAS.map((id) => [id, pulled(cloud)])), 0);
  return { rig, cloud };
}

/** Kills these processes at the end of the test, also when it fails half-way. */
function endsWithTheTest(pids: readonly number[]): void {
  onTestFinished(async () => {
    for (const pid of pids.filter(isAlive)) await kill(pid);
  });
}

describe.skipIf(!hasPictures)('the relay in processes of its own', () => {
  it('serves what it was told of, goes over to the next lease, and says what it does', async () => {
    const { rig, cloud } = await start();
    const reader = await rig.read('gate');
    await goesOn(reader);
    expect((await rig.client.states())?.get('gate')).toMatchObject({ state: 'live', revision: 1, readers: 1 });
    await rig.client.tell(new Map([['gate', pulled(cloud, 2)]]), 0);
    await goesOn(reader, 60);
    const states = await rig.client.states();
    expect([...(states?.keys() ?? [])]).toEqual(['gate']);
    expect(states?.get('gate')).toMatchObject({ state: 'live', revision: 2, reason: null });
    expect(states?.get('gate')?.bytesReceived).toBeGreaterThan(0);
  });

  it('serves a candidate beside the lease in force, by the same worker and the same pull that takes over', async () => {
    const { rig, cloud } = await start();
    const reader = await rig.read('gate');
    await rig.client.tell(new Map([['gate', pulled(cloud, 1, { candidate: pulled(cloud, 2).target })]]), 0);
    const proof = await rig.read(candidatePath('gate', 2));
    await goesOn(proof);
    expect(cloud.pulls()).toBe(2);
    await rig.client.tell(new Map([['gate', pulled(cloud, 2)]]), 0);
    await until(async () => (await rig.client.states())?.get('gate')?.revision === 2);
    await goesOn(reader);
    expect(cloud.pulls()).toBe(1);
  });

  it('starts a worker that was killed anew: who comes back finds the stream, and the others noticed nothing', async () => {
    const { rig } = await start();
    const readers = new Map(await Promise.all(CAMERAS.map(async (id) => [id, await rig.read(id)] as const)));
    const victim = (await rig.status()).workers.find((worker) => worker.readers > 0);
    const dropped = victim?.readers ?? 0;
    await kill(victim?.pid ?? 0);
    await until(() => [...readers.values()].filter(({ isClosed }) => isClosed).length === dropped);
    for (const [id, reader] of readers) await goesOn(reader.isClosed ? await rig.read(id) : reader);
    expect(rig.client.problem).toBeNull();
    expect((await rig.pids()).workers).not.toContain(victim?.pid);
  });

  it('serves on without its parent, follows the file of the next one, and workers end with their last reader', async () => {
    const { rig, cloud } = await start();
    const before = await rig.pids();
    endsWithTheTest([before.parent, ...before.workers]);
    const reader = await rig.read('gate');
    await kill(before.parent);
    await until(async () => (await rig.pids().catch(() => before)).parent !== before.parent);
    await rig.client.tell(new Map(CAMERAS.map((id) => [id, pulled(cloud, 2)])), 0);
    await until(() => cloud.pulls() > 0 && rig.client.problem === null);
    await goesOn(reader, 100);
    await goesOn(await rig.read('gate'));
    expect(before.workers.filter(isAlive)).toHaveLength(1);
    reader.socket.destroy();
    await until(() => before.workers.every((pid) => !isAlive(pid)));
  });

  it('drops no reader at a planned restart', async () => {
    const { rig } = await start();
    const before = await rig.pids();
    const readers = await Promise.all(CAMERAS.map((id) => rig.read(id)));
    process.kill(before.parent, 'SIGHUP');
    await until(async () => {
      const { workers } = await rig.status();
      return workers.filter(({ isReady, isDraining }) => isReady && !isDraining).length === 2 && workers.length > 2;
    });
    for (const reader of readers) await goesOn(reader);
    const next = await rig.read('gate');
    await goesOn(next);
    for (const reader of readers) reader.socket.destroy();
    await until(() => before.workers.every((pid) => !isAlive(pid)));
    await goesOn(next);
  });

  it('hands over to a newer camlease without dropping a reader', async () => {
    const cloud = await startCloud();
    const older = await RelayProcessRig.start({ version: 'older', endsWithUs: false });
    await older.client.tell(new Map([['gate', pulled(cloud)]]), 0);
    const reader = await older.read('gate');
    const { parent, workers } = await older.pids();
    endsWithTheTest([parent, ...workers]);
    await older.client.stop();
    const { dataDir, port } = older;
    const newer = await RelayProcessRig.start({ dataDir, port, version: 'newer' });
    expect((await newer.pids()).parent).not.toBe(parent);
    expect([newer.client.problem, isAlive(parent)]).toEqual([null, false]);
    await newer.client.tell(new Map([['gate', pulled(cloud, 2)]]), 0);
    await goesOn(reader, 60);
    await goesOn(await newer.read('gate'));
  });

  it('says that workers died five times in a minute, and serves again all the same', async () => {
    const { rig } = await start();
    for (let death = 0; death < 5; death++) {
      const [pid = 0] = (await rig.pids()).workers;
      await kill(pid);
      await until(async () => {
        const { workers } = await rig.status();
        return workers.length === 2 && workers.every((worker) => worker.isReady && worker.pid !== pid);
      });
    }
    await until(() => rig.client.problem !== null);
    expect(rig.client.problem?.message).toContain('died 5 times');
    expect(rig.changes).toEqual([null, expect.stringContaining('died 5 times')]);
    await goesOn(await rig.read('gate'));
  });

  it('answers while a worker hangs, takes changes all the same, and puts another one in its place', async () => {
    const { rig, cloud } = await start();
    await goesOn(await rig.read('gate'));
    await until(async () => (await rig.client.states())?.get('gate')?.state === 'live');
    const victim = (await rig.status()).workers.find(({ readers }) => readers > 0)?.pid ?? 0;
    endsWithTheTest([victim]);
    process.kill(victim, 'SIGSTOP');
    expect((await rig.client.states())?.get('gate')).toMatchObject({ state: 'live', readers: 1 });
    await rig.client.tell(new Map([['gate', pulled(cloud, 2)]]), 0);
    expect((await rig.status()).change).toBe(2);
    await until(() => !isAlive(victim), 40_000);
    await goesOn(await rig.read('gate'));
  });

  it('gives the cameras of an account whose streams are bounded to one worker, which counts them', async () => {
    const { rig, cloud } = await start();
    const cap = { group: 'shop', most: 3 };
    await rig.client.tell(new Map(CAMERAS.map((id) => [id, pulled(cloud, 1, { cap })])), 0);
    for (const id of CAMERAS.slice(0, cap.most)) await goesOn(await rig.read(id));
    const readers = (await rig.status()).workers.map((worker) => worker.readers).sort();
    expect(readers).toEqual([0, cap.most]);
    const over = rig.play('door');
    await until(async () => (await rig.client.states())?.get('door')?.reason === 'over-cap');
    expect(cloud.pulls()).toBe(cap.most);
    await rig.client.stop();
    await over;
  });

  it('ends the stream of a camera that it is no longer told of', async () => {
    const { rig, cloud } = await start();
    const [gate, yard] = [await rig.read('gate'), await rig.read('yard')];
    await rig.client.tell(new Map([['yard', pulled(cloud)]]), 0);
    await gate.until(() => gate.isClosed);
    expect(await rig.play('gate')).toBeNull();
    await goesOn(yard);
  });

  it('ends with its folder', async () => {
    const { rig } = await start();
    const { parent, workers } = await rig.pids();
    endsWithTheTest([parent, ...workers]);
    await rig.stop();
    expect(existsSync(rig.dataDir)).toBe(false);
    await until(() => [parent, ...workers].every((pid) => !isAlive(pid)));
  });

  it('writes no address and no secret into its log', async () => {
    const { rig } = await start();
    await goesOn(await rig.read('gate'));
    appendFileSync(path.join(rig.dataDir, 'relay', 'relay.jsonl'), 'rtmp://secret.example.org/half a line');
    const { parent, workers } = await rig.pids();
    endsWithTheTest([parent, ...workers]);
    await kill(workers[0] ?? 0);
    await until(() => rig.log().includes('A worker of the relay died'));
    await kill(parent);
    await until(async () => (await rig.pids().catch(() => ({ parent }))).parent !== parent);
    const log = rig.log();
    expect(log).not.toMatch(/rtmp|rtsp:|secret\.example/);
    expect(log).not.toContain((await rig.status()).reader.password);
  });
});
