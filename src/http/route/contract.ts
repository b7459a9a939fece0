import type { z } from 'zod';
import { errorReply } from '../shapes/replySchemas.js';
import { idParams } from '../shapes/schemas.js';

/** What a route takes and answers. The OpenAPI document is made of it, and tests check real replies with it. */
export interface Contract {
  /** A few words, without a full stop. */
  readonly summary: string;
  readonly description?: string;
  /** The parameters of the address. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodType<unknown, Record<string, unknown>>;
  readonly headers?: z.ZodObject;
  /** Absent: the route reads no body. */
  readonly body?: Body;
  /** By status. Every route may also answer any other error in the one form. */
  readonly replies: Readonly<Record<number, ReplyShape>>;
}

export type Body =
  | {
      readonly format: 'json';
      /** False: no body counts as `{}`. */ readonly required: boolean;
      readonly schema: z.ZodType;
      /** The route takes a form with the same fields, too. */
      readonly form?: true;
    }
  /** JSON or a table (text/csv), larger than other bodies. */
  | { readonly format: 'json-or-csv'; readonly required: true; readonly schema: z.ZodType }
  | { readonly format: 'sdp'; readonly required: true }
  /** A file with a picture. */
  | { readonly format: 'picture'; readonly required: true };

// A type, not an interface: zod-openapi's own types have an index of `x-` fields.
export type ReplyShape = {
  readonly description: string;
  /** By media type; absent: the reply has no body. A string is for what is no JSON. */
  readonly content?: Readonly<Record<string, { readonly schema: z.ZodType | OpaqueSchema }>>;
};

/** A body that no schema of ours describes: text, bytes, or a document with a schema of its own. */
type OpaqueSchema = { readonly type: 'string'; readonly format?: 'binary' } | { readonly type: 'object' };

export function answers(description: string, schema: z.ZodType | OpaqueSchema): ReplyShape {
  return { description, content: { 'application/json': { schema } } };
}

export function refuses(description: string): ReplyShape {
  return answers(description, errorReply);
}

export function answersText(type: string, description: string): ReplyShape {
  return { description, content: { [type]: { schema: { type: 'string' } } } };
}

export function answersBytes(type: string, description: string): ReplyShape {
  return { description, content: { [type]: { schema: { type: 'string', format: 'binary' } } } };
}

export const answersPage = answersText('text/html', 'A page.');
/** The address names a camera. */
export const cameraParams = idParams;
export const cameraErrors = {
  400: refuses('This is not a valid id.'),
  404: refuses('There is no camera with this id.'),
};
