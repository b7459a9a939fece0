import { describe, expect, it } from 'vitest';
import { FrameCutter, FrameError, frameOf } from './readerFrames.js';

const ONE = frameOf({ kind: 'sound', id: 1, timeMs: 20 }, Buffer.from([1, 2, 3]));
const TWO = frameOf({ kind: 'end', id: 1, why: 'ended', code: null });

describe('frames between a worker and its reader child', () => {
  it.each([1, 3, 7, 50, 1_000])('come out whole, however they are cut (%i bytes at a time)', (size) => {
    const cutter = new FrameCutter();
    const all = Buffer.concat([ONE, TWO, ONE]);
    const got = [];
    for (let at = 0; at < all.length; at += size) got.push(...cutter.take(all.subarray(at, at + size)));
    expect(got.map(({ head, bytes }) => [(head as { kind: string }).kind, bytes.toString('hex')])).toEqual([
      ['sound', '010203'],
      ['end', ''],
      ['sound', '010203'],
    ]);
  });

  it.each([
    ['is longer than any that is sent', Buffer.from('ffffffff00000002', 'hex')],
    ['has a head longer than itself', Buffer.from('0000000900000002', 'hex')],
    ['has no JSON in its head', Buffer.concat([Buffer.from('0000000a00000002', 'hex'), Buffer.from('no')])],
  ])('are refused where one %s', (_what, bytes) => {
    expect(() => new FrameCutter().take(bytes)).toThrow(FrameError);
  });
});
