import { expect, test } from 'vitest';
import { keyFrameOf } from './slateKeyFrame.js';

const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => bytes.writeUInt32BE(value, 4 * at));
  return bytes;
};
const box = (type: string, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type), body]);
};
const behindLength = (unit: Buffer): Buffer => Buffer.concat([u32(unit.length), unit]);

const [sps, pps, key, sei] = [
  [0x67, 1, 2],
  [0x68, 3],
  [0x65, 4, 5, 6],
  [0x06, 7],
].map((bytes) => Buffer.from(bytes)) as [Buffer, Buffer, Buffer, Buffer];

/** An MP4 with a sound track and then a video track, whose first sample is a key frame with an SEI unit before it. */
function slate({ entry = 'avc1' } = {}): Buffer {
  const config = Buffer.concat([
    Buffer.from([1, 0x42, 0, 30, 0xff, 0xe1, 0, sps.length]),
    ...[sps, Buffer.from([1, 0, pps.length]), pps],
  ]);
  const sample = Buffer.concat([behindLength(sei), behindLength(key)]);
  const head = box('ftyp', Buffer.from('isom'));
  const movie = (at: number): Buffer => {
    const track = (...tables: readonly Buffer[]): Buffer =>
      box('trak', box('mdia', box('minf', box('stbl', ...tables))));
    const sound = track(box('stsd', u32(0, 1), box('mp4a', Buffer.alloc(28))));
    const picture = track(
      box('stsd', u32(0, 1), box(entry, Buffer.alloc(78), box('avcC', config))),
      box('stsz', u32(0, 0, 2, sample.length, 3)),
      box('stco', u32(0, 1, at)),
    );
    return box('moov', sound, picture);
  };
  const at = head.length + movie(0).length + 8;
  return Buffer.concat([head, movie(at), box('mdat', sample, Buffer.from([9, 9, 9]))]);
}

test('the key frame of a slate is its first sample, behind its parameter sets', () => {
  expect(keyFrameOf(slate())).toEqual([sps, pps, sei, key]);
});

test('a file of another kind, and one that was cut anywhere, gives none or what is whole', () => {
  expect(keyFrameOf(slate({ entry: 'hvc1' }))).toBeNull();
  expect(keyFrameOf(Buffer.alloc(0))).toBeNull();
  expect(keyFrameOf(Buffer.alloc(200, 7))).toBeNull();
  const whole = slate();
  for (let length = 0; length < whole.length - 3; length++) expect(keyFrameOf(whole.subarray(0, length))).toBeNull();
});
