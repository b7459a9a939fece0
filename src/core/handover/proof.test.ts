import { describe, expect, it } from 'vitest';
import { aCamera, aLease } from '../../../test/support/builders.js';
import { CameraError } from '../errors.js';
import { pictureFault, teachesSubStream, wantedQuality, type PictureContext, type SeenPicture } from './proof.js';

const clip = seen(512, 288, 5, false);
const h265 = new CameraError('STREAM_H265', 'permanent', 'H.265.', { cure: 'Use H.264.' });
const context: PictureContext = { quality: 'main', last: null, errorClipCheck: true };
const CLIP = 'STREAM_ERROR_CLIP';

function seen(width: number, height: number, framesPerSecond: number | null, moves: boolean | null): SeenPicture {
  return { tracks: { video: { codec: 'H264', width, height }, audio: null }, framesPerSecond, moves };
}

const table: readonly [string, SeenPicture, Partial<PictureContext>, string | undefined][] = [
  ['of H.264 is good', seen(1280, 720, 15, null), {}, undefined],
  [
    'of H.265 cannot be played by browsers',
    { ...clip, tracks: { video: { codec: 'hevc', width: 1280, height: 720 }, audio: null } },
    {},
    'STREAM_H265',
  ],
  ['that is small, slow and stands still is the error clip', clip, {}, CLIP],
  ['that is small and slow and moves is a sub stream', seen(512, 288, 5, true), {}, undefined],
  ['that is small and stands still at 15 frames a second is a sub stream', seen(512, 288, 15, false), {}, undefined],
  ['that is large, slow and stands still is a dull view', seen(640, 360, 5, false), {}, undefined],
  ['that looks like the clip and had its size before is a dull view', clip, { last: clip.tracks }, undefined],
  ['that looks like the clip and was larger before is the clip', clip, { last: seen(640, 360, 15, null).tracks }, CLIP],
  ['that looks like the clip is taken when the operator says so', clip, { errorClipCheck: false }, undefined],
  ['of the main stream that is so small, seen by nobody, is the clip', seen(512, 288, null, null), {}, CLIP],
  [
    'of the sub stream that is so small, seen by nobody, is good',
    seen(512, 288, null, null),
    { quality: 'sub' },
    undefined,
  ],
];

describe('a picture', () => {
  it.each(table)('%s', (_name, picture, more, code) => {
    expect(pictureFault(picture, { ...context, ...more })?.code).toBe(code);
  });
});

describe('the quality to ask for', () => {
  it('is the main stream, until the sub stream was learned', () => {
    expect(wantedQuality(aCamera())).toBe('main');
    expect(wantedQuality(aCamera({ learnedQuality: 'sub' }))).toBe('sub');
    expect(wantedQuality(aCamera({ quality: 'main', learnedQuality: 'sub' }))).toBe('main');
  });

  it('is learned from H.265 on the main stream, where the choice is ours', () => {
    expect(teachesSubStream(aCamera(), aLease(), h265)).toBe(true);
    expect(teachesSubStream(aCamera({ quality: 'main' }), aLease(), h265)).toBe(false);
    expect(teachesSubStream(aCamera(), aLease({ quality: 'sub' }), h265)).toBe(false);
  });
});
