import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { UploadedImages } from './uploadedImages.js';

const images = new UploadedImages();
const toJpeg = (file: Buffer): Promise<Buffer> => images.toJpeg(file, new AbortController().signal);

/** Red on the left, blue on the right. */
async function twoColours(format: 'jpeg' | 'png' | 'webp'): Promise<Buffer> {
  const right = { create: { width: 40, height: 40, channels: 3, background: '#0000ff' } } as const;
  return sharp({ create: { width: 80, height: 40, channels: 3, background: '#ff0000' } })
    .composite([{ input: right, left: 40, top: 0 }])
    .toFormat(format)
    .toBuffer();
}

/** Random bytes of a generator that begins anew in each test: no compression makes them small. */
function noise(width: number, height: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  let state = 1;
  for (let at = 0; at < pixels.length; at++) pixels[at] = (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** A PNG of some KB that says to hold so many black pixels. */
function bomb(width: number, height: number): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = deflateSync(Buffer.alloc(Math.ceil(width / 8) + 1));
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

describe('an uploaded picture', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('in %s becomes a JPEG of the same size', async (format) => {
    const jpeg = await toJpeg(await twoColours(format));
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 80, height: 40 });
  });

  it('is turned upright, and loses its metadata, where and by which device it was taken among them', async () => {
    const exif = { IFD0: { Make: 'planted-device' }, IFD3: { GPSLatitude: '31/1 30/1 0/1' } };
    const lying = await sharp(await twoColours('jpeg'))
      .withExif(exif)
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect(lying.includes('planted-device')).toBe(true);
    const jpeg = await toJpeg(lying);
    expect(jpeg.includes('planted-device')).toBe(false);
    const { width, height, exif: left, orientation } = await sharp(jpeg).metadata();
    expect({ width, height, left, orientation }).toEqual({
      width: 40,
      height: 80,
      left: undefined,
      orientation: undefined,
    });
    // The left of the lying picture is the top of the upright one.
    const [red = 0, , blue = 255] = await sharp(jpeg)
      .extract({ left: 20, top: 5, width: 1, height: 1 })
      .raw()
      .toBuffer();
    expect(red).toBeGreaterThan(200);
    expect(blue).toBeLessThan(60);
  });

  it('of any size is at most 1280 pixels wide and high, and 256 KB', async () => {
    const large = await noise(2000, 1500);
    const jpeg = await toJpeg(large);
    const { width, height } = await sharp(jpeg).metadata();
    expect(Math.max(width, height)).toBeLessThanOrEqual(1280);
    expect(jpeg.length).toBeLessThanOrEqual(256 * 1024);
  });

  it('with a see-through ground gets a white one', async () => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const png = await sharp({ create: { width: 8, height: 8, channels: 4, background: clear } })
      .png()
      .toBuffer();
    const [red = 0] = await sharp(await toJpeg(png))
      .raw()
      .toBuffer();
    expect(red).toBeGreaterThan(250);
  });

  it.each([
    ['a page', Buffer.from('<html><script>alert(1)</script></html>'), /no picture in JPEG, PNG or WebP/],
    ['a drawing with a script', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), /no picture/],
    ['a GIF', Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;', 'latin1'), /no picture/],
    ['nothing', Buffer.alloc(0), /no picture/],
    ['the beginning of a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /damaged/],
    ['a sound in RIFF', Buffer.from('RIFF\x24\x00\x00\x00WAVEfmt ', 'latin1'), /no picture/],
    ['a bomb of 30,000 x 30,000 pixels', bomb(30_000, 30_000), /30000 x 30000 pixels, which is more than 40 million/],
  ])('is refused in words when it is %s', async (_name, file, says) => {
    await expect(toJpeg(file)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringMatching(says) as string,
    });
  });

  it('is refused in words on a machine for which the library has no build', async () => {
    const off = new UploadedImages(() => Promise.reject(new Error('Could not load the "sharp" module')));
    const picture = await twoColours('png');
    await expect(off.toJpeg(picture, new AbortController().signal)).rejects.toMatchObject({ code: 'IMAGES_OFF' });
  });

  it('is refused when it breaks off', async () => {
    const whole = await noise(300, 300);
    const half = whole.subarray(0, Math.floor(whole.length / 2));
    await expect(toJpeg(half)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
});
