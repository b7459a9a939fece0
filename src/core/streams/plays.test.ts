import { describe, expect, it } from 'vitest';
import type { StreamTracks } from '../camera/tracks.js';
import { playsBy, type HlsKind, type Play } from './plays.js';

function tracks(video: string, audio: string | null): StreamTracks {
  const sound = audio === null ? null : { codec: audio, sampleRate: 48_000, channels: 1 };
  return { video: { codec: video, width: 640, height: 360 }, audio: sound };
}

/** `yes`, `no` or `?`, and whether a sentence says more. */
const brief = ({ works, why }: Play): string =>
  `${works === null ? '?' : works ? 'yes' : 'no'}${why === null ? '' : '!'}`;

describe('how a camera plays', () => {
  it.each<[video: string, audio: string | null, hls: HlsKind | null, byHls: string, byWebrtc: string]>([
    ['H264', null, 'lowLatency', 'yes', 'yes'],
    ['H264', 'AAC', 'lowLatency', 'yes', 'yes!'],
    ['H264', 'PCMA', 'lowLatency', 'yes!', 'yes'],
    ['H264', 'PCMU', 'fmp4', 'yes!', 'yes'],
    ['H264', 'Opus', 'lowLatency', 'yes', 'yes'],
    ['H264', 'Opus', 'mpegts', 'no!', 'yes'],
    ['H264', 'PCMA', 'mpegts', 'yes!', 'yes'],
    ['H265', 'AAC', 'lowLatency', 'yes!', 'yes!'],
    ['H265', null, 'mpegts', 'no!', 'yes!'],
    ['H265', null, 'built-in', 'no!', 'no!'],
    ['H264', 'AAC', 'built-in', 'yes', 'yes!'],
    ['H264', 'Opus', 'built-in', 'yes!', 'yes!'],
    ['H264', 'AAC', null, 'yes', 'yes!'],
  ])('with %s and %s where HLS is %s: HLS %s, WebRTC %s', (video, audio, hls, byHls, byWebrtc) => {
    const plays = playsBy(tracks(video, audio), { hls, off: [], secondSound: null });
    expect([brief(plays.hls), brief(plays.webrtc)]).toEqual([byHls, byWebrtc]);
  });

  it('is not known before its picture has come', () => {
    const { hls, webrtc } = playsBy(null, { hls: 'lowLatency', off: ['webrtc'], secondSound: null });
    expect([brief(hls), webrtc]).toEqual([
      '?!',
      { works: false, why: 'MediaMTX serves no WebRTC: its file says webrtc: no.' },
    ]);
  });

  it('is with sound where the address leads to its second sound', () => {
    const serving = { hls: 'lowLatency', off: [] } as const;
    const { webrtc } = playsBy(tracks('H264', 'AAC'), { ...serving, secondSound: 'webrtc' });
    const { hls } = playsBy(tracks('H264', 'PCMA'), { ...serving, secondSound: 'hls' });
    expect([brief(webrtc), brief(hls)]).toEqual(['yes', 'yes']);
  });
});
