import type { CloudVendor } from '../../core/camera/camera.js';
import type { CameraError } from '../../core/errors.js';
import { EZVIZ_ERRORS } from '../ezviz/ezvizErrors.js';
import { HIK_ERRORS } from '../hikConnect/hikErrors.js';
import { cameraError } from '../replies/errorTable.js';

const CODES: ReadonlySet<string> = new Set(['60019', 'EVZ60019']);

/** The error with which the cloud refuses a live URL of a camera whose stream encryption is on. */
export function encryptedError(vendor: CloudVendor): CameraError {
  return vendor === 'ezviz'
    ? cameraError('60019', EZVIZ_ERRORS['60019'])
    : cameraError('EVZ60019', HIK_ERRORS.EVZ60019);
}

export function isEncryptedCode(code: string): boolean {
  return CODES.has(code);
}
