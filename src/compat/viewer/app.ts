import express, { type Request, type Response } from 'express';
import { AppError, CameraError, messageOf } from '../../core/errors.js';
import { leftSignal } from '../../http/route/leftSignal.js';
import { plainApp } from '../../http/transport/plainApp.js';
import type { CompatApp, CompatDeps } from '../compatApp.js';
import { readBody, type GivenStream } from './body.js';
import { viewerErrors } from './errors.js';
import { SharedVideo } from './sharedVideo.js';
import { ViewerSockets } from './sockets.js';
import { newStreamId } from './streamId.js';
import {
  findStream,
  isOwn,
  listedStreams,
  nameWithoutLabel,
  streamJson,
  VIEWER_FEED,
  VIEWER_LABEL,
  type OldStream,
} from './streams.js';
import { THUMBNAIL_QUALITY, THUMBNAIL_SIZE, THUMBNAIL_TTL_SECONDS, Thumbnails } from './thumbnails.js';

const LARGEST_BODY = '100kb';

/** The listener for clients of the RTSP Stream Viewer. Each address is answered with and without a slash at its end. */
export function viewerApp(deps: CompatDeps): CompatApp {
  const { cameras, clock, random } = deps;
  const thumbnails = new Thumbnails(deps);
  const video = new SharedVideo(deps);
  const sockets = new ViewerSockets(deps, video);
  const json = (request: Request, stream: OldStream) => streamJson(stream, socketOrigin(request, deps.publicUrl));

  const app = plainApp();
  const body = express.json({ limit: LARGEST_BODY, type: 'application/json' });
  app.use('/api/streams', needJson, body);

  app
    .route('/api/streams')
    .get((request, response) => {
      response.json(listedStreams(cameras).map((stream) => json(request, stream)));
    })
    .post(async (request, response) => {
      const { url = '', label = null } = readBody(request.body, true);
      const created = await deps.sources.create(
        {
          name: label ?? nameWithoutLabel(url),
          source: { url },
          labels: [VIEWER_LABEL],
          feed: { name: VIEWER_FEED, key: newStreamId(random) },
        },
        { keep: false, again: true, signal: leftSignal(response) },
      );
      deps.jobs.cameraChanged(created.id);
      const stream = findStream(cameras, created.feed?.key ?? created.id);
      response.status(201).json(json(request, stream ?? notFound()));
    })
    .all(methodNotAllowed);

  const change = async (request: Request, response: Response, needsUrl: boolean): Promise<void> => {
    const stream = needOwn(needStream(deps, request));
    const given = readBody(request.body, needsUrl);
    await changeStream(deps, stream, given, leftSignal(response));
    response.json(json(request, findStream(cameras, stream.id) ?? notFound()));
  };
  app
    .route('/api/streams/:id')
    .get((request, response) => void response.json(json(request, needStream(deps, request))))
    .put((request, response) => change(request, response, true))
    .patch((request, response) => change(request, response, false))
    .delete(async (request, response) => {
      const { camera } = needOwn(needStream(deps, request));
      if (!(await cameras.remove(camera.id, clock.now()))) notFound();
      deps.jobs.cameraChanged(camera.id);
      video.end(camera.id);
      response.status(204).end();
    })
    .all(methodNotAllowed);

  app
    .route('/api/streams/:id/thumbnail')
    .get(async (request, response) => {
      const stream = needStream(deps, request);
      const made = await madeThumbnail(deps, thumbnails, stream, request.query['refresh'] === 'true', response);
      if (made === null) return;
      response.json({
        thumbnail: `data:image/jpeg;base64,${made.jpeg.toString('base64')}`,
        // The old system wrote the time of UTC without saying so.
        timestamp: made.madeAt.toISOString().replace('Z', '000'),
        size: THUMBNAIL_SIZE,
        format: 'jpeg',
        quality: THUMBNAIL_QUALITY,
        stream_id: stream.id,
      });
    })
    .all(methodNotAllowed);
  app
    .route('/api/streams/:id/thumbnail/refresh')
    .post(async (request, response) => {
      const made = await madeThumbnail(deps, thumbnails, needStream(deps, request), true, response);
      if (made !== null) response.json({ message: 'Thumbnail refreshed successfully' });
    })
    .all(methodNotAllowed);
  app
    .route('/api/thumbnails/cache/stats')
    .get((_request, response) => {
      const ids = new Set(thumbnails.kept);
      const streams = listedStreams(cameras).filter(({ camera }) => ids.has(camera.id));
      response.json({
        total_cached: streams.length,
        cache_ttl: THUMBNAIL_TTL_SECONDS,
        cached_streams: streams.map(({ id }) => id),
      });
    })
    .all(methodNotAllowed);
  app
    .route('/api/thumbnails/cache/clear')
    .post((_request, response) => {
      thumbnails.clear();
      response.json({ message: 'Thumbnail cache cleared successfully' });
    })
    .all(methodNotAllowed);
  app
    .route('/api/health')
    .get((_request, response) => {
      const isWell = deps.engine.status().ready && deps.outages.storeAnswered()?.isThere !== false;
      response.status(isWell ? 200 : 503).json({ status: isWell ? 'healthy' : 'unhealthy' });
    })
    .all(methodNotAllowed);

  return {
    app,
    errors: viewerErrors(deps),
    isEmbeddable: () => false,
    withCredentials: true,
    upgrade: (...asked) => sockets.upgrade(...asked),
    close: async () => {
      video.close();
      await sockets.close();
    },
  };
}

