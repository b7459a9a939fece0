import { describe, expect, it } from 'vitest';
import { mediaMtx, until } from '../support/installation/appRig.js';
import { LIMIT_MS, openRelayedCamera } from '../support/installation/relayedCamera.js';
import { cameraOf, renewNow, type CameraJson } from '../support/installation/shopRig.js';
import { playsOn } from '../support/viewers/hlsPlayer.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const RENEWALS = 10;

describe.skipIf(mediaMtx === null || !nodeAvFor('the relay below the whole program'))(
  'a watched on-demand camera',
  () => {
    it('goes through ten renewals at once and unnoticed, by the relay', { timeout: 240_000 }, async () => {
      const { rig, camera, player } = await openRelayedCamera();
      const first = camera.lease?.revision ?? 0;
      for (let revision = first + 1; revision <= first + RENEWALS; revision++) {
        await renewNow(rig, [camera.id]);
        const isThere = ({ lease, stream }: CameraJson): boolean =>
          lease?.revision === revision && stream?.revision === revision && stream.flow === 'flowing';
        await until(`revision ${revision}`, LIMIT_MS, () => cameraOf(rig, camera.id), isThere);
        await playsOn(player);
      }
      expect(player.refused).toEqual([]);
    });
  },
);
