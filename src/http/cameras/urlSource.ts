import type { Response } from 'express';
import type { z } from 'zod';
import type { Camera } from '../../core/camera/camera.js';
import type { CameraChange } from '../../core/camera/cameraChange.js';
import { isUrlCamera } from '../../core/camera/cameraSource.js';
import { AppError } from '../../core/errors.js';
import type { HttpDeps } from '../route/deps.js';
import { aboutChange } from './aboutJson.js';
import { leftSignal } from '../route/leftSignal.js';
import type { changeCameraBody, createUrlCameraBody } from '../shapes/schemas.js';

type Deps = Pick<HttpDeps, 'sources'>;
type NewBody = z.infer<typeof createUrlCameraBody>;
type Change = z.infer<typeof changeCameraBody>;

/** True for the body of a new camera with an address of its own. */
export function namesSource(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'source' in body;
}

/** Opens the address once and stores the camera. Throws what `UrlCameras.create` throws. */
export function createUrlCamera({ sources }: Deps, body: NewBody, response: Response): Promise<Camera> {
  const { name, source, keep, hikvisionEnabled, mode, sound, whenGone, labels } = body;
  const camera = {
    ...{ name, source },
    ...(mode !== undefined && { mode }),
    ...(sound !== undefined && { sound }),
    ...(whenGone !== undefined && { whenGone }),
    ...(labels !== undefined && { labels }),
    ...(hikvisionEnabled !== undefined && { enabled: hikvisionEnabled }),
    ...aboutChange(body),
  };
  return sources.create(camera, { keep: keep ?? false, again: true, signal: leftSignal(response) });
}

/** Carries out the part of a change that is of the camera's source; null: there is none. */
export async function changeUrlSource(
  { sources }: Deps,
  camera: Camera,
  { source, keep }: Change,
  response: Response,
): Promise<Camera | null> {
  if (source === undefined) return null;
  needUrlCamera(camera);
  return sources.change(camera.id, source, { keep: keep ?? false, again: true, signal: leftSignal(response) });
}

/** The same as a change that can be planned. Throws REQUEST_INVALID for what could not be carried out. */
export function plannedSource({ sources }: Deps, camera: Camera, { source }: Change): Pick<CameraChange, 'source'> {
  if (source === undefined) return {};
  needUrlCamera(camera);
  const wanted = sources.wanted(camera.id, source);
  return wanted === null ? {} : { source: { url: wanted.url, login: null, tracks: null, openedAt: null } };
}

function needUrlCamera(camera: Camera): void {
  if (isUrlCamera(camera)) return;
  throw new AppError('REQUEST_INVALID', 'A cloud leases the URLs of this camera, so it has no "source" to change.', {
    cure: 'Add another camera with this address by POST /api/camera.',
  });
}
