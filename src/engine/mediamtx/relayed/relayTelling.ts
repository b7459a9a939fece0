import type { CameraId } from '../../../core/camera/camera.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import { isSameRelayCamera, type RelayCamera, type RelayCameras } from '../../../core/streams/relay.js';
import { isForRelay, isForRelayAlone, type DesiredStream, type DesiredStreams } from '../../../core/streams/streams.js';
import { isPublicPathName } from '../paths/pathConfig.js';
import { targetSource } from '../paths/pathSource.js';

/**
 * The cameras that the relay is to carry: every on-demand and seamless camera whose name and URL MediaMTX accepts, and every camera whose
 * URL a person gave, in each mode. `proving`: leases
 * that a proof looks at through the relay. `isRead`: the camera's line in MediaMTX still reads the relay, which has to go on for a camera
 * whose mode changed until that line is rewritten.
 */
export function relayCamerasOf(
  streams: DesiredStreams,
  proving: ReadonlyMap<CameraId, PullTarget>,
  isRead: (cameraId: CameraId) => boolean = () => false,
): RelayCameras {
  const cameras = new Map<CameraId, RelayCamera>();
  for (const [cameraId, stream] of streams) {
    const { inForce } = stream;
    const isPulled = inForce === null || isForRelayAlone(stream) || targetSource(inForce) !== null;
    const isRefused = !isPublicPathName(cameraId) || !isPulled;
    if (!isRefused && (isForRelay(stream) || isRead(cameraId)))
      cameras.set(cameraId, cameraOf(stream, proving.get(cameraId)));
  }
  return cameras;
}

function cameraOf({ inForce, candidate, relaying }: DesiredStream, proving: PullTarget | undefined): RelayCamera {
  const next = proving ?? candidate;
  return {
    target: inForce,
    candidate: next && next.revision !== inForce?.revision ? next : null,
    whenGone: relaying?.whenGone ?? 'slate',
    cap: relaying?.cap ?? null,
    ...(relaying?.sound === 'off' && { sound: 'off' }),
  };
}

/** True: the two are equal, so nothing need be sent to the relay. */
export function isSameTelling(a: RelayCameras, b: RelayCameras): boolean {
  if (a.size !== b.size) return false;
  for (const [cameraId, camera] of b) {
    const before = a.get(cameraId);
    if (before === undefined || !isSameRelayCamera(before, camera)) return false;
  }
  return true;
}
