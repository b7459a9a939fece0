import { expect, it } from 'vitest';
import { drawnJpegs } from '../../../test/support/readers/drawnJpegs.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { loadAv } from '../av.js';
import { decodeJpeg } from './picture.js';
import { thumbnailOf } from './thumbnail.js';

/** The brightness of one point of a JPEG. */
async function light(jpeg: Buffer, x: number, y: number): Promise<number> {
  const frame = await decodeJpeg(await loadAv(), jpeg);
  const value = frame.data?.[0]?.[y * (frame.linesize[0] ?? 0) + x] ?? -1;
  expect([frame.width, frame.height]).toEqual([320, 240]);
  frame.free();
  return value;
}

it.skipIf(!nodeAvFor('thumbnails')).each([
  ['wide', '640x360', [160, 10], [160, 120]],
  ['tall', '360x640', [10, 120], [160, 120]],
])('a thumbnail of a %s picture keeps its shape, in the middle of black', async (_form, size, outside, inside) => {
  const av = await loadAv();
  const [white = Buffer.alloc(0)] = await drawnJpegs({ size, count: 1, source: 'color=white' });
  const thumbnail = await thumbnailOf(av, white, { width: 320, height: 240 });
  expect(await light(thumbnail, outside[0] ?? 0, outside[1] ?? 0)).toBeLessThan(10);
  expect(await light(thumbnail, inside[0] ?? 0, inside[1] ?? 0)).toBeGreaterThan(225);
  await expect(thumbnailOf(av, Buffer.from('<html>'), { width: 320, height: 240 })).rejects.toMatchObject({
    code: 'PICTURE_UNREADABLE',
  });
});
