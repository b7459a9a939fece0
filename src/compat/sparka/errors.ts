import type { ErrorRequestHandler, Response } from 'express';
import { AppError, CameraError } from '../../core/errors.js';
import type { CompatDeps } from '../compatApp.js';

/** Texts that clients of the old server compare. */
export const OLD_TEXTS = {
  urlMissing: 'Stream URL is required',
  idMissing: 'Stream ID is required',
  idInvalid: 'Invalid stream ID',
  notFound: 'Stream not found',
  notConverted: 'Failed to convert RTSP stream',
  notRtsp: 'Stream type is not supported for conversion',
} as const;

/** Answers every error as the old server did: `{error, details}`, and a page of HTML where nothing is. */
export function oldErrors(deps: Pick<CompatDeps, 'log' | 'redact'>): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    if (response.destroyed || response.headersSent) {
      response.destroy();
      return;
    }
    if (error instanceof AppError && error.code === 'ROUTE_NOT_FOUND') {
      notFoundPage(response, request.method);
      return;
    }
    const { status, text, retryAfterMs } = readError(error);
    if (status === 500) deps.log.error('A request of a SPARKA client failed unexpectedly.', { error });
    if (retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(retryAfterMs / 1_000));
    response.setHeader('Cache-Control', 'no-store');
    response.status(status).json({ success: false, error: deps.redact(text), details: deps.redact(text) });
  };
}

/** As the old server's static files answered. The address is not repeated, since it may hold anything. */
export function notFoundPage(response: Response, method: string): void {
  const page = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Error</title></head><body><pre>Cannot ${method.replace(/[^A-Z]/g, '')} this address</pre></body></html>`;
  response.status(404).setHeader('Cache-Control', 'no-store').type('html').send(page);
}

function readError(error: unknown): { status: number; text: string; retryAfterMs?: number | undefined } {
  if (error instanceof AppError) return { status: error.status, text: error.message, retryAfterMs: error.retryAfterMs };
  if (error instanceof CameraError) return { status: 503, text: error.message, retryAfterMs: error.retryAfterMs };
  // Errors of Express and its body parser: they carry a status, and texts that may quote the request.
  const status = error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
  if (status === 413) return { status, text: 'The request is too large' };
  if (status >= 400 && status < 500) return { status, text: 'The request cannot be read' };
  return { status: 500, text: 'Internal server error' };
}
