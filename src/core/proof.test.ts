import { describe, expect, it } from 'vitest';
import { aCamera, aLease } from '../../test/support/builders.js';
import { CameraError } from './errors.js';
import { pictureFault, teachesSubStream, wantedQuality } from './proof.js';

const good = { codec: 'H264', width: 1280, height: 720, framesPerSecond: 15 };
const h265 = new CameraError('STREAM_H265', 'permanent', 'H.265.', { cure: 'Use H.264.' });

describe('a decoded picture', () => {
  it.each([
    ['of H.264 is good', good, undefined],
    ['of H.265 cannot be played by browsers', { ...good, codec: 'hevc' }, 'STREAM_H265'],
    [
      'of 512x288 at 5 frames a second is the error clip',
      { codec: 'H264', width: 512, height: 288, framesPerSecond: 5 },
      'STREAM_ERROR_CLIP',
    ],
    [
      'of 512x288 at 15 frames a second is a sub stream',
      { codec: 'H264', width: 512, height: 288, framesPerSecond: 15 },
      undefined,
    ],
    [
      'of 512x288 at an unknown rate is let through',
      { codec: 'H264', width: 512, height: 288, framesPerSecond: null },
      undefined,
    ],
  ])('%s', (_name, seen, code) => {
    expect(pictureFault(seen)?.code).toBe(code);
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
