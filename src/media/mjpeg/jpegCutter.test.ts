import { describe, expect, it } from 'vitest';
import { SAMPLE_JPEG } from '../../../simulator/cloud/sampleJpeg.js';
import { properPart } from '../../../test/support/readers/jpegCamera.js';
import { JpegCutter } from './jpegCutter.js';

const SIZE = { width: 320, height: 180 };

/** What is cut out of these bytes, however they arrive. */
function cut(
  bytes: Buffer,
  chunkBytes: number,
): { readonly data: Buffer; readonly width: number; readonly height: number }[] {
  const cutter = new JpegCutter();
  const found = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) found.push(...cutter.take(bytes.subarray(at, at + chunkBytes)));
  return found;
}

const join = (...pieces: readonly (Buffer | string)[]): Buffer =>
  Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)));
/** With a thumbnail in its head, as cameras put one there. */
const WITH_THUMBNAIL = join(
  SAMPLE_JPEG.subarray(0, 2),
  '\xff\xe1',
  Buffer.from([((SAMPLE_JPEG.length + 2) >> 8) & 0xff, (SAMPLE_JPEG.length + 2) & 0xff]),
  SAMPLE_JPEG,
  SAMPLE_JPEG.subarray(2),
);
const HALF = SAMPLE_JPEG.subarray(0, SAMPLE_JPEG.length >> 1);

describe('pictures in a body', () => {
  it.each<[string, Buffer, readonly Buffer[]]>([
    ['with boundaries and lengths', join(properPart(SAMPLE_JPEG), properPart(SAMPLE_JPEG)), [SAMPLE_JPEG, SAMPLE_JPEG]],
    ['with nothing between them', join(SAMPLE_JPEG, SAMPLE_JPEG), [SAMPLE_JPEG, SAMPLE_JPEG]],
    [
      'with a wrong length and another boundary than was named',
      join('----x\r\nContent-Length: 7\r\n\r\n', SAMPLE_JPEG, '\n\n--y\nContent-Length: 999999\n\n', SAMPLE_JPEG),
      [SAMPLE_JPEG, SAMPLE_JPEG],
    ],
    ['with a thumbnail in it', join(properPart(WITH_THUMBNAIL)), [WITH_THUMBNAIL]],
    ['of which one was cut off', join(properPart(HALF), properPart(SAMPLE_JPEG)), [SAMPLE_JPEG]],
    [
      'of which one was cut off in its head',
      join(SAMPLE_JPEG.subarray(0, 10), SAMPLE_JPEG, SAMPLE_JPEG),
      [SAMPLE_JPEG],
    ],
    ['of which the last is not there yet', join(SAMPLE_JPEG, HALF), [SAMPLE_JPEG]],
    [
      'with filling before a marker',
      join(SAMPLE_JPEG.subarray(0, 2), '\xff\xff', SAMPLE_JPEG.subarray(2)),
      [join(SAMPLE_JPEG.subarray(0, 2), '\xff\xff', SAMPLE_JPEG.subarray(2))],
    ],
    ['that are none', join('<!doctype html>', '\xff\xd8 no picture \xff\xd9'), []],
  ])('%s are found, wherever the bytes are cut', (_what, bytes, wanted) => {
    for (const chunkBytes of [1, 2, 7, 1_000, 1_000_000]) {
      const found = cut(bytes, chunkBytes);
      expect(found.map(({ data }) => data.equals(wanted[0] ?? data))).toEqual(wanted.map(() => true));
      expect(found.map(({ width, height }) => ({ width, height }))).toEqual(wanted.map(() => SIZE));
    }
  });

  it('that have no end are given up', () => {
    const begun = SAMPLE_JPEG.subarray(0, SAMPLE_JPEG.length - 2);
    const cutter = new JpegCutter();
    cutter.take(begun);
    const more = Buffer.alloc(1_024 * 1_024, 7);
    expect(() => {
      for (let at = 0; at < 20; at++) cutter.take(more);
    }).toThrow(expect.objectContaining({ why: 'not-a-stream', code: 'TOO_LONG' }));
  });

  it('that never come are given up', () => {
    const cutter = new JpegCutter();
    const text = Buffer.alloc(100_000, 'nothing');
    expect(() => {
      for (let at = 0; at < 20; at++) cutter.take(text);
    }).toThrow(expect.objectContaining({ why: 'not-a-stream', code: 'NO_JPEG' }));
  });

  it('that would fill the memory when they are decoded are refused', () => {
    const huge = Buffer.from(SAMPLE_JPEG);
    const frame = huge.indexOf(Buffer.from([0xff, 0xc0]));
    huge.writeUInt16BE(60_000, frame + 5);
    huge.writeUInt16BE(60_000, frame + 7);
    expect(() => new JpegCutter().take(huge)).toThrow(expect.objectContaining({ why: 'codec', code: 'TOO_LARGE' }));
  });
});
