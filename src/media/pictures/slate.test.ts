import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_JPEG } from '../../../simulator/cloud/sampleJpeg.js';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin } from '../../../simulator/origin/types.js';
import { makeMediaMtx, mediaMtxProgram, until, type TestMediaMtx } from '../../../test/support/engine/mediamtx.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import type { AudioTrack } from '../../core/camera/tracks.js';
import { systemClock } from '../../systemClock.js';
import { createMediaProcess, type MediaProcess } from '../process/mediaProcess.js';

const LABEL = 'NO LIVE PICTURE - LAST SEEN 2026-11-21 12:03:05 UTC+05:30';
const AAC: AudioTrack = { codec: 'AAC', sampleRate: 44_100, channels: 2 };
const OPUS: AudioTrack = { codec: 'Opus', sampleRate: 48_000, channels: 2 };
const spec = (width: number, height: number, audio: AudioTrack | null = null) => ({
  jpeg: SAMPLE_JPEG,
  width,
  height,
  framesPerSecond: 15,
  audio,
  label: LABEL,
});
const hasNodeAv = nodeAvFor('slates');
let media: MediaProcess;

beforeAll(async () => {
  media = createMediaProcess({ clock: systemClock });
  await media.start();
});

afterAll(async () => {
  await media.stop();
});

describe.skipIf(!hasNodeAv)('a slate', () => {
  it('is small, and black when there is no picture', async () => {
    const large = await media.slate(spec(1920, 1080, AAC));
    expect(large.subarray(4, 8).toString()).toBe('ftyp');
    expect(large.length).toBeLessThan(300_000);
    const black = await media.slate({ ...spec(1920, 1080, AAC), jpeg: null });
    expect(black.length).toBeLessThan(large.length);
  });

  it('of a size that H.264 of cameras cannot have, or with a sound that MP4 cannot hold, is refused with a sentence', async () => {
    await expect(media.slate(spec(641, 360))).rejects.toMatchObject({ code: 'SLATE_SIZE', failureClass: 'permanent' });
    await expect(media.slate(spec(16, 360))).rejects.toMatchObject({ code: 'SLATE_SIZE' });
    const alaw = { codec: 'PCMA', sampleRate: 8000, channels: 1 };
    await expect(media.slate(spec(640, 360, alaw))).rejects.toMatchObject({
      code: 'SLATE_SOUND',
      message: expect.stringContaining('PCMA') as string,
    });
    await expect(media.slate({ ...spec(640, 360), jpeg: Buffer.from('no') })).rejects.toMatchObject({
      code: 'PICTURE_UNREADABLE',
    });
  });
});

describe.skipIf(!hasNodeAv || mediaMtxProgram === null)('a slate in MediaMTX', () => {
  let mediaMtx: TestMediaMtx;
  let origin: Origin;
  const slates = {
    small: spec(320, 240),
    middle: spec(640, 360, { codec: 'AAC', sampleRate: 16_000, channels: 1 }),
    large: spec(1920, 1080, AAC),
    opus: spec(704, 576, OPUS),
  } as const;

  beforeAll(async () => {
    origin = await startOrigin({
      clock: systemClock,
      lookup: () => ({ play: 'camera', cameraName: 'Yard', clipKey: 'yard', sound: 'aac' }),
    });
    mediaMtx = await makeMediaMtx('paths:\n');
    const paths: Record<string, unknown> = {};
    for (const [name, wanted] of Object.entries(slates)) {
      const file = join(mediaMtx.folder, `${name}.mp4`);
      await writeFile(file, await media.slate(wanted));
      paths[name] = { alwaysAvailable: true, alwaysAvailableFile: file, overridePublisher: true };
    }
    await writeFile(mediaMtx.configPath, JSON.stringify({ paths }));
    await mediaMtx.start();
  }, 60_000);

  afterAll(async () => {
    await mediaMtx.stop();
    await origin.stop();
  });

  it.each(Object.entries(slates))('is shown to a reader with its sound: %s', async (name, { width, height, audio }) => {
    const proof = await media.prove(`rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/${name}`);
    expect(proof.tracks).toEqual({ video: { codec: 'H264', width, height }, audio });
    // The rate is measured over some nine pictures only, so it is not exact.
    expect(proof.framesPerSecond).toBeGreaterThan(8);
    expect(proof.framesPerSecond).toBeLessThan(22);
    const page = await fetch(`${mediaMtx.hlsUrl}/${name}/index.m3u8`);
    expect(await page.text()).toMatch(audio === null ? /avc1/ : /avc1.*(mp4a|opus)/);
  });

  it('gives way to the camera whose tracks it has, and comes back when the camera goes', async () => {
    const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
      const reply = await fetch(`${mediaMtx.apiUrl}/v3/${path}`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      expect(reply.ok, await reply.clone().text()).toBe(true);
      return reply.json();
    };
    const source = origin.rtmpUrl('live', '').replace(/\/$/, '');
    await api('POST', 'config/paths/add/_feeder', {
      source: `${source}#yard`,
      forward: [{ dest: `rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/middle` }],
    });
    const isOnline = async (): Promise<boolean> => {
      const path = await api('GET', 'paths/get/middle');
      return typeof path === 'object' && path !== null && 'online' in path && path.online === true;
    };
    await until(isOnline);
    const live = await media.prove(`rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/middle`);
    expect(live.tracks).toEqual({ video: { codec: 'H264', width: 640, height: 360 }, audio: slates.middle.audio });
    await api('DELETE', 'config/paths/delete/_feeder');
    await until(async () => !(await isOnline()));
    expect((await media.prove(`rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/middle`)).tracks).toEqual(live.tracks);
    expect(mediaMtx.log()).not.toMatch(/does not match|panic/);
  });
});
