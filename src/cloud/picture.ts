import { ownError } from './errorTable.js';

const JPEG_START = Buffer.from([0xff, 0xd8]);
/** First bytes of a page or a message in place of a picture: `<` and `{`. */
const TEXT_STARTS: readonly number[] = [0x3c, 0x7b];

/**
 * The picture when it is a JPEG. Null when it is encrypted: EZVIZ does not say so, but then the bytes are no JPEG. Throws when
 * it is a text or empty.
 */
export function jpegOrNull(picture: Buffer): Buffer | null {
  if (picture.subarray(0, JPEG_START.length).equals(JPEG_START)) return picture;
  const first = picture[0];
  if (first === undefined || TEXT_STARTS.includes(first)) throw ownError('CLOUD_PICTURE_UNREADABLE');
  return null;
}
