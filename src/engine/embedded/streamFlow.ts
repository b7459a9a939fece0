import type { RelayReason } from '../../core/streams/relay.js';
import type { StreamState } from '../mediaEngine.js';
import type { EmbeddedPull } from './mediaPort.js';
import type { Watch } from './watch.js';

/** What a camera's stream does now; `pull` undefined: nothing is pulled for it. */
export function flowOf(watch: Watch, pull: EmbeddedPull | undefined): StreamState['flow'] {
  if (!watch.pulled) return watch.isKept ? 'stopped' : 'idle';
  if (pull?.flowing) return 'flowing';
  // A try that failed, or a picture that stands in: nothing comes, whoever waits.
  return pull && (watch.lease === null || pull.standsIn || pull.problem !== null) ? 'stopped' : 'starting';
}

/** When a picture of the camera came last: a stand-in's does not count. */
export function movedOf(watch: Watch, pull: EmbeddedPull | undefined, nowMs: number): Pick<StreamState, 'movedMs'> {
  const agoMs = watch.pulled ? (pull?.pictureMsAgo ?? null) : null;
  return agoMs === null ? {} : { movedMs: nowMs - agoMs };
}

/** Why its pictures do not come. */
export function reasonOf(watch: Watch, pull: EmbeddedPull | undefined): RelayReason | null {
  return watch.pulled ? (pull?.reason ?? null) : null;
}
