import { isAlwaysPulled } from '../../core/camera/camera.js';
import type { StreamsContext } from '../../core/streams/streams.js';
import type { JobsDeps } from '../run/deps.js';
import type { HandoverWatch } from './handoverWatch.js';
import type { Proofs } from './proofs.js';

type Deps = Pick<JobsDeps, 'engine' | 'accounts'>;

/** How many streams at once the vendor lets each account have. */
export function capsOf({ accounts }: Pick<Deps, 'accounts'>): Pick<StreamsContext, 'capOf'> {
  return { capOf: (account) => accounts.get(account)?.streamCap ?? null };
}

/** What the media loop's streams depend on beside the cameras. */
export function streamsContext(deps: Deps & { readonly watch: HandoverWatch }, proofs: Proofs): StreamsContext {
  const { engine, watch } = deps;
  return {
    ...capsOf(deps),
    /** A candidate's stream is kept from its first look until it has taken over, and not while it is held for long. */
    proving: (camera, revision) => {
      // Where the media server pulls the camera by itself, a proof plays the address, and the engine has nothing to do.
      if (!isAlwaysPulled(camera.mode) && engine.movesFreely?.(camera) !== true) return false;
      if (proofs.isRunning(camera.id, revision)) return true;
      const isHeld = watch.decisionOf(camera.id, revision)?.action === 'hold';
      return !isHeld && proofs.attemptOf(camera.id, revision)?.outcome === 'proven';
    },
  };
}
