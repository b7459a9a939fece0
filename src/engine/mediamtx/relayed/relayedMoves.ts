import type { CameraId } from '../../../core/camera/camera.js';
import { isForRelay, type DesiredStreams } from '../../../core/streams/streams.js';
import type { MovedStream } from '../../mediaEngine.js';
import type { PathConfigs } from '../paths/pathConfig.js';
import { isRelayLine } from '../paths/relayLine.js';

/** Finds the cameras that the relay moved from one lease to another, which no write to MediaMTX shows. */
export class RelayedMoves {
  /** The revisions in force at the end of the latest `apply`. */
  #settled: ReadonlyMap<CameraId, number> = new Map();

  /** Another replica calls `apply` from now on. */
  forget(): void {
    this.#settled = new Map();
  }

  /**
   * Call when an `apply` ends. Returns the cameras whose line read the relay and that have another lease since the `apply` before: `relay`
   * when the line still reads it, `swap` when the line left it.
   */
  settle(streams: DesiredStreams, before: PathConfigs, own: PathConfigs): readonly MovedStream[] {
    const moved: MovedStream[] = [];
    const settled = new Map<CameraId, number>();
    for (const [cameraId, stream] of streams) {
      const { inForce } = stream;
      if (!isForRelay(stream) || !inForce) continue;
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
