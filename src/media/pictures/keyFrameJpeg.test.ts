import { describe, expect, it, onTestFinished } from 'vitest';
import { SAMPLE_JPEG } from '../../../simulator/cloud/sampleJpeg.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { keyFrameOf } from '../../engine/mediamtx/slates/slateKeyFrame.js';
import { systemClock } from '../../systemClock.js';
import { createMediaProcess } from '../process/mediaProcess.js';

const START = Buffer.from([0, 0, 0, 1]);

describe.skipIf(!nodeAvFor('pictures of key frames'))('a picture of a key frame', () => {
  it('is a JPEG of at most 60 KB; what no decoder reads is refused', async () => {
    const media = createMediaProcess({ clock: systemClock });
    onTestFinished(() => media.stop());
    await media.start();
    const clip = { jpeg: SAMPLE_JPEG, width: 1280, height: 720, framesPerSecond: 15, audio: null, label: 'YARD' };
    const units = keyFrameOf(await media.slate(clip)) ?? [];
    const keyFrame = Buffer.concat(units.flatMap((unit) => [START, unit]));
    const jpeg = await media.picture(keyFrame, 'H264');
    expect([jpeg.subarray(0, 2).toString('hex'), jpeg.length > 1_000, jpeg.length <= 60_000]).toEqual([
      ...['ffd8', true, true],
    ]);
    for (const bad of [Buffer.alloc(0), Buffer.from('no stream at all'), keyFrame.subarray(0, 40)])
      await expect(media.picture(bad, 'H264')).rejects.toMatchObject({ code: 'PICTURE_UNREADABLE' });
  });
});
