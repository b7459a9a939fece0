import { describe } from 'vitest';
import { mediaEngineContract } from '../../../test/contracts/mediaEngine.contract.js';
import { onMediaMtx } from '../../../test/support/engine/contractOnMediaMtx.js';
import { mediaMtxProgram } from '../../../test/support/engine/mediamtx.js';
import { startInProcessRelay } from '../../../test/support/relay/inProcessRelay.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('the contract of a media engine on MediaMTX'))(
  'on real MediaMTX',
  () => {
    mediaEngineContract('MediaMTX with a relay', async () => {
      const relay = await startInProcessRelay();
      const under = await onMediaMtx(relay);
      return {
        ...under,
        isRelayed: true,
        async close() {
          await under.close();
          relay.close();
        },
      };
    });
  },
);
