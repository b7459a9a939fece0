import { isAlwaysPulled } from '../../core/camera/camera.js';
import type { StreamsContext } from '../../core/streams/streams.js';
import type { JobsDeps } from '../run/deps.js';
import type { HandoverWatch } from './handoverWatch.js';
import type { Proofs } from './proofs.js';

type Deps = Pick<JobsDeps, 'engine' | 'accounts'>;

/** How many streams the vendor allows each account at once; null: not known. */
export function capsOf({ accounts }: Pick<Deps, 'accounts'>): Pick<StreamsContext, 'capOf'> {
  return { capOf: (account) => accounts.get(account)?.streamCap ?? null };
}

/** What the engine's streams depend on beside the cameras. */
export function streamsContext(deps: Deps & { readonly watch: HandoverWatch }, proofs: Proofs): StreamsContext {
  const { engine, watch } = deps;
  return {
    ...capsOf(deps),
    /** True from the start of a candidate's proof until its promotion, except while the candidate is held. */
    proving: (camera, revision) => {
      // The proof of a camera that the media server pulls on demand plays the URL by itself, so the engine needs no stream
      // for it.
      if (!isAlwaysPulled(camera.mode) && engine.movesFreely?.(camera) !== true) return false;
      if (proofs.isRunning(camera.id, revision)) return true;
      const isHeld = watch.decisionOf(camera.id, revision)?.action === 'hold';
      return !isHeld && proofs.attemptOf(camera.id, revision)?.outcome === 'proven';
    },
  };
}
