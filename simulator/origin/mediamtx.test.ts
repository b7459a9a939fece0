import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import axios from 'axios';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../src/systemClock.js';
import { nodeAvFor } from '../../test/support/viewers/nodeAv.js';
import { freeTcpPort } from '../demo/freePorts.js';
import { startOrigin } from './server.js';
import type { StreamVerdict } from './types.js';

/** Real MediaMTX pulls from the origin: this checks the origin's protocol, and the stream names that MediaMTX sends. */

const hasMediaMtx = spawnSync('mediamtx', ['--version']).status === 0;
if (!hasMediaMtx) process.stderr.write('mediamtx is not on PATH: the origin is not tried with it\n');

const STREAM = 'SERIAL_1_1?expire=1767600000&id=77&c=0a&t=abc&ev=100';

const pathState = z.object({
  available: z.boolean(),
  inboundBytes: z.number(),
  tracks2: z.array(z.object({ codec: z.string(), codecProps: z.looseObject({}).nullish() })).nullish(),
});

describe.skipIf(!hasMediaMtx || !nodeAvFor('the origin with MediaMTX'))('MediaMTX', () => {
  test('plays a camera by the fragment form of its URL, and is refused with the plain form', async () => {
    const asked: string[] = [];
    const lookup = (app: string, streamName: string): StreamVerdict => {
      asked.push(`${app} ${streamName}`);
      return { play: app === 'v3/openlive' ? 'camera' : 'refuse', cameraName: 'Gate', clipKey: 'SIM01' };
    };
    const origin = await startOrigin({ clock: systemClock, lookup });
    onTestFinished(() => origin.stop());
    const base = `rtmp://127.0.0.1:${origin.port}/v3/openlive`;
    const mediaMtx = await startMediaMtx({ good: `${base}#${STREAM}`, plain: `${base}/${STREAM}` });

    await vi.waitUntil(async () => (await mediaMtx.state('good')).available, { timeout: 50_000, interval: 100 });
    const first = await mediaMtx.state('good');
    expect(first.tracks2).toMatchObject([{ codec: 'H264', codecProps: { width: 640, height: 360 } }]);
    await vi.waitUntil(async () => (await mediaMtx.state('good')).inboundBytes > first.inboundBytes + 20_000, {
      timeout: 20_000,
      interval: 100,
    });
    expect(asked).toEqual([`v3/openlive ${STREAM}`]);
    expect(origin.pulls()).toBe(1);
    expect((await mediaMtx.state('plain')).available).toBe(false);
    expect(mediaMtx.log()).toMatch(/\[path plain\].*(StreamNotFound|EOF)/);
  });

  test('finds the sound, and the H.265, of the streams that have them', async () => {
    const lookup = (_: string, streamName: string): StreamVerdict => ({
      play: 'camera',
      cameraName: 'Gate',
      clipKey: 'SIM01',
      codec: streamName.startsWith('NEW') ? 'h265' : 'h264',
      sound: 'aac',
    });
    const origin = await startOrigin({ clock: systemClock, lookup });
    onTestFinished(() => origin.stop());
    const base = `rtmp://127.0.0.1:${origin.port}/v3/openlive`;
    const mediaMtx = await startMediaMtx({ old: `${base}#${STREAM}`, new: `${base}#NEW${STREAM}` });
    const sound = { codec: 'MPEG-4 Audio', codecProps: { sampleRate: 16_000, channelCount: 1 } };
    const picture = { width: 640, height: 360 };
    for (const [path, codec] of [
      ['old', 'H264'],
      ['new', 'H265'],
    ] as const) {
      await vi.waitUntil(async () => (await mediaMtx.state(path)).available, { timeout: 50_000, interval: 100 });
      expect((await mediaMtx.state(path)).tracks2).toMatchObject([{ codec, codecProps: picture }, sound]);
    }
  });
});

interface RunningMediaMtx {
  state(path: string): Promise<z.infer<typeof pathState>>;
  log(): string;
}

async function startMediaMtx(sources: Readonly<Record<string, string>>): Promise<RunningMediaMtx> {
  const folder = await mkdtemp(join(tmpdir(), 'camlease-origin-'));
  const port = await freeTcpPort();
  const paths = Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, { source }]));
  const off = { rtsp: false, rtmp: false, hls: false, webrtc: false, srt: false, moq: false };
  // JSON is YAML too.
  const config = { ...off, api: true, apiAddress: `127.0.0.1:${port}`, logLevel: 'debug', paths };
  await writeFile(join(folder, 'mediamtx.yml'), JSON.stringify(config));
  const child = spawn('mediamtx', [join(folder, 'mediamtx.yml')], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stdout.on('data', (text: Buffer) => (log += text.toString()));
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true });
  });
  const http = axios.create({ baseURL: `http://127.0.0.1:${port}`, timeout: 5_000, proxy: false });
  const state = async (path: string): Promise<z.infer<typeof pathState>> =>
    pathState.parse((await http.get<unknown>(`/v3/paths/get/${path}`)).data);
  const answers = (): Promise<boolean> => http.get('/v3/info').then(Boolean, () => false);
  await vi.waitUntil(answers, { timeout: 20_000, interval: 50 });
  return { state, log: () => log };
}