/** `ws://host` as the client reaches this listener; `wss` where PUBLIC_URL says that this host is behind https. */
function socketOrigin(request: Request, publicUrl: string | null): string {
  const host = request.headers.host ?? 'localhost';
  const isEncrypted =
    publicUrl !== null && new URL(publicUrl).protocol === 'https:' && new URL(publicUrl).host === host;
  return `${isEncrypted ? 'wss' : 'ws'}://${host}`;
}

/** First what may be refused: then nothing of the request is stored. */
async function changeStream(
  deps: CompatDeps,
  { camera }: OldStream,
  { url, label }: GivenStream,
  signal: AbortSignal,
): Promise<void> {
  const hadLabel = camera.name !== nameWithoutLabel(camera.source.url);
  const moved =
    url === undefined ? camera : await deps.sources.change(camera.id, { url }, { keep: false, again: true, signal });
  const address = moved.source.kind === 'url' ? moved.source.url : camera.source.url;
  const wanted = label === undefined ? (hadLabel ? camera.name : null) : label;
  const name = wanted ?? nameWithoutLabel(address);
  if (name !== camera.name && (await deps.cameras.update(camera.id, { name }, deps.clock.now())) === null) notFound();
  deps.jobs.cameraChanged(camera.id);
}

/** null: the camera gave no picture, and the reply is sent. */
async function madeThumbnail(
  { log, redact }: CompatDeps,
  thumbnails: Thumbnails,
  stream: OldStream,
  isFresh: boolean,
  response: Response,
) {
  try {
    return await thumbnails.of(stream, isFresh);
  } catch (error) {
    if (!(error instanceof CameraError) && !(error instanceof AppError)) throw error;
    if (error instanceof AppError && error.code === 'RATE_LIMITED') throw error;
    log.debug('No thumbnail of a camera could be made.', { cameraId: stream.camera.id, reason: messageOf(error) });
    const detail = redact([error.message, error.cure].filter(Boolean).join(' '));
    response.status(500).json({ error: 'Failed to generate thumbnail', detail });
    return null;
  }
}

/** Old clients send JSON alone; a form is not read as if it were empty. */
function needJson(request: Request, response: Response, next: () => void): void {
  // null: there is no body.
  const type = request.is('application/json');
  if (type === null || type === 'application/json' || request.headers['content-length'] === '0') {
    next();
    return;
  }
  const detail = 'Unsupported media type in request; send application/json.';
  response.status(415).json({ detail, error: detail });
}

function methodNotAllowed(request: Request, response: Response): void {
  if (request.method === 'OPTIONS') {
    response.status(204).end();
    return;
  }
  const detail = `Method "${request.method.slice(0, 20)}" not allowed.`;
  response.status(405).json({ detail, error: detail });
}

function needStream({ cameras }: CompatDeps, request: Request): OldStream {
  const id: unknown = request.params['id'];
  return findStream(cameras, typeof id === 'string' ? id : '') ?? notFound();
}

function needOwn(stream: OldStream): OldStream {
  if (isOwn(stream)) return stream;
  throw new AppError('REQUEST_FOREIGN', 'This camera was not added by a client of the RTSP Stream Viewer.', {
    cure: 'Change or delete it on the page of camlease.',
  });
}

function notFound(): never {
  throw new AppError('CAMERA_NOT_FOUND', 'There is no such stream.', { cure: 'Take ids from GET /api/streams/.' });
}
