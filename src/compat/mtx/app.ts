import path from 'node:path';
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
import { Poller } from '../../core/async/poller.js';
import { readSourceUrl, withLoginApart } from '../../core/camera/sourceUrl.js';
import { isUrlCamera } from '../../core/camera/cameraSource.js';
import { AppError, CameraError } from '../../core/errors.js';
import { cameraHealth } from '../../core/health/health.js';
import { requestLog } from '../../http/transport/requestLog.js';
import { createSeenStreams, type Seen } from '../../http/cameras/seenStreams.js';
import { leftSignal } from '../../http/route/leftSignal.js';
import { plainApp } from '../../http/transport/plainApp.js';
import type { CompatApp, CompatDeps } from '../compatApp.js';
import { LogFiles } from './logFiles.js';
import { PAGE_HEADERS, PAGE_SCRIPT, PAGE_STYLE, playerPage } from './page.js';
import { Reconnects } from './reconnects.js';
import { Statistics } from './statistics.js';
import { statusItem } from './statusItem.js';
import { findStream, listedStreams, type OldStream } from './streams.js';
import { inBase64, offerOf, OldWebrtc, type SendOffer } from './webrtc.js';

const COUNT_EVERY_MS = 5_000;
const LARGEST_BODY = '100kb';

export interface MtxParts {
  /** Sends an offer to the media server; absent: by HTTP. */
  readonly sendOffer?: SendOffer;
}

/** The listener for clients of MTX-STREAMING. */
export function mtxApp(deps: CompatDeps, parts: MtxParts = {}): CompatApp {
  const { cameras, clock, redact } = deps;
  const seenNow = createSeenStreams(deps);
  const reconnects = new Reconnects();
  const machine = deps.openMachine();
  const statistics = new Statistics(machine, clock);
  // Rates of the first request are those since the start.
  void statistics.read();
  const files = new LogFiles({ ...deps, folder: path.join(deps.dataDir, 'logs', 'mtx') });
  void files.start();
  const webrtc = new OldWebrtc({ ...deps, ...parts });
  // From memory: ends of streams between two requests count as well.
  const flows = new Map<string, string>();
  const counting = new Poller(clock, () => {
    const ids = new Set<string>();
    for (const camera of cameras.peekAll()) {
      const { id } = camera;
      ids.add(id);
      const seen = deps.outages.lastSeen(id);
      const count = reconnects.note(camera, seen);
      if (seen && seen.flow !== (flows.get(id) ?? 'idle'))
        files.log.info(`The stream is ${seen.flow}.`, { id, name: camera.name, reason: seen.reason ?? null, count });
      if (seen) flows.set(id, seen.flow);
    }
    for (const id of flows.keys()) if (!ids.has(id)) flows.delete(id);
    reconnects.keep(ids);
    return Promise.resolve(COUNT_EVERY_MS);
  });
  counting.begin(COUNT_EVERY_MS);

  const item = (stream: OldStream, seenOf: Seen) => {
    const { camera } = stream;
    const [seen, now] = [seenOf(camera), clock.now()];
    const health = cameraHealth(camera, seen, now);
    const known = { seen, health, now, reconnects: reconnects.note(camera, seen) };
    return statusItem(stream, known, redact);
  };

  const app = plainApp();
  app.use(requestLog({ clock, log: files.log }));
  const form = express.urlencoded({ extended: false, limit: LARGEST_BODY, parameterLimit: 20 });
  app.get('/', (_request, response) => {
    const [first] = listedStreams(cameras);
    if (first === undefined) sendPage(response, playerPage([], null, []));
    else response.set('Cache-Control', 'no-store').redirect(301, `stream/player/${encodeURIComponent(first.uuid)}`);
  });
  app.get('/stream/player/:id', (request, response) => {
    const id = askedId(request);
    const stream = findStream(cameras, id);
    sendPage(response, playerPage(listedStreams(cameras), stream?.uuid ?? id, deps.iceServers?.() ?? []));
  });
  app.get('/static/player.js', (_request, response) => void response.type('text/javascript').send(PAGE_SCRIPT));
  app.get('/static/player.css', (_request, response) => void response.type('text/css').send(PAGE_STYLE));
  app.get('/stream/codec/:id', async (request, response) => {
    const { camera } = needStream(deps, request);
    const tracks = await webrtc.codecs(camera, leftSignal(response));
    // As text, which clients parse by themselves; an object would be parsed twice.
    sendText(response, JSON.stringify(tracks));
  });
  app.post('/stream/receiver/:id', form, async (request, response) => {
    const { camera } = needStream(deps, request);
    const offer = offerOf(fieldOf(request, 'data'));
    sendText(response, inBase64(await webrtc.answer(camera, offer, leftSignal(response))));
  });
  app.post('/stream', form, async (request, response) => {
    const { camera } = needStreamAt(deps, fieldOf(request, 'url'));
    const offer = offerOf(fieldOf(request, 'sdp64'));
    const signal = leftSignal(response);
    const tracks = await webrtc.codecs(camera, signal);
    const sdp64 = inBase64(await webrtc.answer(camera, offer, signal));
    response.json({ tracks: tracks.map(({ Type }) => Type), sdp64 });
  });
  app.get('/stream/api/status', async (_request, response) => {
    const seen = await seenNow();
    const streams = listedStreams(cameras).map((stream) => item(stream, seen));
    const active = streams.filter(({ status }) => status).length;
    response.json({ streams, total: streams.length, active_count: active, activeCount: active });
  });
  app.get('/stream/api/status/:id', async (request, response) => {
    const stream = needStream(deps, request);
    response.json(item(stream, await seenNow()));
  });
  // The old document names both: one in its list, the other in its example.
  app.get(['/stream/api/server/stats', '/stream/api/server/status'], async (_request, response) => {
    response.json(await statistics.read());
  });
  app.options('/{*path}', (_request, response) => void response.sendStatus(204));

  return {
    app,
    errors: oldErrors(deps),
    isEmbeddable: (path) => path.startsWith('/stream/player/') || path.startsWith('/static/'),
    close: async () => {
      await counting.stop();
      await files.stop();
      machine.close();
    },
  };
}

