import { describe, expect, it } from 'vitest';
import { HlsPlaylist } from './hlsPlaylist.js';

const part = (init: string | null = null, durationMs = 1000) => ({
  init: init === null ? null : Buffer.from(init),
  body: Buffer.from('body'),
  durationMs,
});
const filled = (count: number): HlsPlaylist => {
  const playlist = new HlsPlaylist('p');
  for (let index = 0; index < count; index++) playlist.add(part(index === 0 ? 'init' : null));
  return playlist;
};
const tag = (playlist: HlsPlaylist, name: string): number =>
  Number(new RegExp(`${name}:(\\d+)`).exec(playlist.render() ?? '')?.[1]);

describe('a live playlist', () => {
  it('does not exist before the first segment', () => {
    expect(new HlsPlaylist('p').render()).toBeNull();
  });

  it('names the last seven segments and keeps a few more for slow players', () => {
    const playlist = filled(20);
    const text = playlist.render() ?? '';
    expect(tag(playlist, 'MEDIA-SEQUENCE')).toBe(13);
    expect(text.match(/\.m4s/g)).toHaveLength(7);
    expect(playlist.file('p-10.m4s')).not.toBeNull();
    expect(playlist.file('p-2.m4s')).toBeNull();
  });

  it('marks new parameters as a discontinuity with an init part of its own', () => {
    const playlist = filled(2);
    playlist.add(part('other'));
    const lines = (playlist.render() ?? '').split('\n');
    const at = lines.indexOf('#EXT-X-DISCONTINUITY');
    expect(lines[at + 1]).toBe('#EXT-X-MAP:URI="p-init1.mp4"');
    expect(playlist.file('p-init1.mp4')?.toString()).toBe('other');
  });

  it('counts the discontinuities that have gone by', () => {
    const playlist = filled(2);
    playlist.add(part('other'));
    for (let index = 0; index < 6; index++) playlist.add(part());
    expect(playlist.render()).toContain('#EXT-X-DISCONTINUITY\n');
    expect(tag(playlist, 'DISCONTINUITY-SEQUENCE')).toBe(0);
    playlist.add(part());
    expect(playlist.render()).not.toContain('#EXT-X-DISCONTINUITY\n');
    expect(tag(playlist, 'DISCONTINUITY-SEQUENCE')).toBe(1);
  });

  it('goes on counting after everybody left, and forgets the old pictures', () => {
    const playlist = filled(3);
    playlist.clear();
    playlist.add(part()); // a late part of the pull that was closed
    expect(playlist.render()).toBeNull();
    playlist.add(part('init'));
    expect(tag(playlist, 'MEDIA-SEQUENCE')).toBe(3);
    expect(tag(playlist, 'DISCONTINUITY-SEQUENCE')).toBe(1);
    expect(playlist.file('p-1.m4s')).toBeNull();
  });

  it('states a target duration that no segment exceeds', () => {
    const playlist = filled(1);
    playlist.add(part(null, 4400));
    expect(tag(playlist, 'TARGETDURATION')).toBe(4);
  });
});
