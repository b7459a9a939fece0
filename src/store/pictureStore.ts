import type { CameraId } from '../core/camera/camera.js';

export interface Picture {
  readonly jpeg: Buffer;
  readonly takenAt: Date;
}

/** The last picture of each camera. Every method may throw `AppError` STORE_UNREACHABLE. */
export interface PictureStore {
  /** Throws STORE_REFUSED for a picture of more than 60 KB. */
  savePicture(id: CameraId, picture: Picture): Promise<void>;
  /** null: there is none. */
  getPicture(id: CameraId): Promise<Picture | null>;
}
