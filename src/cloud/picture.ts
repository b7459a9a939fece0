import { ownError } from './errorTable.js';

const JPEG_START = Buffer.from([0xff, 0xd8]);
/** How a picture begins that a device has encrypted with its verification code. */
const ENCRYPTED_START = Buffer.from('hikencodepicture');

/** The picture when it is a JPEG; null when it is an encrypted one. */
export function jpegOrNull(picture: Buffer): Buffer | null {
  if (picture.subarray(0, JPEG_START.length).equals(JPEG_START)) return picture;
  if (picture.subarray(0, ENCRYPTED_START.length).equals(ENCRYPTED_START)) return null;
  throw ownError('CLOUD_PICTURE_UNREADABLE');
}
