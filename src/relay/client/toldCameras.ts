import type { CameraId } from '../../core/camera/camera.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { isSameRelayCamera, type RelayCamera, type RelayCameras } from '../../core/streams/relay.js';

/** What a relay acknowledged, and what is to be told it beside that. */
export class ToldCameras {
  #told: RelayCameras = new Map();
  #isKnown = false;

  /** False: the relay is to be told everything. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  forget(): void {
    this.#isKnown = false;
    this.#told = new Map();
  }

  keep(cameras: RelayCameras): void {
    this.#isKnown = true;
    this.#told = cameras;
  }

  /** null for a camera that is gone. Nothing is known: all of them. */
  differences(cameras: RelayCameras): Map<CameraId, RelayCamera | null> {
    const differences = new Map<CameraId, RelayCamera | null>();
    for (const [id, camera] of cameras) {
      const before = this.#told.get(id);
      if (before === undefined || !isSame(before, camera)) differences.set(id, camera);
    }
    for (const id of this.#told.keys()) if (!cameras.has(id)) differences.set(id, null);
    return differences;
  }
}

/** The tracks count here: they are told as soon as anything is told. */
function isSame(a: RelayCamera, b: RelayCamera): boolean {
  if (a === b) return true;
  return isSameRelayCamera(a, b) && hasSameTracks(a.target, b.target) && hasSameTracks(a.candidate, b.candidate);
}

function hasSameTracks(a: PullTarget | null, b: PullTarget | null): boolean {
  return a?.tracks === b?.tracks || JSON.stringify(a?.tracks) === JSON.stringify(b?.tracks);
}
