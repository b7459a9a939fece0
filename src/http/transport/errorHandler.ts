import type { ErrorRequestHandler } from 'express';
import { ZodError } from 'zod';
import { AppError, CameraError, ERROR_CODES, type FailureClass } from '../../core/errors.js';
import type { HttpDeps } from '../route/deps.js';
import { requestIdOf } from './requestLog.js';
import { sentencesOf } from './zodSentences.js';

export interface ErrorBody {
  readonly success: false;
  /** For clients of the Hikvision guide, which read it here. */
  readonly message: string;
  readonly error: { readonly code: string; readonly message: string; readonly cure?: string };
}

interface ErrorReply {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly cure?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly reason?: string | undefined;
}

/** The only place where an error becomes a reply. An unexpected error is logged, and its reply holds no detail. */
export function errorHandler(deps: Pick<HttpDeps, 'log' | 'redact'>): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters.
  return (error: unknown, _request, response, _next) => {
    const requestId = requestIdOf(response);
    if (response.destroyed) {
      // The client left and its work was aborted: there is nobody to answer, and nothing went wrong.
      deps.log.debug('A client left before its answer.', { error, requestId });
      return;
    }
    const reply = expectedReply(error) ?? unexpectedReply(requestId);
    if (reply.code === 'INTERNAL') deps.log.error('A request failed unexpectedly.', { error, requestId });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (reply.retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(reply.retryAfterMs / 1000));
    response.setHeader('Cache-Control', 'no-store');
    const { error: told, ...body } = errorBody(reply.code, deps.redact(reply.message), reply.cure, deps.redact);
    const reason = reply.reason === undefined ? {} : { reason: reply.reason };
    response.status(reply.status).json({ ...body, error: { ...told, ...reason } });
  };
}

/** The body of every error. The caller has redacted `message`; `cure` is redacted here. */
export function errorBody(
  code: string,
  message: string,
  cure: string | undefined,
  redact: (text: string) => string,
): ErrorBody {
  const ofGuide = OF_GUIDE.get(code) ?? message;
  return {
    success: false,
    message: ofGuide,
    error: { code, message, ...(cure !== undefined && { cure: redact(cure) }) },
  };
}

/** Texts that clients of the Hikvision guide compare. */
const OF_GUIDE: ReadonlyMap<string, string> = new Map([['CAMERA_NOT_FOUND', 'Camera not found']]);

/** The HTTP status of a code from elsewhere (a pass's error): a vendor's own code is the cloud's fault (502). */
export function statusOf(code: string): number {
  return isOwnCode(code) ? ERROR_CODES[code] : 502;
}

function isOwnCode(code: string): code is keyof typeof ERROR_CODES {
  return Object.hasOwn(ERROR_CODES, code);
}

const CLASS_STATUS: Readonly<Record<FailureClass, number>> = {
  permanent: 502,
  retry: 503,
  reauth: 502,
  quota: 503,
  'camera-state': 409,
};

function expectedReply(error: unknown): ErrorReply | null {
  if (error instanceof AppError) return error;
  if (error instanceof CameraError) {
    const { code, message, cure, retryAfterMs } = error;
    return { status: CLASS_STATUS[error.failureClass], code, message, cure, retryAfterMs };
  }
  if (error instanceof ZodError) {
    return own('REQUEST_INVALID', sentencesOf(error), 'The fields and their forms are at /api/docs.');
  }
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') {
    return libraryReply(
      error.status,
      'type' in error ? error.type : undefined,
      'limit' in error ? error.limit : undefined,
    );
  }
  return null;
}

/** Errors of Express and its body parser: they carry a status, and texts that may quote the request. */
function libraryReply(status: number, type: unknown, limit: unknown): ErrorReply | null {
  if (type === 'entity.too.large') {
    const most = typeof limit === 'number' ? sizeInWords(limit) : 'allowed';
    return own('REQUEST_TOO_LARGE', `The body of this request is larger than ${most}.`, 'Send less at once.');
  }
  if (typeof type === 'string' && /^(?:entity|encoding|charset|request)\./.test(type)) {
    return own('REQUEST_NOT_JSON', 'The body of this request is not readable as JSON.', 'Send plain UTF-8 JSON.');
  }
  if (status === 404) return own('ROUTE_NOT_FOUND', 'There is nothing at this address.', 'See /api/docs.');
  if (status >= 400 && status < 500) {
    return own('REQUEST_INVALID', 'The address of this request is not valid.', 'Check its percent signs and slashes.');
  }
  return null;
}

function sizeInWords(bytes: number): string {
  const megabyte = 1024 * 1024;
  return bytes < megabyte ? `${Math.round(bytes / 1024)} KB` : `${Math.round(bytes / megabyte)} MB`;
}

function own(code: keyof typeof ERROR_CODES, message: string, cure: string): ErrorReply {
  return { status: ERROR_CODES[code], code, message, cure };
}

function unexpectedReply(requestId: string | undefined): ErrorReply {
  const where = requestId === undefined ? 'See the log.' : `Search the log for ${requestId}.`;
  return own('INTERNAL', 'An unexpected error happened inside camlease.', where);
}
