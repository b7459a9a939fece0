import { describe } from 'vitest';
import { mediaEngineContract } from '../../../test/contracts/mediaEngine.contract.js';
import { onMediaMtx } from '../../../test/support/engine/contractOnMediaMtx.js';
import { mediaMtxProgram } from '../../../test/support/engine/mediamtx.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('the contract of a media engine on MediaMTX'))(
  'on real MediaMTX',
  () => {
    mediaEngineContract('MediaMTX', () => onMediaMtx(null));
  },
);
