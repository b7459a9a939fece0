import type { RequestHandler } from 'express';
import multer from 'multer';
import { AppError } from '../../core/errors.js';

const FORM = multer({
  limits: { fieldNameSize: 100, fieldSize: 64 * 1024, fields: 40, parts: 40, headerPairs: 20 },
}).none();

/** Fields that are no text: a form has only texts. */
const OF_JSON: ReadonlySet<string> = new Set([
  ...['hikvisionEnabled', 'errorClipCheck', 'keep', 'channel'],
  ...['labels', 'members', 'coordinates', 'attributes', 'source'],
]);
/** Empty text takes these back; in any other field it means that the person left it empty. */
const EMPTIED: ReadonlySet<string> = new Set(['location', 'city']);
/** What a script writes into a form for a field that it does not have. */
const NOTHING: ReadonlySet<string> = new Set(['undefined', 'null']);

/** A form as `multipart/form-data`, read into the same body as JSON; bodies of other types pass. A file in it is refused. */
export const formBody: RequestHandler = (request, response, next) => {
  if (request.is('multipart/form-data') !== 'multipart/form-data') {
    next();
    return;
  }
  FORM(request, response, (error: unknown) => {
    if (error !== undefined && error !== null) {
      next(unreadable(error));
      return;
    }
    request.body = typed(request.body);
    next();
  });
};

function typed(body: unknown): Record<string, unknown> {
  const fields = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  return Object.fromEntries(
    fields.flatMap(([name, value]: [string, unknown]): Array<[string, unknown]> => {
      if (typeof value !== 'string') return [[name, value]];
      if (name === 'image' || NOTHING.has(value) || (value === '' && !EMPTIED.has(name))) return [];
      return [[name, OF_JSON.has(name) ? parsed(value) : value]];
    }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function unreadable(error: unknown): AppError {
  const isFile = error instanceof multer.MulterError && error.code === 'LIMIT_UNEXPECTED_FILE';
  if (!isFile) {
    return new AppError('REQUEST_INVALID', 'This form is not readable, or larger than a camera needs.', {
      cure: 'Send up to 40 fields of at most 64 KB each as multipart/form-data.',
    });
  }
  return new AppError(
    'REQUEST_INVALID',
    'This form holds a file, and camlease stores no pictures that are sent with a camera.',
    {
      cure: 'Send the form without the file.',
    },
  );
}
