import { describe, expect, it } from 'vitest';
import { aTarget } from '../../../test/support/engine/mediamtxEngine.js';
import type { StreamTracks } from '../../core/camera/tracks.js';
import type { DesiredStreams } from '../../core/streams/streams.js';
import { sameStreams } from './streamChanges.js';

const withSound = (codec: string): StreamTracks => ({
  video: { codec: 'H264', width: 640, height: 360 },
  audio: { codec, sampleRate: 16_000, channels: 1 },
});
const streams = (tracks: StreamTracks | null, mode: 'on-demand' | 'direct' = 'on-demand'): DesiredStreams =>
  new Map([['gate', { mode, inForce: { ...aTarget({ revision: 1 }), tracks }, candidate: null }]]);

describe('streams whose tracks become known', () => {
  it.each([
    ['AAC, which needs a second sound', false, streams(null), streams(withSound('AAC'))],
    ['Opus, which needs none', true, streams(null), streams(withSound('Opus'))],
    ['AAC, where the relay has no part', true, streams(null, 'direct'), streams(withSound('AAC'), 'direct')],
  ])('as %s are the same: %s', (_, isSame, before, after) => {
    expect(sameStreams(before, after)).toBe(isSame);
  });
});
