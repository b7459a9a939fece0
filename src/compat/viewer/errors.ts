import type { ErrorRequestHandler } from 'express';
import { AppError, CameraError } from '../../core/errors.js';
import type { CompatDeps } from '../compatApp.js';
import { BodyRefused } from './body.js';

/** The text that old clients may compare. */
const NOT_ACCESSIBLE = 'Invalid RTSP URL or stream not accessible';

interface OldReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Errors as the old system's framework gave them: `{<field>: [sentence]}`, `{detail}` or `{error}`. The old page shows `error` alone, so each reply
 * has it.
 */
export function viewerErrors({ redact }: Pick<CompatDeps, 'redact'>): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const reply = replyOf(error, redact);
    if (reply === null || response.headersSent || response.destroyed) {
      next(error);
      return;
    }
    if (error instanceof AppError && error.retryAfterMs !== undefined)
      response.set('Retry-After', String(Math.ceil(error.retryAfterMs / 1000)));
    response.set('Cache-Control', 'no-store').status(reply.status).json(reply.body);
  };
}

function replyOf(error: unknown, redact: (text: string) => string): OldReply | null {
  if (error instanceof BodyRefused) {
    const first = Object.values(error.faults)[0]?.[0] ?? error.message;
    return { status: 400, body: { ...error.faults, error: first } };
  }
  if (error instanceof AppError || error instanceof CameraError) return ofOurs(error, redact);
  return ofLibrary(error);
}

function ofOurs(error: AppError | CameraError, redact: (text: string) => string): OldReply {
  const text = redact([error.message, error.cure].filter(Boolean).join(' '));
  switch (error.code) {
    case 'ROUTE_NOT_FOUND':
    case 'CAMERA_NOT_FOUND':
      return detailed(404, 'Not found.');
    case 'REQUEST_INVALID':
      return { status: 400, body: { url: [text], error: text } };
    case 'CAMERA_EXISTS':
      return { status: 400, body: { error: text } };
    case 'SOURCE_NOT_OPENED':
      return { status: 400, body: { error: `${NOT_ACCESSIBLE}: ${text}` } };
    default:
      return detailed(error instanceof AppError ? error.status : 503, text);
  }
}

function ofLibrary(error: unknown): OldReply | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  const type: unknown = 'type' in error ? error.type : undefined;
  if (type === 'entity.parse.failed') return detailed(400, 'JSON parse error - the body is not readable as JSON.');
  if (error.status === 413) return detailed(413, 'The body of this request is too large.');
  return error.status >= 400 && error.status < 500 ? detailed(error.status, 'This request is not readable.') : null;
}

function detailed(status: number, text: string): OldReply {
  return { status, body: { detail: text, error: text } };
}
