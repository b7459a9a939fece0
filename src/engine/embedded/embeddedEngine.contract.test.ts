import process from 'node:process';
import { test } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import { mediaEngineContract, type EngineUnderTest } from '../../../test/contracts/mediaEngine.contract.js';
import { targetOn, VIDEO_OFFER } from '../../../test/support/engine/embeddedKit.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { createMediaProcess } from '../../media/process/mediaProcess.js';
import { systemClock } from '../../systemClock.js';
import { createEmbeddedEngine } from './embeddedEngine.js';

async function make(): Promise<EngineUnderTest> {
  const origin = await startOrigin({
    clock: systemClock,
    lookup: (_app, name) => {
      const plays = name.split('?')[0];
      const play = plays === 'refused' ? 'refuse' : plays === 'nothing' ? 'nothing' : 'camera';
      return { play, cameraName: 'Yard', clipKey: 'yard' };
    },
  });
  const media = createMediaProcess({ clock: systemClock, proofLimitMs: 5000 });
  const engine = createEmbeddedEngine({ clock: systemClock, process: media, publicUrl: null });
  const served = engine.media;
  if (!served) throw new Error('The embedded engine serves media itself.');
  return {
    engine,
    lease: (cameraId, revision, plays) =>
      targetOn(origin.rtmpUrl('v3/openlive', `${plays}?camera=${cameraId}&revision=${revision}`), revision),
    async watch(cameraId) {
      const { sessionId } = await served.whepOffer(cameraId, VIDEO_OFFER, new AbortController().signal);
      return async () => {
        await served.whepClose(sessionId);
      };
    },
    async loseEverything() {
      const back = new Promise<void>((resolve) => media.listen({ restarted: resolve }));
      const pid = media.pid();
      if (pid === null) throw new Error('The media process does not run.');
      process.kill(pid, 'SIGKILL');
      await back;
    },
    async close() {
      await media.stop();
      await origin.stop();
    },
  };
}

if (nodeAvFor('the contract of a media engine on the embedded one')) mediaEngineContract('the embedded engine', make);
else test.skip('the embedded engine keeps the contract of a media engine');
