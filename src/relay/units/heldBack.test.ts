import { describe, expect, it } from 'vitest';
import { heldBack } from './heldBack.js';

describe('how many pictures are held back', () => {
  // The sets of x264 and x265, with 0 to 3 pictures between two that others refer to.
  it.each([
    ['h264', 'baseline', '6742c014d90141fb011000000300100000030320f142a480', 0],
    ['h264', 'no B-frames', '6764000dacb20283f60220000003002000000641e28549', 0],
    ['h264', 'B-frames and a pyramid', '6764000dacd94141fb011000000300100000030320f1429960', 2],
    ['h264', 'B-frames alone', '6764000dacd10141fb011000000300100000030320f1429120', 1],
    ['h264', 'a pyramid, with rates', '6764000dacd94141fb01100000030010000003032602001e840007a12930c01e28532c', 2],
    ['h265', 'no B-frames', '42010101600000030090000003000003003ca00a080f16592a4932bc05a02000000300200000030321', 0],
    [
      'h265',
      'three B-frames',
      '42010101600000030090000003000003003ca00a080f16595964932bc05a020000030002000003003210',
      2,
    ],
    ['h264', 'no word of it', '674d401ef4f2', null],
    ['h264', 'nothing readable', '67640000000000', null],
    ['h264', 'nothing at all', '67', null],
    ['h265', 'nothing at all', '4201', null],
  ] as const)('%s with %s', (codec, _, sps, expected) => {
    expect(heldBack(codec, Buffer.from(sps, 'hex'))).toBe(expected);
  });
});
