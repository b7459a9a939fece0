import type { Express, Response } from 'express';
import { maskedUrl } from '../../core/camera/maskedUrl.js';
import { AppError, CameraError } from '../../core/errors.js';
import { jsonBody } from '../../http/route/body.js';
import { leftSignal } from '../../http/route/leftSignal.js';
import type { CompatDeps } from '../compatApp.js';
import { OLD_TEXTS } from './errors.js';
import { hlsUrlOf, shownSource, statusOf, streamJson } from './replies.js';
import { startedAt, type StartedStreams } from './startedStreams.js';
import type { Starting } from './starting.js';
import { readStreamId } from './streamId.js';
import { streamTypeOf } from './streamType.js';
import type { StreamLogs } from './streamLogs.js';

export interface ApiDeps extends Pick<CompatDeps, 'clock' | 'redact'> {
  readonly streams: StartedStreams;
  readonly starting: Starting;
  readonly logs: StreamLogs;
  /** Called when a stream was stopped. */
  readonly onStopped: (cameraId: string) => void;
  /** Makes an id for a start that gives none. */
  readonly newId: () => string;
}

type Body = Readonly<Record<string, unknown>>;

/** The old server's JSON routes, in the dialects of its document and of its code. */
export function addApi(app: Express, deps: ApiDeps): void {
  const { clock, streams, starting, logs, redact } = deps;
  const json = jsonBody();
  const beganMs = clock.monotonicMs();
  const uptime = (): number => (clock.monotonicMs() - beganMs) / 1_000;
  const uptimeOf = (at: Date): number => Math.max(0, (clock.now().getTime() - at.getTime()) / 1_000);

  app.post('/api/stream/start', ...json, async (request, response) => {
    const body = (request.body ?? {}) as Body;
    const url = body['sourceUrl'] ?? body['rtspUrl'] ?? body['rtsp_url'];
    if (typeof url !== 'string' || url.trim() === '') return refuse(response, 400, OLD_TEXTS.urlMissing);
    const given = body['cctvId'] ?? body['stream_id'] ?? body['streamId'];
    const id = given === undefined || given === null || given === '' ? deps.newId() : readStreamId(given);
    if (id === null) return refuse(response, 400, OLD_TEXTS.idInvalid);
    const streamType = streamTypeOf(url);
    if (streamType !== 'rtsp') {
      const message = `Streams of the type ${streamType} are played from their own address.`;
      return refuse(response, 400, OLD_TEXTS.notRtsp, { streamType, sourceUrl: maskedUrl(url), message });
    }
    try {
      const { stream, isNew } = await starting.start(id, url, leftSignal(response));
      if (isNew) logs.write(id, 'started');
      const { sourceUrl, ...known } = streamJson(stream);
      const message = isNew ? 'Stream started successfully' : 'Stream already active';
      return sendJson(response, { success: true, ...known, ...(isNew && { sourceUrl }), message });
    } catch (thrown) {
      if (response.destroyed) return undefined;
      if (!(thrown instanceof AppError || thrown instanceof CameraError)) throw thrown;
      if (streams.madeFor(id)) logs.write(id, `not started: ${redact(thrown.message)}`);
      const status = thrown instanceof AppError && thrown.status < 500 && thrown.code === 'REQUEST_INVALID' ? 400 : 500;
      return refuse(response, status, OLD_TEXTS.notConverted, { details: redact(thrown.message) });
    }
  });

  app.post('/api/stream/stop', ...json, async (request, response) => {
    const body = (request.body ?? {}) as Body;
    const given = body['streamId'] ?? body['stream_id'] ?? body['cctvId'];
    if (given === undefined || given === null || given === '') return refuse(response, 400, OLD_TEXTS.idMissing);
    const id = readStreamId(given);
    const stopped = id === null ? null : await starting.stop(id, leftSignal(response));
    if (stopped === null) return refuse(response, 404, OLD_TEXTS.notFound);
    deps.onStopped(stopped.camera.id);
    logs.write(stopped.id, 'stopped');
    return sendJson(response, {
      ...{ success: true, message: 'Stream stopped successfully' },
      ...{ streamId: stopped.id, stream_id: stopped.id },
    });
  });

  app.get('/api/stream/status/:id', (request, response) => {
    const id = readStreamId(request.params.id);
    const stream = id === null ? null : streams.shown(id);
    if (stream === null) return refuse(response, 404, OLD_TEXTS.notFound);
    const { failure } = stream.camera;
    const message = failure === null ? {} : { message: redact(failure.message) };
    return sendJson(response, { success: true, ...streamJson(stream), ...message });
  });

  app.get(['/api/streams', '/api/stream/list'], (_request, response) => {
    const all = streams.all().map(streamJson);
    sendJson(response, { success: true, streams: all, count: all.length });
  });

  app.get('/api/stream/stats', (_request, response) => {
    const all = streams.all().map(({ id, camera }) => {
      const at = startedAt(camera);
      const [startTime, seconds, hlsUrl] = [at.toISOString(), uptimeOf(at), hlsUrlOf(id)];
      return {
        ...{ streamId: id, stream_id: id, status: statusOf(camera), uptime: seconds, hlsUrl, hls_url: hlsUrl },
        ...{ startTime, start_time: startTime, sourceUrl: shownSource(camera) },
      };
    });
    const active = all.filter(({ status }) => status === 'active').length;
    sendJson(response, {
      ...{ success: true, activeStreams: active, active_streams: active, totalStreams: all.length },
      ...{ total_streams: all.length, uptime: uptime(), streams: all },
    });
  });

  app.get('/health', (_request, response) => {
    const activeStreams = streams.all().length;
    const message = 'Streaming server is running';
    sendJson(response, { success: true, message, activeStreams, active_streams: activeStreams, uptime: uptime() });
  });
}

function refuse(response: Response, status: number, error: string, more: Body = {}): Response {
  return sendJson(response.status(status), { success: false, error, ...more });
}

function sendJson(response: Response, body: Body): Response {
  return response.setHeader('Cache-Control', 'no-store').json(body);
}
