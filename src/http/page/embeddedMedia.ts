import type { Request } from 'express';
import { AppError } from '../../core/errors.js';
import type { EmbeddedMedia } from '../../engine/mediaEngine.js';
import { cameraOf } from '../cameras/camera.js';
import type { HttpDeps } from '../route/deps.js';
import { mediaFileOf, sessionOf } from '../route/ids.js';
import { leftSignal } from '../route/leftSignal.js';
import { endpoint, type Handler } from '../route/route.js';
import { answersBytes, answersText, cameraErrors, cameraParams } from '../route/contract.js';
import { fileParams, sessionParams } from '../shapes/schemas.js';

type Deps = Pick<HttpDeps, 'cameras' | 'engine'>;

export const hlsFile = endpoint(
  {
    summary: 'HLS of the embedded engine',
    params: fileParams,
    replies: { 200: answersBytes('application/octet-stream', 'A playlist, or a part of the stream.'), ...cameraErrors },
  },
  hlsFileHandler,
);

/** `index.m3u8`, an init part or a segment of the embedded engine. */
function hlsFileHandler(deps: Deps): Handler {
  return async (request, response) => {
    const { id } = cameraOf(deps, request);
    const name = mediaFileOf(request);
    const file = await mediaOf(deps).hls(id, name, leftSignal(response));
    if (response.destroyed) return;
    if (file === null) {
      throw new AppError('ROUTE_NOT_FOUND', 'This part of the stream does not exist, or no longer exists.', {
        cure: 'Start again at index.m3u8.',
      });
    }
    response.writeHead(200, {
      'Content-Type': file.contentType,
      'Content-Length': file.body.length,
      // A segment never changes under its name; the playlist changes all the time.
      'Cache-Control': name.endsWith('.m3u8') ? 'no-store' : 'private, max-age=60',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(file.body);
  };
}

export const whepOffer = endpoint(
  {
    summary: 'WHEP of the embedded engine',
    params: cameraParams,
    body: { format: 'sdp', required: true },
    replies: {
      201: answersText('application/sdp', 'The SDP answer; the header Location is the address of the session.'),
      ...cameraErrors,
    },
  },
  whepOfferHandler,
);

/** WHEP: the request brings the offer, the reply the answer, and Location names the session. */
function whepOfferHandler(deps: Deps): Handler {
  return async (request, response) => {
    const { id } = cameraOf(deps, request);
    const offer: unknown = request.body;
    if (typeof offer !== 'string' || !offer.startsWith('v=0')) {
      throw new AppError('REQUEST_INVALID', 'The body is not an SDP offer.', {
        cure: 'Send the offer with the header Content-Type: application/sdp.',
      });
    }
    const { sessionId, answer } = await mediaOf(deps).whepOffer(id, offer, leftSignal(response));
    response.setHeader('Location', `/webrtc/${id}/whep/${encodeURIComponent(sessionId)}`);
    response.status(201).type('application/sdp').send(answer);
  };
}

export const whepClose = endpoint(
  {
    summary: 'End a WHEP session',
    params: sessionParams,
    replies: { 200: { description: 'The session is ended.' }, ...cameraErrors },
  },
  whepCloseHandler,
);

/** Ends the WHEP session that the address names. */
function whepCloseHandler(deps: Deps): Handler {
  return async (request, response) => {
    cameraOf(deps, request);
    if (!(await mediaOf(deps).whepClose(sessionOf(request))))
      throw noMedia('This session does not exist, or no longer exists.');
    response.status(200).end();
  };
}

function mediaOf({ engine }: Deps): EmbeddedMedia {
  if (engine.media !== null) return engine.media;
  throw noMedia('MediaMTX serves the streams, at its own addresses.');
}

function noMedia(message: string): AppError {
  return new AppError('ROUTE_NOT_FOUND', message, { cure: 'GET /api/camera/<id>/live shows the address to play.' });
}

/** Throws when the embedded engine cannot show a page for this address: no such camera, or another engine. */
export function requireMedia(deps: Deps, request: Request): void {
  cameraOf(deps, request);
  mediaOf(deps);
}
