import type { CameraId } from '../../core/camera.js';

/** One camera as the splice carries it. */
export interface Carried {
  readonly cameraId: CameraId;
  /** Whose packets go out now; null: none yet. */
  readonly revision: number | null;
  readonly bytes: number;
}

/** RTSP addresses: where a camera is read and where it is published. */
export interface Carriage {
  readonly from: string;
  readonly to: string;
  readonly revision: number;
}

/**
 * A process that reads a feeder and publishes it at a camera's public path, and goes over to the next feeder at a key frame.
 * Handed in by whoever wires the engine.
 */
export interface Splicer {
  /** Never rejects. */
  start(): Promise<{ readonly available: boolean; readonly problem: string | null }>;
  stop(): Promise<void>;
  /** False: it does not run. */
  available(): boolean;
  pid(): number | null;
  /** Carries the camera from here on; when it is carried already, goes over to `from` at its next key frame. */
  carry(cameraId: CameraId, carriage: Carriage): Promise<void>;
  /** Resolves when packets of this revision go out; rejects after `limitMs`. */
  arrived(cameraId: CameraId, revision: number, limitMs: number, signal?: AbortSignal): Promise<void>;
  drop(cameraId: CameraId): Promise<void>;
  carried(signal?: AbortSignal): Promise<readonly Carried[]>;
  listen(listener: SplicerListener): void;
}

export interface SplicerListener {
  /** It died: what it carried is carried no more. */
  lost?(): void;
  /** It is there again, and knows nothing of what it carried before. */
  restarted?(): void;
}
