import type { StreamState } from '../mediaEngine.js';
import type { EmbeddedPull } from './mediaPort.js';
import type { Watch } from './watch.js';

/** What a camera's stream does now; `pull` undefined: nothing is pulled for it. */
export function flowOf(watch: Watch, pull: EmbeddedPull | undefined): StreamState['flow'] {
  if (!watch.pulled) return watch.isKept ? 'stopped' : 'idle';
  if (pull?.flowing) return 'flowing';
  const standsIn = watch.isKept && (watch.lease === null || pull?.standsIn === true);
  // A try that failed, on-demand or not: nothing comes, whoever waits.
  return pull && (standsIn || pull.problem !== null) ? 'stopped' : 'starting';
}

/** When a picture of the camera came last: a stand-in's does not count. */
export function movedOf(watch: Watch, pull: EmbeddedPull | undefined, nowMs: number): Pick<StreamState, 'movedMs'> {
  const agoMs = watch.pulled ? (pull?.pictureMsAgo ?? null) : null;
  return agoMs === null ? {} : { movedMs: nowMs - agoMs };
}
