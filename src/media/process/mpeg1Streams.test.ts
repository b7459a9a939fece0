import { describe, expect, it, onTestFinished } from 'vitest';
import { startMovingCamera } from '../../../test/support/rtsp/movingCamera.js';
import { Happenings } from '../../../test/support/happenings.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { systemClock } from '../../systemClock.js';
import { createMediaProcess, type MediaProcess } from './mediaProcess.js';

const PACKET = 188;
const SEQUENCE_HEADER = Buffer.from([0, 0, 1, 0xb3]);

interface Watched {
  readonly pieces: { readonly streamId: string; readonly body: Buffer; readonly isKey: boolean }[];
  readonly ended: { readonly streamId: string; readonly error: Error }[];
  until(isSo: () => boolean): Promise<void>;
}

async function started(): Promise<{ media: MediaProcess; watched: Watched }> {
  const media = createMediaProcess({ clock: systemClock });
  onTestFinished(() => media.stop());
  expect(await media.start()).toMatchObject({ available: true });
  const happenings = new Happenings();
  const watched: Watched = { pieces: [], ended: [], until: (isSo) => happenings.until(isSo) };
  media.listen({
    mpeg1Piece: (streamId, body, isKey) => {
      watched.pieces.push({ streamId, body, isKey });
      happenings.tell();
    },
    mpeg1Ended: (streamId, error) => {
      watched.ended.push({ streamId, error });
      happenings.tell();
    },
  });
  return { media, watched };
}

describe.skipIf(!nodeAvFor('MPEG-1 video of cameras'))('MPEG-1 video of a camera', () => {
  it('comes in whole packets, 25 pictures a second, a key frame every 50, until it is closed', async () => {
    const camera = await startMovingCamera();
    const { media, watched } = await started();
    await media.openMpeg1('a', camera.url);
    await watched.until(() => watched.pieces.length >= 101);
    const pieces = watched.pieces.slice(0, 101);
    expect(pieces.flatMap(({ isKey }, at) => (isKey ? [at] : []))).toEqual([0, 50, 100]);
    expect(pieces.every(({ body }) => body.length % PACKET === 0 && body[0] === 0x47)).toBe(true);
    for (const { isKey, body } of pieces) expect(body.includes(SEQUENCE_HEADER)).toBe(isKey);
    await media.closeMpeg1('a');
    await expect.poll(() => camera.readers()).toBe(0);
    expect(watched.ended).toEqual([]);
  });

  it('ends in words when the camera is not there, and when it goes', async () => {
    const camera = await startMovingCamera();
    const { media, watched } = await started();
    await media.openMpeg1('none', camera.url.replace('/cam', '/other'));
    await watched.until(() => watched.ended.length === 1);
    expect(watched.ended).toMatchObject([{ streamId: 'none', error: { code: 'STREAM_REFUSED' } }]);
    await media.openMpeg1('b', camera.url);
    await watched.until(() => watched.pieces.length > 0);
    await camera.stop();
    await watched.until(() => watched.ended.length === 2);
    expect(watched.ended[1]).toMatchObject({ streamId: 'b', error: { code: 'STREAM_NO_PICTURE' } });
  });
});
