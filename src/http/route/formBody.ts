import type { RequestHandler } from 'express';
import multer from 'multer';
import { AppError } from '../../core/errors.js';

export const IMAGE_LIMIT_BYTES = 2 * 1024 * 1024;

/** The file of the field `image` becomes `request.file`. Without a folder multer keeps it in memory. */
const FORM = multer({
  limits: {
    ...{ fieldNameSize: 100, fieldSize: 64 * 1024, fields: 40, parts: 41, headerPairs: 20 },
    ...{ files: 1, fileSize: IMAGE_LIMIT_BYTES },
  },
}).single('image');

/** Fields that are no text: a form has only texts. */
const OF_JSON: ReadonlySet<string> = new Set([
  ...['hikvisionEnabled', 'errorClipCheck', 'keep', 'channel'],
  ...['labels', 'members', 'coordinates', 'attributes', 'source'],
]);
/** Empty text takes these back; in any other field it means that the person left it empty. */
const EMPTIED: ReadonlySet<string> = new Set(['location', 'city']);
/** What a script writes into a form for a field that it does not have. */
const NOTHING: ReadonlySet<string> = new Set(['undefined', 'null']);

/** A form as `multipart/form-data`, read into the same body as JSON; bodies of other types pass. Its one file is the camera's image. */
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

const OF_FILES: ReadonlySet<string> = new Set(['LIMIT_UNEXPECTED_FILE', 'LIMIT_FILE_COUNT']);

function unreadable(error: unknown): AppError {
  const code = error instanceof multer.MulterError ? error.code : '';
  if (code === 'LIMIT_FILE_SIZE') {
    return new AppError('REQUEST_TOO_LARGE', 'The picture in this form is larger than 2 MB.', {
      cure: 'Make it smaller first: camlease keeps 1280 x 1280 pixels of it at most.',
    });
  }
  if (OF_FILES.has(code)) {
    return new AppError(
      'REQUEST_INVALID',
      'This form holds a file that is not its one picture, in the field "image".',
      {
        cure: 'Send one file at most, in the field "image".',
      },
    );
  }
  return new AppError('REQUEST_INVALID', 'This form is not readable, or larger than a camera needs.', {
    cure: 'Send up to 40 fields of at most 64 KB each as multipart/form-data.',
  });
}
