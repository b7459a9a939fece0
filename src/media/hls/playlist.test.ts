import { describe, expect, it } from 'vitest';
import { readPlaylist, type MediaPlaylist } from './playlist.js';

const BASE = new URL('http://camera.example/live/index.m3u8?session=1');

function mediaOf(lines: readonly string[]): MediaPlaylist {
  const playlist = readPlaylist(lines.join('\n'), BASE);
  if (playlist.kind !== 'media') throw new Error('this is a master playlist');
  return playlist;
}

/** As MediaMTX v1.20.1 answers with `hlsVariant: lowLatency`. */
const LOW_LATENCY = [
  '#EXTM3U',
  '#EXT-X-VERSION:10',
  '#EXT-X-TARGETDURATION:1',
  '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.50000,CAN-SKIP-UNTIL=6.00000',
  '#EXT-X-PART-INF:PART-TARGET=0.50000',
  '#EXT-X-MEDIA-SEQUENCE:6',
  '#EXT-X-MAP:URI="init.mp4?session=1"',
  '#EXT-X-GAP',
  '#EXTINF:1.00000,',
  'gap.mp4',
  '#EXT-X-PROGRAM-DATE-TIME:2026-12-01T03:29:16.811Z',
  '#EXT-X-PART:DURATION=0.50000,URI="part1.mp4?session=1",INDEPENDENT=YES',
  '#EXT-X-PART:DURATION=0.50000,URI="part2.mp4?session=1"',
  '#EXTINF:1.00000,',
  'seg7.mp4?session=1',
];

describe('a playlist of low-latency HLS', () => {
  it('holds its whole segments; one of which only parts are there is not read yet', () => {
    const whole = mediaOf([...LOW_LATENCY, '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part3.mp4?session=1"']);
    const begun = mediaOf([
      ...LOW_LATENCY,
      '#EXT-X-PART:DURATION=0.50000,URI="part3.mp4?session=1",INDEPENDENT=YES',
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part4.mp4?session=1"',
    ]);
    for (const { segments } of [whole, begun]) {
      expect(segments.map(({ number, isGap, key, url }) => [number, isGap, key, url.pathname])).toEqual([
        [6, true, null, '/live/gap.mp4'],
        [7, false, null, '/live/seg7.mp4'],
      ]);
      expect(segments[1]?.map?.url.pathname).toBe('/live/init.mp4');
    }
  });

  it('of which no segment is whole is one that grows', () => {
    const begun = mediaOf([...LOW_LATENCY.slice(0, 7), '#EXT-X-PART:DURATION=0.50000,URI="part1.mp4"']);
    expect([begun.segments, begun.isOver]).toEqual([[], false]);
  });
});

describe('a playlist whose segments are encrypted by a method that camlease does not read', () => {
  it('is refused, and says so', () => {
    const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:2', '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"', '#EXTINF:2,', 'a.ts'];
    expect(() => mediaOf(lines)).toThrow(expect.objectContaining({ why: 'codec', code: 'ENCRYPTED' }) as Error);
  });
});
