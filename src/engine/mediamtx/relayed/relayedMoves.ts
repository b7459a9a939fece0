import { type CameraId, goesByRelay } from '../../../core/camera/camera.js';
import type { DesiredStreams, MovedStream } from '../../mediaEngine.js';
import type { PathConfigs } from '../paths/pathConfig.js';
import { isRelayLine } from '../paths/relayLine.js';

/** Finds which cameras went from one lease to another by the relay, where no write tells it. */
export class RelayedMoves {
  /** The revisions that the latest `apply` left in force. */
  #settled: ReadonlyMap<CameraId, number> = new Map();

  /** Another process applies from now on. */
  forget(): void {
    this.#settled = new Map();
  }

  /** At the end of an `apply`: the cameras that the relay took to another lease since the one before, and those that left it so. */
  settle(streams: DesiredStreams, before: PathConfigs, own: PathConfigs): readonly MovedStream[] {
    const moved: MovedStream[] = [];
    const settled = new Map<CameraId, number>();
    for (const [cameraId, { mode, inForce }] of streams) {
      if (!goesByRelay(mode) || !inForce) continue;
      const { revision } = inForce;
      settled.set(cameraId, revision);
      const [was, is] = [before.get(cameraId), own.get(cameraId)];
      const from = this.#settled.get(cameraId);
      if (!was || !is || !isRelayLine(cameraId, was) || from === undefined || from === revision) continue;
      moved.push({ cameraId, revision, how: isRelayLine(cameraId, is) ? 'relay' : 'swap' });
    }
    this.#settled = settled;
    return moved;
  }
}
