import type { Request, RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { AppError } from '../../core/errors.js';

/** Limits changes and plans per minute, each by its own quota: planning never uses up the quota of changes. */
export function limiters(perMinute: number): RequestHandler[] {
  return [
    limiter(perMinute, (request) => !isSafe(request) && !isPlan(request), {
      message: 'Too many changes in one minute.',
      cure: 'Wait a minute; change many cameras by discovery instead of one by one.',
    }),
    limiter(perMinute, (request) => !isSafe(request) && isPlan(request), {
      message: 'Too many plans in one minute.',
      cure: 'Wait a minute; POST /api/plan plans many cameras at once.',
    }),
  ];
}

function isSafe({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

function isPlan({ path, query }: Request): boolean {
  return path === '/api/plan' || query['plan'] === 'true';
}

function limiter(
  perMinute: number,
  counts: (request: Request) => boolean,
  { message, cure }: { readonly message: string; readonly cure: string },
): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    skip: (request) => !counts(request),
    // The library's own checks print to the console about proxy headers, which camlease does not read.
    validate: false,
    handler: (_request, _response, next) => {
      next(new AppError('RATE_LIMITED', message, { cure, retryAfterMs: 60_000 }));
    },
  });
}
