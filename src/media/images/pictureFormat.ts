/** The format of a picture by its first bytes; null: none that people may upload. Names and declared types can say anything. */
export function pictureFormat(file: Buffer): 'jpeg' | 'png' | 'webp' | null {
  if (file.subarray(0, 3).equals(JPEG)) return 'jpeg';
  if (file.subarray(0, 8).equals(PNG)) return 'png';
  const isRiff = file.subarray(0, 4).equals(RIFF);
  return isRiff && file.subarray(8, 12).equals(WEBP) ? 'webp' : null;
}

const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const RIFF = Buffer.from('RIFF', 'latin1');
const WEBP = Buffer.from('WEBP', 'latin1');
