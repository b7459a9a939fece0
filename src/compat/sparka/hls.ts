import type { Express, Response } from 'express';
import { askUntil } from '../../core/async/askUntil.js';
import type { Camera, CameraId } from '../../core/camera/camera.js';
import { isUrlCamera } from '../../core/camera/cameraSource.js';
import { AppError } from '../../core/errors.js';
import { leftSignal } from '../../http/route/leftSignal.js';
import type { CompatDeps } from '../compatApp.js';
import { notFoundPage } from './errors.js';
import type { StartedStreams } from './startedStreams.js';
import { readStreamId } from './streamId.js';

const PLAYLIST = 'index.m3u8';
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const ASK_EVERY_MS = 100;
/** The media loop gives a new camera to the relay within a moment. */
const RELAY_TAKES_MS = 15_000;

/** HLS of MPEG-TS, made of what the relay carries (`media/packaging`). */
export interface HlsPackages {
  /**
   * The playlist of the stream that is read at `url` (secret); packaging begins with the first call, and this waits for its first segment.
   * Throws `CameraError` or `AppError` with the reason why there is none.
   */
  playlist(cameraId: CameraId, url: string, signal: AbortSignal): Promise<string>;
  /** null: there is no such segment, or it was dropped. */
  segment(cameraId: CameraId, name: string): Buffer | null;
  end(cameraId: CameraId): void;
  close(): void;
}

export interface HlsDeps extends Pick<CompatDeps, 'engine' | 'jobs' | 'clock' | 'publicUrl'> {
  readonly packages: HlsPackages;
  readonly streams: StartedStreams;
}

/** Resolves when a camera that was just started has its playlist. Rejects with the reason, also where the relay does not take it. */
export async function hasPlaylist(deps: HlsDeps, camera: Camera, signal: AbortSignal): Promise<void> {
  const url = (): string | null => deps.engine.readerUrl?.(camera.id) ?? null;
  const asking = { clock: deps.clock, everyMs: ASK_EVERY_MS, withinMs: RELAY_TAKES_MS, signal };
  await askUntil(asking, () => Promise.resolve(url() !== null));
  const read = url();
  if (read !== null) await deps.packages.playlist(camera.id, read, signal);
  else if (isUrlCamera(camera)) throw notCarried();
}

/** The old server's files: `/hls/<id>/index.m3u8` and the segments beside it, for pages of any site. */
export function addHls(app: Express, deps: HlsDeps): void {
  app.get('/hls/:id/:file', async (request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    const id = readStreamId(request.params.id);
    const stream = id === null ? null : deps.streams.shown(id);
    const { file } = request.params;
    if (stream === null) {
      notFoundPage(response, request.method);
      return;
    }
    const { camera } = stream;
    const url = deps.engine.readerUrl?.(camera.id) ?? null;
    const signal = leftSignal(response);
    if (url === null) return byEngine(deps, camera, file, { response, signal });
    if (file === PLAYLIST) {
      deps.jobs.urgent(camera.id);
      send(response, PLAYLIST_TYPE, 'no-cache', await deps.packages.playlist(camera.id, url, signal));
      return;
    }
    const segment = deps.packages.segment(camera.id, file);
    if (segment === null) {
      notFoundPage(response, request.method);
      return;
    }
    send(response, 'video/mp2t', 'max-age=60', segment);
  });
}

/** A camera that the relay does not carry is shown by the engine's own HLS. */
async function byEngine(
  { engine, publicUrl }: HlsDeps,
  { id }: Camera,
  file: string,
  { response, signal }: { readonly response: Response; readonly signal: AbortSignal },
): Promise<void> {
  if (engine.media === null) {
    if (file !== PLAYLIST) {
      notFoundPage(response, 'GET');
      return;
    }
    response.setHeader('Cache-Control', 'no-store').redirect(302, engine.links(id, publicUrl ?? '').hlsUrl);
    return;
  }
  const found = await engine.media.hls(id, file, signal);
  if (found === null) {
    notFoundPage(response, 'GET');
    return;
  }
  send(response, found.contentType, 'no-cache', found.body);
}

function send(response: Response, type: string, caching: string, body: string | Buffer): void {
  response.setHeader('Content-Type', type);
  response.setHeader('Cache-Control', caching);
  response.end(body);
}

function notCarried(): AppError {
  return new AppError('CAMERA_NOT_LIVE', 'The relay does not carry this camera.', {
    cure: 'GET /ready of camlease says why.',
  });
}
