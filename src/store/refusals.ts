import type { CameraId } from '../core/camera/camera.js';
import { AppError } from '../core/errors.js';

/** Why the database refuses one document while it takes others: a rule that camlease did not make stands in the way. */
export interface DocumentRefusal {
  readonly message: string;
  readonly cure: string;
}

/** A camera that could not be stored; the others are not affected. */
export interface RefusedCamera extends DocumentRefusal {
  readonly cameraId: CameraId;
  readonly code: 'DOCUMENT_REFUSED';
}

export function refusedCamera(cameraId: CameraId, { message, cure }: DocumentRefusal): RefusedCamera {
  return { cameraId, code: 'DOCUMENT_REFUSED', message, cure };
}

export function documentRefused({ message, cure }: DocumentRefusal): AppError {
  return new AppError('DOCUMENT_REFUSED', message, { cure });
}

export function isDocumentRefused(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && thrown.code === 'DOCUMENT_REFUSED';
}
