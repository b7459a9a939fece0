import type { Camera, CameraId } from '../../core/camera/camera.js';
import { isUrlCamera, type UrlCamera } from '../../core/camera/cameraSource.js';
import { maskedUrl } from '../../core/camera/maskedUrl.js';
import { readSourceUrl, withLoginApart } from '../../core/camera/sourceUrl.js';

/** The feed of cameras that an old client added; the key is the id that it knows. */
export const VIEWER_FEED = 'viewer';
export const VIEWER_LABEL = 'compat:viewer';

/** A camera as old clients know it. */
export interface OldStream {
  readonly id: string;
  readonly camera: UrlCamera;
}

/** The five keys of the old system. */
export interface StreamJson {
  readonly id: string;
  /** Masked: what may hold a password is not shown. */
  readonly url: string;
  readonly label: string | null;
  readonly created_at: string;
  readonly ws_url: string;
}

/** The cameras that clients may know. */
export interface KnownCameras {
  peek(id: CameraId): Camera | null | undefined;
  peekAll(): Iterable<Camera>;
}

/**
 * The enabled cameras with an address of their own, whoever added them, newest first. The old system hid a stream that was switched off, too.
 */
export function listedStreams(cameras: KnownCameras): OldStream[] {
  const streams = [...cameras.peekAll()].flatMap((camera) => streamOf(camera) ?? []);
  return streams.sort((a, b) => b.camera.createdAt.getTime() - a.camera.createdAt.getTime());
}

/** null: there is no such stream. */
export function findStream(cameras: KnownCameras, id: string): OldStream | null {
  const camera = cameras.peek(id);
  if (camera && camera.feed?.name !== VIEWER_FEED) return streamOf(camera);
  for (const one of cameras.peekAll()) {
    if (one.feed?.name === VIEWER_FEED && one.feed.key === id) return streamOf(one);
  }
  return null;
}

/** True: an old client added the camera, so one may change and delete it. */
export function isOwn({ camera }: OldStream): boolean {
  return camera.feed?.name === VIEWER_FEED;
}

export function streamJson({ id, camera }: OldStream, socketOrigin: string): StreamJson {
  const { url } = withLoginApart(camera.source);
  return {
    id,
    url: maskedUrl(url),
    label: camera.name === nameWithoutLabel(url) ? null : camera.name,
    created_at: camera.createdAt.toISOString().replace('Z', '000Z'),
    ws_url: `${socketOrigin}/ws/stream?id=${encodeURIComponent(id)}`,
  };
}

/** How a camera is called to which an old client gave no label. A camera so named has the label null. */
export function nameWithoutLabel(url: string): string {
  const read = readSourceUrl(url);
  return read.kind === 'address' ? `Stream of ${read.host}` : 'Stream';
}

function streamOf(camera: Camera): OldStream | null {
  if (!isUrlCamera(camera) || !camera.enabled || camera.status === 'disabled' || camera.status === 'missing')
    return null;
  return { id: camera.feed?.name === VIEWER_FEED ? camera.feed.key : camera.id, camera };
}
