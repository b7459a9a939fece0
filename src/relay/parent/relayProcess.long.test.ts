import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/engine/mediamtx.js';
import {
  CAMERAS,
  endsWithTheTest,
  goesOn,
  isAlive,
  kill,
  pulled,
  RelayProcessRig,
  startCloud,
  startWatched,
} from '../../../test/support/relay/relayProcessRig.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';

describe.skipIf(!nodeAvFor('the relay in processes of its own'))('the relay in processes of its own', () => {
  it('serves on without its parent, follows the file of the next one, and workers end with their last reader', async () => {
    const { rig, cloud } = await startWatched();
    const before = await rig.pids();
    endsWithTheTest([before.parent, ...before.workers]);
    const reader = await rig.read('gate');
    await kill(before.parent);
    await until(async () => (await rig.pids().catch(() => before)).parent !== before.parent);
    await rig.client.setCameras(new Map(CAMERAS.map((id) => [id, pulled(cloud, 2)])), 0);
    await until(() => cloud.pulls() > 0 && rig.client.problem === null);
    await goesOn(reader, 100);
    await goesOn(await rig.read('gate'));
    expect(before.workers.filter(isAlive)).toHaveLength(1);
    reader.socket.destroy();
    await until(() => before.workers.every((pid) => !isAlive(pid)));
  });

  it('drops no reader at a planned restart', async () => {
    const { rig } = await startWatched();
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
    await older.client.setCameras(new Map([['gate', pulled(cloud)]]), 0);
    const reader = await older.read('gate');
    const { parent, workers } = await older.pids();
    endsWithTheTest([parent, ...workers]);
    await older.client.stop();
    const { dataDir, port } = older;
    const newer = await RelayProcessRig.start({ dataDir, port, version: 'newer' });
    expect((await newer.pids()).parent).not.toBe(parent);
    expect([newer.client.problem, isAlive(parent)]).toEqual([null, false]);
    await newer.client.setCameras(new Map([['gate', pulled(cloud, 2)]]), 0);
    await goesOn(reader, 60);
    await goesOn(await newer.read('gate'));
  });

  it('says that workers died five times in a minute, and serves again all the same', async () => {
    const { rig } = await startWatched();
    for (let death = 0; death < 5; death++) {
      const [pid = 0] = (await rig.pids()).workers;
      await kill(pid);
      await until(async () => {
        const { workers } = await rig.status();
        return workers.length === 2 && workers.every((worker) => worker.isReady && worker.pid !== pid);
      });
    }
    await until(() => rig.client.problem !== null);
    expect(rig.client.problem?.message).toContain('ended unexpectedly 5 times');
    expect(rig.changes).toEqual([null, expect.stringContaining('ended unexpectedly 5 times')]);
    await goesOn(await rig.read('gate'));
  });

  it('answers while a worker hangs, takes changes all the same, and puts another one in its place', async () => {
    const { rig, cloud } = await startWatched();
    await goesOn(await rig.read('gate'));
    await until(async () => (await rig.client.states())?.get('gate')?.state === 'live');
    const victim = (await rig.status()).workers.find(({ readers }) => readers > 0)?.pid ?? 0;
    endsWithTheTest([victim]);
    process.kill(victim, 'SIGSTOP');
    expect((await rig.client.states())?.get('gate')).toMatchObject({ state: 'live', readers: 1 });
    await rig.client.setCameras(new Map([['gate', pulled(cloud, 2)]]), 0);
    expect((await rig.status()).change).toBe(2);
    await until(() => !isAlive(victim), 40_000);
    await goesOn(await rig.read('gate'));
  });
});
