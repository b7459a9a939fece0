import type { CameraId } from '../../../core/camera/camera.js';
import type { RelayCameras, RelayedCamera } from '../../../core/streams/relay.js';

/** The relay beside a MediaMTX, as the engine uses it. Errors are `AppError`s with a sentence and a cure, never an address. */
export interface Relay {
  /** Begins to reach the relay, starting it where it is ours to start; resolves also where that fails (`problem` says so). */
  start(): Promise<void>;
  /** Ends what this process uses. The relay itself runs on, unless it was started for a MediaMTX that ends with this process. */
  stop(): Promise<void>;
  /** null: it answers and its workers live. Else a sentence and its cure; cameras are then to be pulled by MediaMTX itself. */
  readonly problem: { readonly message: string; readonly cure: string } | null;
  /** Called whenever `problem` changes, and when the relay was started anew and is to be told everything again. */
  onChange(listener: () => void): void;
  /** What MediaMTX's path of a camera has as its source (a login stands in it); the same for ever. null: not known yet. */
  sourceFor(cameraId: CameraId): string | null;
  /** Where the candidate that the relay was told of can be watched while it is proven; as `sourceFor`, secret. null: as above. */
  candidateUrl(cameraId: CameraId, revision: number): string | null;
  /**
   * Makes exactly these cameras known; resolves when that is on the relay's disk. The stream of a camera that is left out ends.
   * `fence`: of the owner of MediaMTX; an older one than the relay knows is refused (`RELAY_FENCED`).
   */
  tell(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void>;
  /** Replaces what stands in for a camera's picture: one H.264 key frame with its parameter sets, as units without start codes. */
  keepSlate(cameraId: CameraId, units: readonly Buffer[]): Promise<void>;
  /** Cameras that somebody reads; null: could not be read. */
  states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, RelayedCamera> | null>;
}
