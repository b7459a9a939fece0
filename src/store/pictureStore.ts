import type { CameraId } from '../core/camera/camera.js';

export interface Picture {
  readonly jpeg: Buffer;
  readonly takenAt: Date;
}

/** The last picture of each camera, and the one that a person uploaded for it. Every method may throw `AppError` STORE_UNREACHABLE. */
export interface PictureStore {
  /** Throws STORE_REFUSED for a picture of more than 60 KB. */
  savePicture(id: CameraId, picture: Picture): Promise<void>;
  /** null: there is none. */
  getPicture(id: CameraId): Promise<Picture | null>;
  /** Throws STORE_REFUSED for an image of more than 256 KB. */
  saveImage(id: CameraId, image: Picture): Promise<void>;
  /** null: none was uploaded. */
  getImage(id: CameraId): Promise<Picture | null>;
  removeImage(id: CameraId): Promise<void>;
}
