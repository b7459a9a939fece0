import type { z } from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { errorReply } from '../shapes/replySchemas.js';
import * as request from '../shapes/schemas.js';

/** Parts that the descriptions of routes share. */

export const html = { description: 'A page.', content: { 'text/html': { schema: { type: 'string' as const } } } };
export const id = { path: request.idParams };
export const cameraErrors = { '400': error('The id cannot be one.'), '404': error('There is no such camera.') };

export function operation(
  summary: string,
  rest: Omit<ZodOpenApiOperationObject, 'summary'>,
): ZodOpenApiOperationObject {
  const takes = rest.requestBody !== undefined || rest.requestParams !== undefined;
  const mistaken = takes ? { '400': error('Something about the request is wrong; the sentence says what.') } : {};
  return { summary, ...rest, responses: { ...mistaken, ...rest.responses, default: error('Any other error.') } };
}

export function body(schema: z.ZodType, required: boolean) {
  return { required, content: { 'application/json': { schema } } };
}

export function json(description: string, schema: z.ZodType) {
  return { description, content: { 'application/json': { schema } } };
}

export function error(description: string) {
  return json(description, errorReply);
}

export function binary(type: string) {
  return { [type]: { schema: { type: 'string' as const, format: 'binary' } } };
}
