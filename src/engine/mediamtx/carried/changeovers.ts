import type { CameraId } from '../../../core/camera/camera.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';

/** The changeovers under way: cameras that go from one lease to another; see `PathWorld`. */
export class Changeovers {
  /** Leases that stay on air until the feeder of their successor is warm. */
  readonly leaving = new Map<CameraId, PullTarget>();
  /** On-demand cameras whose public path is about to read a feeder. */
  readonly begun = new Set<CameraId>();
  /** On-demand cameras whose public path is about to pull the cloud again. */
  readonly ended = new Set<CameraId>();

  bridge(cameraId: CameraId): 'begin' | 'keep' | 'end' {
    if (this.begun.has(cameraId)) return 'begin';
    return this.ended.has(cameraId) ? 'end' : 'keep';
  }
}
