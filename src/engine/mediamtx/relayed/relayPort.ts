import type { CameraId } from '../../../core/camera/camera.js';
import type { SourceOpening } from '../../../core/streams/opening.js';
import type { RelayCameras, RelayedCamera } from '../../../core/streams/relay.js';

/** The relay beside a MediaMTX, as the engine uses it. Errors are `AppError`s with a sentence and a cure, never an address. */
export interface Relay extends Partial<SourceOpening> {
  /** Connects to the relay, and starts it if camlease is to run it. Resolves also when that fails; `problem` says why. */
  start(): Promise<void>;
  /** Ends this process's use of the relay. The relay runs on, unless it was started for a MediaMTX that ends with this process. */
  stop(): Promise<void>;
  /** null: the relay answers and its workers live. Else a sentence and its cure; MediaMTX has to pull the cameras itself then. */
  readonly problem: { readonly message: string; readonly cure: string } | null;
  /** Calls `listener` whenever `problem` changes, and when the relay was restarted and needs its cameras again (`setCameras`). */
  onChange(listener: () => void): void;
  /** The source of a camera's path in MediaMTX, the same for every lease. Secret: it holds a login. null: not known yet. */
  sourceFor(cameraId: CameraId): string | null;
  /** The URL at which the relay offers a candidate's pictures for its proof. Secret, as `sourceFor`. null: not known yet. */
  candidateUrl(cameraId: CameraId, revision: number): string | null;
  /**
   * Makes the relay carry exactly these cameras; resolves when they are on the relay's disk. The relay ends the stream of a camera
   * that is left out. `fence`: of the replica that owns MediaMTX; the relay refuses an older one than it knows (`RELAY_FENCED`).
   */
  setCameras(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void>;
  /** Replaces a camera's slate: one H.264 key frame with its parameter sets, as NAL units without start codes. */
  keepSlate(cameraId: CameraId, units: readonly Buffer[]): Promise<void>;
  /** The states of cameras that somebody reads; null: the relay could not be asked. */
  states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, RelayedCamera> | null>;
}
