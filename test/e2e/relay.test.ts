import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRunning } from '../../src/relay/wire/running.js';
import { mediaMtx } from '../support/installation/appRig.js';
import { openRelayedCamera } from '../support/installation/relayedCamera.js';
import { isAlive } from '../support/relay/relayProcessRig.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

describe.skipIf(mediaMtx === null || !nodeAvFor('the relay below the whole program'))(
  'a watched on-demand camera',
  () => {
    it('takes its relay along when the program ends', async () => {
      const { rig, player } = await openRelayedCamera();
      const running = readRunning(path.join(rig.dataDir, 'relay'));
      if (running === null) throw new Error('no relay runs');
      expect(isAlive(running.pid)).toBe(true);
      await player.leave();
      await rig.app.stop();
      expect(isAlive(running.pid)).toBe(false);
    });
  },
);
