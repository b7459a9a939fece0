import { expect, it } from 'vitest';
import { pictureSize } from './pictureSize.js';

// Made by x264 and x265.
it.each([
  ['h264', 'baseline', 640, 360, '6742c016d900a02ff970110000030001000003000a0f162e48'],
  ['h264', 'high, cut at the bottom', 1920, 1080, '67640028acd940780227e5c044000003000400000300283c60c658'],
  ['h264', 'interlaced', 1920, 1080, '67640028acd94078044fde022000000300200000030143e2c5b2c0'],
  ['h264', '4:2:2', 702, 574, '677a0016bcd940b0127abc044000000300400000030283c58b6580'],
  ['h264', '4:4:4 with scaling lists', 640, 360, '67f40016919b281405ff1380880000030008000003005078b16cb0'],
  [
    'h265',
    'main',
    1920,
    1080,
    '420101016000000300900000030000030078a003c08010e596566924caf016808000000300800000030284',
  ],
  [
    'h265',
    'large',
    2560,
    1440,
    '420101016000000300900000030000030096a001402005a165959a4932bc05a020000003002000000300a1',
  ],
  [
    'h265',
    '4:2:2 of 10 bits',
    722,
    578,
    '4201010408000003009d0800000300005ab005b20092724ed96566924caf0168080000030008000003002840',
  ],
  ['h265', 'small', 352, 288, '42010101600000030090000003000003003ca00b08048596566924caf016808000000300800000030284'],
] as const)('the picture of %s (%s) is %i x %i', (codec, _what, width, height, sps) => {
  const other = Buffer.from(codec === 'h264' ? '68ce3c80' : '4401c172b46240', 'hex');
  expect(pictureSize(codec, [other, Buffer.from(sps, 'hex')])).toEqual({ width, height });
});

it('is not known without an SPS, or with a broken one', () => {
  expect(pictureSize('h264', [])).toBeNull();
  expect(pictureSize('h264', [Buffer.from('68ce3c80', 'hex')])).toBeNull();
  for (const sps of ['67', '6742', '6742c016', '6742c016d900', `67${'00'.repeat(40)}`])
    expect(pictureSize('h264', [Buffer.from(sps, 'hex')])).toBeNull();
  for (const sps of ['42', '4201', '42010101600000030090', `4201${'ff'.repeat(60)}`, `4201${'00'.repeat(3_000)}`])
    expect(pictureSize('h265', [Buffer.from(sps, 'hex')])).toBeNull();
});
