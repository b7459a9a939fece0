import type { Request, Response } from 'express';
import type { Camera, CameraId } from '../../core/camera/camera.js';
import type { HttpDeps } from './deps.js';
import { leftSignal } from './leftSignal.js';

type Deps = Pick<HttpDeps, 'cameras' | 'clock' | 'images' | 'pictures'>;

/** The picture that the form brings, made small; null: it brings none. Throws REQUEST_INVALID, RATE_LIMITED and IMAGES_OFF. */
export async function imageIn(
  { images }: Pick<Deps, 'images'>,
  request: Request,
  response: Response,
): Promise<Buffer | null> {
  return request.file ? images.toJpeg(request.file.buffer, leftSignal(response)) : null;
}

/**
 * Stores a picture as the camera's image (null: the camera has none any more). Its address differs for each upload, so that
 * browsers may keep it. null: the camera is gone.
 */
export async function keepImage(deps: Deps, id: CameraId, jpeg: Buffer | null): Promise<Camera | null> {
  const now = deps.clock.now();
  if (jpeg !== null) await deps.pictures.saveImage(id, { jpeg, takenAt: now });
  const image = jpeg === null ? null : `/images/${id}.${now.getTime()}.jpg`;
  const changed = await deps.cameras.update(id, { about: { image } }, now);
  if (jpeg === null || changed === null) await deps.pictures.removeImage(id);
  return changed;
}

/** The camera that an image of ours is of, by the file's name; null: the name is none of ours. */
export function cameraOfImage(file: string): CameraId | null {
  return /^([0-9A-Za-z_-]{1,64})\.\d{1,15}\.jpg$/.exec(file)?.[1] ?? null;
}
