import { ownError } from './errorTable.js';

/** The first bytes of each kind of picture (the signature in the format's own specification). */
const KINDS: ReadonlyArray<readonly [name: string, start: Buffer]> = [
  ['PNG', Buffer.from([0x89, 0x50, 0x4e, 0x47])],
  ['GIF', Buffer.from('GIF8')],
  ['WebP', Buffer.from('RIFF')],
  ['BMP', Buffer.from('BM')],
];
const JPEG_START = Buffer.from([0xff, 0xd8]);
/** The first bytes of a picture that a device encrypted, as open clients of EZVIZ read it (pyEzvizApi, `decrypt_image`). */
const ENCRYPTED_START = Buffer.from('hikencodepicture');

/** The picture if it is a JPEG. Throws CLOUD_PICTURE_ENCRYPTED, or CLOUD_PICTURE_UNREADABLE for anything else. */
export function jpegOf(picture: Buffer): Buffer {
  if (startsWith(picture, JPEG_START)) return picture;
  if (startsWith(picture, ENCRYPTED_START)) throw ownError('CLOUD_PICTURE_ENCRYPTED');
  const [kind] = KINDS.find(([, start]) => startsWith(picture, start)) ?? [];
  throw ownError(
    'CLOUD_PICTURE_UNREADABLE',
    kind === undefined ? {} : { message: `The cloud gave a ${kind} as a picture, but camlease can use only JPEG.` },
  );
}

function startsWith(picture: Buffer, start: Buffer): boolean {
  return picture.subarray(0, start.length).equals(start);
}