function sendPage(response: Response, page: string): void {
  response.set(PAGE_HEADERS).type('text/html').send(page);
}

function sendText(response: Response, text: string): void {
  response.set('Cache-Control', 'no-store').type('text/plain').send(text);
}

function askedId(request: Request): string {
  const id: unknown = request.params['id'];
  return typeof id === 'string' ? id : '';
}

function fieldOf(request: Request, name: string): unknown {
  const body: unknown = request.body;
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function needStream({ cameras }: CompatDeps, request: Request): OldStream {
  return findStream(cameras, askedId(request)) ?? notFound();
}

/** Only an address that is stored already is played. Its login is not compared: the answer would say whether it is right. */
function needStreamAt({ cameras }: CompatDeps, given: unknown): OldStream {
  const address = typeof given === 'string' ? readSourceUrl(given) : null;
  if (address?.kind !== 'address') return notFound();
  for (const camera of cameras.peekAll()) {
    if (isUrlCamera(camera) && withLoginApart(camera.source).url === address.url)
      return findStream(cameras, camera.id) ?? notFound();
  }
  return notFound();
}

/** The text that old clients compare. */
const NOT_FOUND = 'Stream not found';

function notFound(): never {
  throw new AppError('CAMERA_NOT_FOUND', NOT_FOUND, {
    cure: 'GET /stream/api/status lists the streams; a new camera is added in camlease.',
  });
}

/** `{error}`, as the old system answered; the cure stands beside it. */
function oldErrors({ redact }: Pick<CompatDeps, 'redact'>): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const reply = replyOf(error);
    if (reply === null || response.headersSent || response.destroyed) {
      next(error);
      return;
    }
    const { status, message, cure } = reply;
    response.status(status).json({ error: redact(message), ...(cure !== undefined && { cure: redact(cure) }) });
  };
}

function replyOf(error: unknown): { status: number; message: string; cure?: string | undefined } | null {
  if (error instanceof AppError) return error;
  if (error instanceof CameraError) return { status: 503, message: error.message, cure: error.cure };
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return { status, message: 'The body of this request is too large.' };
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { status, message: 'This request is not readable.' };
  return null;
}
