import type { CameraId } from '../../core/camera/camera.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { isSameRelayCamera, type RelayCamera, type RelayCameras } from '../../core/streams/relay.js';

/** The cameras that a relay has acknowledged, compared with those that it is to pull now. */
export class AcknowledgedCameras {
  #cameras: RelayCameras = new Map();
  #isKnown = false;

  /** False: which cameras the relay holds is not known, so it must get all of them. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  forget(): void {
    this.#isKnown = false;
    this.#cameras = new Map();
  }

  keep(cameras: RelayCameras): void {
    this.#isKnown = true;
    this.#cameras = cameras;
  }

  /** The cameras that are new or changed, and null for each that was removed. All cameras when nothing was acknowledged yet. */
  differences(cameras: RelayCameras): Map<CameraId, RelayCamera | null> {
    const differences = new Map<CameraId, RelayCamera | null>();
    for (const [id, camera] of cameras) {
      const before = this.#cameras.get(id);
      if (before === undefined || !isSame(before, camera)) differences.set(id, camera);
    }
    for (const id of this.#cameras.keys()) if (!cameras.has(id)) differences.set(id, null);
    return differences;
  }
}

/** Compares tracks too, which `isSameRelayCamera` leaves out: the engine does not call `setCameras` for changed tracks alone, but the next call sends them. */
function isSame(a: RelayCamera, b: RelayCamera): boolean {
  if (a === b) return true;
  return isSameRelayCamera(a, b) && hasSameTracks(a.target, b.target) && hasSameTracks(a.candidate, b.candidate);
}

function hasSameTracks(a: PullTarget | null, b: PullTarget | null): boolean {
  return a?.tracks === b?.tracks || JSON.stringify(a?.tracks) === JSON.stringify(b?.tracks);
}
