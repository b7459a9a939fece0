import { expect, test } from 'vitest';
import type { LastPicture } from '../pictures/standIn.js';
import { SeenCameras } from './seenCameras.js';

const seen = (bytes: number): LastPicture => ({
  key: {
    kind: 'video',
    config: { avcC: Buffer.alloc(0), width: 640, height: 360 },
    dts: 0,
    pts: 0,
    keyFrame: true,
    data: Buffer.alloc(bytes),
  },
  sound: null,
  at: new Date(0),
  atMs: 0,
});

test('the last pictures of cameras are kept up to a bound, and those of long ago go first', () => {
  const cameras = new SeenCameras(100);
  for (const id of ['a', 'b', 'c']) cameras.keep(id, seen(40));
  expect(cameras.take('a')).toBeNull();
  expect(cameras.take('b')).toEqual(seen(40));
  expect(cameras.take('b')).toBeNull();
  cameras.keep('c', seen(60));
  cameras.keep('d', seen(40));
  expect(cameras.take('c')).toEqual(seen(60));
  cameras.keep('d', null);
  expect(cameras.take('d')).toBeNull();
  cameras.keep('large', seen(101));
  expect(cameras.take('large')).toBeNull();
});
