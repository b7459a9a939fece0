import type { Request, RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { AppError } from '../../core/errors.js';

/** The limits of changes and of plans per minute and client: planning never uses up the quota of changes. */
export function quotas(perMinute: number): { readonly changes: RequestHandler; readonly plans: RequestHandler } {
  return {
    changes: limiter(perMinute, {
      message: 'Too many changes in one minute.',
      cure: 'Wait a minute. Many new cameras need no single requests: discovery adds all that an account lists.',
    }),
    plans: limiter(perMinute, {
      message: 'Too many plans in one minute.',
      cure: 'Wait a minute; POST /api/plan plans many cameras at once.',
    }),
  };
}

export function isSafe({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** Whether a change is only to be planned. */
export function isPlanned({ query }: Request): boolean {
  return query['plan'] === 'true';
}

function limiter(
  perMinute: number,
  { message, cure }: { readonly message: string; readonly cure: string },
): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // The library's own checks print to the console about proxy headers, which camlease does not read.
    validate: false,
    handler: (_request, _response, next) => {
      next(new AppError('RATE_LIMITED', message, { cure, retryAfterMs: 60_000 }));
    },
  });
}
