import type { ZodOpenApiPathsObject } from 'zod-openapi';
import * as request from '../shapes/schemas.js';
import { binary, cameraErrors, html, id, operation } from './openApiParts.js';

/** Where the embedded engine plays; with MediaMTX these answer 404. */
export const embeddedPaths: ZodOpenApiPathsObject = {
  '/hls/{id}/{file}': {
    get: operation('HLS of the embedded engine', {
      requestParams: { path: request.fileParams },
      responses: {
        '200': { description: 'Playlist or part.', content: binary('application/octet-stream') },
        ...cameraErrors,
      },
    }),
  },
  '/webrtc/{id}': {
    get: operation('WebRTC page of the embedded engine', {
      requestParams: id,
      responses: { '200': html, ...cameraErrors },
    }),
  },
  '/webrtc/{id}/whep': {
    post: operation('WHEP of the embedded engine', {
      requestParams: id,
      requestBody: { required: true, content: { 'application/sdp': { schema: { type: 'string' } } } },
      responses: {
        '201': {
          description: 'The answer; Location is the session.',
          content: { 'application/sdp': { schema: { type: 'string' } } },
        },
        ...cameraErrors,
      },
    }),
  },
  '/webrtc/{id}/whep/{session}': {
    delete: operation('End a WHEP session', {
      requestParams: { path: request.sessionParams },
      responses: { '200': { description: 'It ended.' }, ...cameraErrors },
    }),
  },
};
