import type { RelayReason } from '../../core/streams/relay.js';
import type { StreamState } from '../mediaEngine.js';
import type { EmbeddedPull } from './mediaPort.js';
import type { WatchedCamera } from './watchedCamera.js';

/** The flow of a camera's stream; `pull` undefined: the media process does not pull it. */
export function flowOf(watch: WatchedCamera, pull: EmbeddedPull | undefined): StreamState['flow'] {
  if (!watch.pulled) return watch.isKept ? 'stopped' : 'idle';
  if (pull?.flowing) return 'flowing';
  // A pull that failed, a stand-in or no lease: no picture comes, even if viewers wait.
  return pull && (watch.lease === null || pull.standsIn || pull.problem !== null) ? 'stopped' : 'starting';
}

/** When the camera's last picture came (monotonic, ms); pictures of a stand-in do not count. */
export function movedOf(
  watch: WatchedCamera,
  pull: EmbeddedPull | undefined,
  nowMs: number,
): Pick<StreamState, 'movedMs'> {
  const agoMs = watch.pulled ? (pull?.pictureMsAgo ?? null) : null;
  return agoMs === null ? {} : { movedMs: nowMs - agoMs };
}

/** Why the camera's pictures do not come; null: they come, nothing is pulled, or it is not known. */
export function reasonOf(watch: WatchedCamera, pull: EmbeddedPull | undefined): RelayReason | null {
  return watch.pulled ? (pull?.reason ?? null) : null;
}
