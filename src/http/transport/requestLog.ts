import { CAMERA_NAMED } from '../../core/camera/cameraIdForm.js';
import type { Request, RequestHandler, Response } from 'express';
import type { Random } from '../../core/clock.js';
import type { HttpDeps } from '../route/deps.js';

const REQUEST_ID = /^[0-9A-Za-z_.-]{1,64}$/;
const ID_LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Takes the caller's X-Request-Id when it is a plain word, else makes one; the reply carries it either way. */
export function requestId(random: Random): RequestHandler {
  return (request, response, next) => {
    const given = request.headers['x-request-id'];
    const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : newId(random);
    response.setHeader('X-Request-Id', id);
    next();
  };
}

export function requestIdOf(response: Response): string | undefined {
  const id = response.getHeader('X-Request-Id');
  return typeof id === 'string' ? id : undefined;
}

/** One line for each request, when it ends. Logs the route's pattern, never the address, which may hold anything. */
export function requestLog({ clock, log }: Pick<HttpDeps, 'clock' | 'log'>): RequestHandler {
  return (request, response, next) => {
    const startedMs = clock.monotonicMs();
    response.once('close', () => {
      log.info('Answered a request.', {
        method: request.method,
        route: routeOf(request),
        ...notedCamera(response),
        status: response.statusCode,
        durationMs: Math.round(clock.monotonicMs() - startedMs),
        requestId: requestIdOf(response),
        ...(response.writableFinished ? {} : { cut: true }),
      });
    });
    next();
  };
}

function routeOf(request: Request): string | null {
  const route: unknown = request.route;
  if (typeof route !== 'object' || route === null || !('path' in route)) return null;
  return typeof route.path === 'string' ? route.path : null;
}

/** Keeps the camera of the address for the log line; the router has dropped the parameters when the line is written. */
export const noteCamera: RequestHandler = (request, response, next) => {
  const id: unknown = request.params['id'];
  if (typeof id === 'string' && CAMERA_NAMED.test(id) && request.path.startsWith('/api/camera/'))
    response.locals['camera'] = id;
  next();
};

function notedCamera(response: Response): { camera?: string } {
  const camera: unknown = response.locals['camera'];
  return typeof camera === 'string' ? { camera } : {};
}

function newId(random: Random): string {
  return Array.from({ length: 16 }, () => ID_LETTERS[Math.floor(random() * ID_LETTERS.length)] ?? '0').join('');
}
