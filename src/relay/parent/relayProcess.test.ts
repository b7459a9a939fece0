import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/engine/mediamtx.js';
import {
  CAMERAS,
  endsWithTheTest,
  goesOn,
  isAlive,
  kill,
  pulled,
  startWatched,
} from '../../../test/support/relay/relayProcessRig.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { candidatePath } from '../wire/paths.js';

describe.skipIf(!nodeAvFor('the relay in processes of its own'))('the relay in processes of its own', () => {
  it('serves what it was told of, goes over to the next lease, and says what it does', async () => {
    const { rig, cloud } = await startWatched();
    const reader = await rig.read('gate');
    await goesOn(reader);
    expect((await rig.client.states())?.get('gate')).toMatchObject({ state: 'live', revision: 1, readers: 1 });
    await rig.client.setCameras(new Map([['gate', pulled(cloud, 2)]]), 0);
    await goesOn(reader, 60);
    const states = await rig.client.states();
    expect([...(states?.keys() ?? [])]).toEqual(['gate']);
    expect(states?.get('gate')).toMatchObject({ state: 'live', revision: 2, reason: null });
    expect(states?.get('gate')?.bytesReceived).toBeGreaterThan(0);
  });

  it('serves a candidate beside the lease in force, by the same worker and the same pull that takes over', async () => {
    const { rig, cloud } = await startWatched();
    const reader = await rig.read('gate');
    await rig.client.setCameras(new Map([['gate', pulled(cloud, 1, { candidate: pulled(cloud, 2).target })]]), 0);
    const proof = await rig.read(candidatePath('gate', 2));
    await goesOn(proof);
    expect(cloud.pulls()).toBe(2);
    await rig.client.setCameras(new Map([['gate', pulled(cloud, 2)]]), 0);
    await until(async () => (await rig.client.states())?.get('gate')?.revision === 2);
    await goesOn(reader);
    expect(cloud.pulls()).toBe(1);
  });

  it('starts a worker that was killed anew: who comes back finds the stream, and the others noticed nothing', async () => {
    const { rig } = await startWatched();
    const readers = new Map(await Promise.all(CAMERAS.map(async (id) => [id, await rig.read(id)] as const)));
    const victim = (await rig.status()).workers.find((worker) => worker.readers > 0);
    const dropped = victim?.readers ?? 0;
    await kill(victim?.pid ?? 0);
    await until(() => [...readers.values()].filter(({ isClosed }) => isClosed).length === dropped);
    for (const [id, reader] of readers) await goesOn(reader.isClosed ? await rig.read(id) : reader);
    expect(rig.client.problem).toBeNull();
    expect((await rig.pids()).workers).not.toContain(victim?.pid);
  });

  it('gives the cameras of an account whose streams are bounded to one worker, which counts them', async () => {
    const { rig, cloud } = await startWatched();
    const cap = { group: 'shop', most: 3 };
    await rig.client.setCameras(new Map(CAMERAS.map((id) => [id, pulled(cloud, 1, { cap })])), 0);
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
    const { rig, cloud } = await startWatched();
    const [gate, yard] = [await rig.read('gate'), await rig.read('yard')];
    await rig.client.setCameras(new Map([['yard', pulled(cloud)]]), 0);
    await gate.until(() => gate.isClosed);
    expect(await rig.play('gate')).toBeNull();
    await goesOn(yard);
  });

  it('ends with its folder', async () => {
    const { rig } = await startWatched();
    const { parent, workers } = await rig.pids();
    endsWithTheTest([parent, ...workers]);
    await rig.stop();
    expect(existsSync(rig.dataDir)).toBe(false);
    await until(() => [parent, ...workers].every((pid) => !isAlive(pid)));
  });

  it('writes no address and no secret into its log', async () => {
    const { rig } = await startWatched();
    await goesOn(await rig.read('gate'));
    appendFileSync(path.join(rig.dataDir, 'relay', 'relay.jsonl'), 'rtmp://secret.example.org/half a line');
    const { parent, workers } = await rig.pids();
    endsWithTheTest([parent, ...workers]);
    await kill(workers[0] ?? 0);
    await until(() => rig.log().includes('A worker of the relay ended unexpectedly'));
    await kill(parent);
    await until(async () => (await rig.pids().catch(() => ({ parent }))).parent !== parent);
    const log = rig.log();
    expect(log).not.toMatch(/rtmp|rtsp:|secret\.example/);
    expect(log).not.toContain((await rig.status()).reader.password);
  });
});
