import { FakeEngine, noPicture } from '../support/engine/fakeEngine.js';
import { aTarget } from '../support/engine/mediamtxEngine.js';
import { mediaEngineContract } from './mediaEngine.contract.js';

mediaEngineContract('the fake', async () => {
  const engine = new FakeEngine();
  return {
    engine,
    lease: (cameraId, revision, plays) => {
      if (plays !== 'camera') {
        engine.proofs.set(cameraId, async (_lease, signal) => {
          signal?.throwIfAborted();
          await Promise.resolve();
          signal?.throwIfAborted();
          throw noPicture();
        });
      }
      return aTarget({ revision });
    },
    watch: async (cameraId) => {
      engine.viewersOf.set(cameraId, 1);
      return async () => void engine.viewersOf.delete(cameraId);
    },
    loseEverything: async () => engine.reset(),
    close: async () => undefined,
  };
});
