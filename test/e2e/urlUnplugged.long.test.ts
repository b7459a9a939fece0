import { expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { startOrigin } from '../../simulator/origin/server.js';
import { createStore } from '../../src/store/opening/createStore.js';
import { systemClock } from '../../src/systemClock.js';
import { vendorsWith } from '../support/clouds/vendors.js';
import { mediaMtxProgram } from '../support/engine/mediamtx.js';
import { startAppRig, until } from '../support/installation/appRig.js';
import { cameraOf } from '../support/installation/shopRig.js';
import { playHls, playsOn } from '../support/viewers/hlsPlayer.js';

const LIMIT_MS = 30_000;
const UNPLUGGED_MS = 20_000;

it.skipIf(mediaMtxProgram === null)(
  'a camera by URL that is unplugged for 20 s keeps its players, says that it is dark, and comes back',
  { timeout: 180_000 },
  async () => {
    let isUnplugged = false;
    const origin = await startOrigin({
      clock: systemClock,
      keyFrameSeconds: 1,
      lookup: () => ({ cameraName: 'Yard', clipKey: 'yard', play: isUnplugged ? 'refuse' : 'camera', sound: 'none' }),
    });
    onTestFinished(() => origin.stop());
    const url = origin.rtmpUrl('live', 'yard');
    const prepare = async (dataDir: string): Promise<void> => {
      const into = createStore({
        ...{ mongodbUri: null, dataDir, vendors: vendorsWith(), clock: systemClock, random: Math.random },
        log: { warn: () => undefined },
      });
      await into.open();
      const source = { kind: 'url', url, login: null, revision: 1, tracks: null, openedAt: null } as const;
      await into.create({ id: 'yard', name: 'Yard', source }, systemClock.now());
      await into.close();
    };
    const rig = await startAppRig({
      ...{ fleet: makeFleet({ cameras: 1, seed: 'unplugged' }), engine: 'mediamtx', prepare },
      ...{ lifetimeSeconds: 600, sourceNetworks: '127.0.0.0/8' },
    });
    onTestFinished(() => rig.stop());
    const live = await until(
      'the links',
      LIMIT_MS,
      () => rig.get('/api/camera/yard/live'),
      ({ status }) => status === 200,
    );
    const player = await playHls((live.json as { hlsUrl: string }).hlsUrl);
    onTestFinished(() => player.leave());
    const flows = (flow: string) =>
      until(
        `a camera that is ${flow}`,
        LIMIT_MS,
        () => cameraOf(rig, 'yard'),
        ({ stream }) => stream?.flow === flow,
      );
    await flows('flowing');

    isUnplugged = true;
    const unpluggedMs = performance.now();
    origin.cut(() => true);
    const dark = await flows('stopped');
    expect(dark.health.state).toBe('dark');
    expect(dark.health.sentence).not.toMatch(/\b(?:lease|cloud)/i);
    const outages = await until(
      'an outage',
      LIMIT_MS,
      async () =>
        ((await rig.get('/api/outages')).json as { outages: { camera?: string; endedAt: string | null }[] }).outages,
      (found) => found.length > 0,
    );
    expect(JSON.stringify(outages)).not.toMatch(/\b(?:lease|cloud)/i);
    // The relay goes on with the last picture, so the player gets new pieces all the time.
    while (performance.now() - unpluggedMs < UNPLUGGED_MS) await playsOn(player);
    isUnplugged = false;
    await flows('flowing');
    await playsOn(player);
    expect(player.refused).toEqual([]);
    const ended = await until(
      'the end of the outage',
      LIMIT_MS,
      async () => ((await rig.get('/api/outages')).json as { outages: { endedAt: string | null }[] }).outages,
      (found) => found.every(({ endedAt }) => endedAt !== null),
    );
    expect(ended.length).toBeGreaterThan(0);
    expect(JSON.stringify(rig.logLines)).not.toContain(url);
  },
);
