import type { CameraId } from '../../../src/core/camera/camera.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import type { Pulled } from './pulls.js';

/** Why somebody who watched has to come again. */
export type Loss =
  /** The worker, or the whole relay, that the camera was read from has ended. */
  | 'worker'
  | 'relay'
  /** The relay is away, and the media server pulls the camera itself from now on. */
  | 'fallback'
  /** It pulls another lease itself, or the relay does from now on. */
  | 'swap'
  | 'moved-over'
  /** It went to the relay though the lease that it was pulled by is still in force. */
  | 'moved-early'
  /** Its line changed, or went, though the relay was well and carried it. */
  | 'relayed-line'
  /** A person chose another mode; or the camera has no line any more, as it had none through the relay. */
  | 'mode'
  | 'gone';

export interface EngineEvents {
  /**
   * From now on this address (null: none) is what viewers get. `forgotten`: nobody said so, the media server or the relay restarted.
   * `old-file`: the same, and the relay goes by what it was told before.
   */
  readonly onInForce: (id: CameraId, pulled: Pulled | null, why: 'told' | 'forgotten' | 'old-file') => void;
  /** It was told of a lease long after that had expired. */
  readonly onExpiredTold: (id: CameraId) => void;
  /** Those who watched were cut off though their lease had hours to live. */
  readonly onCut: (id: CameraId) => void;
  readonly onLoss: (id: CameraId, why: Loss) => void;
  /** A line through the relay was written anew, or went, though the relay is well. */
  readonly onLineGone: (id: CameraId) => void;
  /** More pulls than two are open for one camera. */
  readonly onThirdPull: (id: CameraId, pulls: number) => void;
  /** The picture of a lease that is to come through the relay was seen, and camlease knows it. */
  readonly onProved: (id: CameraId, lease: PullTarget) => void;
  /** Whether this URL shows a picture now: false also for one that has expired or was taken back. */
  readonly plays: (id: CameraId, pulled: Pulled) => boolean;
}
