import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin } from '../../../simulator/origin/types.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { systemClock } from '../../systemClock.js';
import { createMediaProcess, type MediaProcess } from '../process/mediaProcess.js';
import { Packages } from './packages.js';

const signal = new AbortController().signal;
const SEGMENT_MS = 2_000;

interface Rig {
  readonly origin: Origin;
  readonly media: MediaProcess;
  readonly packages: Packages;
  readonly clock: TurnedClock;
  readonly news: string[];
}

async function startRig(): Promise<Rig> {
  const origin = await startOrigin({
    clock: systemClock,
    keyFrameSeconds: 1,
    lookup: (_app, name) => ({
      play: name.startsWith('gone') ? 'refuse' : 'camera',
      ...{ cameraName: 'Yard', clipKey: 'yard', sound: 'aac' },
    }),
  });
  const media = createMediaProcess({ clock: systemClock });
  await media.start();
  const clock = new TurnedClock();
  const news: string[] = [];
  const onNews = (_id: string, text: string): void => void news.push(text);
  const packages = new Packages({ clock, process: media, segmentMs: SEGMENT_MS, listed: 3, onNews });
  onTestFinished(async () => {
    packages.close();
    await media.stop();
    await origin.stop();
  });
  return { origin, media, packages, clock, news };
}

const names = (playlist: string): string[] => playlist.match(/^segment_\d{3,}\.ts$/gm) ?? [];
const numberOf = (playlist: string): number => Number(/MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1]);

/** What ffprobe sees of these bytes; `errors`: what ffmpeg complains about when it decodes them. */
async function decoded(bytes: Buffer): Promise<{ readonly streams: string; readonly errors: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-ts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'some.ts');
  writeFileSync(file, bytes);
  const run = promisify(execFile);
  const shown = 'stream=codec_name,nb_read_frames';
  const probe = await run('ffprobe', ['-v', 'error', '-count_frames', '-show_entries', shown, '-of', 'csv=p=0', file]);
  const decoding = await run('ffmpeg', ['-v', 'warning', '-xerror', '-i', file, '-f', 'null', '-']);
  return { streams: probe.stdout, errors: probe.stderr + decoding.stderr };
}

describe.skipIf(!nodeAvFor('HLS of MPEG-TS'))('HLS of MPEG-TS', () => {
  it(
    'has segments of the wanted length with picture and sound, which decode as one stream',
    { timeout: 60_000 },
    async () => {
      const { origin, packages, clock, news, media } = await startRig();
      const url = origin.rtmpUrl('live', 'yard');
      const [first] = await Promise.all([
        packages.playlist('yard', url, signal),
        packages.playlist('yard', url, signal),
      ]);
      expect(first).toMatch(/^#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n/);
      const [name = ''] = names(first);
      expect(names(first)).toHaveLength(1);
      const read = new Map([[name, packages.segment('yard', name)]]);
      const latest = async (): Promise<string> => {
        const playlist = await packages.playlist('yard', url, signal);
        for (const listed of names(playlist)) read.set(listed, packages.segment('yard', listed));
        return playlist;
      };
      await expect.poll(async () => numberOf(await latest()) - numberOf(first), { timeout: 20_000 }).toBeGreaterThan(1);
      const last = await latest();
      expect(names(last)).toHaveLength(3);
      expect(last).not.toContain('DISCONTINUITY\n');
      for (const [, seconds] of last.matchAll(/EXTINF:([\d.]+)/g))
        expect(Math.abs(Number(seconds) - 2)).toBeLessThan(0.2);
      const all = [...read.values()].map((body) => body ?? Buffer.alloc(0));
      for (const body of all) expect([body[0], body.length % 188, body.length > 1_000]).toEqual([0x47, 0, true]);
      const { streams, errors } = await decoded(Buffer.concat(all));
      expect(errors).toBe('');
      expect(streams).toMatch(/h264,\d+/);
      expect(streams).toMatch(/aac,\d+/);
      // Each one alone, too: players begin with any.
      expect((await decoded(all[2] ?? Buffer.alloc(0))).errors).toBe('');
      expect(origin.pulls()).toBe(1);

      // After the media process was killed the numbers go on, and players are told to begin anew.
      process.kill(media.pid() ?? 0, 'SIGKILL');
      await expect.poll(latest, { timeout: 20_000 }).toContain('#EXT-X-DISCONTINUITY\n');
      expect(numberOf(await latest())).toBeGreaterThanOrEqual(numberOf(last));

      // What nobody asks for any more ends, and begins again with greater numbers.
      expect(packages.segment('yard', '../../etc/passwd')).toBeNull();
      await clock.advance(40_000);
      await expect.poll(() => origin.pulls()).toBe(0);
      expect(news).toEqual(['packaging begins', 'first segment', 'packaging ended']);
      const again = await packages.playlist('yard', url, signal);
      expect(numberOf(again)).toBeGreaterThan(numberOf(last));
    },
  );

  it('says why there is none, and ends what is stopped', { timeout: 60_000 }, async () => {
    const { origin, packages, news } = await startRig();
    const dark = packages.playlist('dark', origin.rtmpUrl('live', 'gone'), signal);
    await expect(dark).rejects.toMatchObject({ code: 'STREAM_REFUSED' });
    expect(news).toEqual(['packaging begins', expect.stringMatching(/^no picture: /)]);
    const yard = packages.playlist('yard', origin.rtmpUrl('live', 'yard'), signal);
    packages.end('yard');
    await expect(yard).rejects.toMatchObject({ code: 'CAMERA_NOT_LIVE' });
    await expect.poll(() => origin.pulls()).toBe(0);
  });
});
