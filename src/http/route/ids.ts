import type { Request } from 'express';
import { CAMERA_NAMED } from '../../core/camera/cameraIdForm.js';
import { AppError } from '../../core/errors.js';

/** The characters of a WHEP session's id. */
const SESSION_ID = /^[0-9A-Za-z_-]{1,64}$/;
/** The characters of a media file's name: no slash, and no dot at the start. */
const MEDIA_FILE = /^[0-9A-Za-z_-][0-9A-Za-z_.-]{0,127}$/;

/** The `:id` of the address: of a camera, a pass or a maintenance window. Throws REQUEST_INVALID when it cannot be an id. */
export function idOf(request: Request): string {
  return checked(request.params['id'], CAMERA_NAMED, 'id');
}

/** The `:session` of a WHEP address. Throws REQUEST_INVALID. */
export function sessionOf(request: Request): string {
  return checked(request.params['session'], SESSION_ID, 'session id');
}

/** The `:file` of a media address. Throws REQUEST_INVALID. */
export function mediaFileOf(request: Request): string {
  return checked(request.params['file'], MEDIA_FILE, 'file name');
}

function checked(text: unknown, form: RegExp, what: string): string {
  if (typeof text === 'string' && form.test(text)) return text;
  throw new AppError('REQUEST_INVALID', `The ${what} in this address is not valid.`, {
    cure: 'Take addresses and ids from GET /api/camera.',
  });
}
