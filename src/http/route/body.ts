import express, { type Request, type RequestHandler } from 'express';
import type { z } from 'zod';
import { AppError } from '../../core/errors.js';
import { formBody, IMAGE_LIMIT_BYTES } from './formBody.js';

export const BODY_LIMIT_BYTES = 100 * 1024;

/** Keys that reach an object's prototype; no client sends them by mistake. */
const REFUSED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * JSON or no body. Compressed bodies are refused: no request is large enough to need compression, and a small one may expand to
 * gigabytes.
 */
export function jsonBody(): RequestHandler[] {
  return [refuseOtherTypes, express.json({ limit: BODY_LIMIT_BYTES, inflate: false, strict: true }), refuseProtoKeys];
}

/** 10,000 cameras of 400 bytes each. */
const TABLE_LIMIT_BYTES = 4 * 1024 * 1024;

/** JSON, or a table as text/csv, which pages of other sites cannot send either without being asked first. */
export function tableBody(): RequestHandler[] {
  const limits = { limit: TABLE_LIMIT_BYTES, inflate: false } as const;
  return [
    express.text({ ...limits, type: 'text/csv' }),
    (request, response, next) =>
      typeof request.body === 'string' ? next() : refuseOtherTypes(request, response, next),
    express.json({ ...limits, strict: true }),
    refuseProtoKeys,
  ];
}

/** The SDP offer of a WHEP request. */
export function sdpBody(): RequestHandler {
  return express.text({ limit: BODY_LIMIT_BYTES, inflate: false, type: 'application/sdp' });
}

/** A picture as it is. What it holds is looked at later: a declared type can say anything. */
export function pictureBody(): RequestHandler {
  return express.raw({ limit: IMAGE_LIMIT_BYTES, inflate: false, type: ['image/*', 'application/octet-stream'] });
}

/** The body by its schema; no body at all counts as `{}`. Throws ZodError, which answers 400. */
export function readBody<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  const body: unknown = request.body;
  return schema.parse(body ?? {});
}

/** As `jsonBody`, or a form with the same fields. */
export function jsonOrFormBody(): RequestHandler[] {
  const [types, json, keys] = jsonBody() as [RequestHandler, RequestHandler, RequestHandler];
  const unlessForm: RequestHandler = (request, response, next) =>
    request.is('multipart/form-data') === 'multipart/form-data' ? next() : types(request, response, next);
  return [formBody, unlessForm, json, keys];
}

const refuseOtherTypes: RequestHandler = (request, _response, next) => {
  const { headers } = request;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (hasBody && request.is('application/json') === false) {
    throw new AppError('REQUEST_NOT_JSON', 'The body of this request is not declared as JSON.', {
      cure: 'Send JSON with the header Content-Type: application/json.',
    });
  }
  next();
};

const refuseProtoKeys: RequestHandler = (request, _response, next) => {
  // A list of values still to visit, not recursion: 100 KB of brackets would overflow the stack.
  const open: unknown[] = [request.body];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (REFUSED_KEYS.has(key)) {
        throw new AppError('REQUEST_INVALID', `A field may not be called "${key}".`, { cure: 'Leave this field out.' });
      }
      if (typeof inner === 'object' && inner !== null) open.push(inner);
    }
  }
  next();
};
