import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeMediaMtx, until, type TestMediaMtx } from '../../test/support/engine/mediamtx.js';

/** The only login that the cameras take. */
export const LOGIN = { user: 'viewer', password: 'bench-4711' };

const CLIP_SECONDS = 20;
const FRAMES_PER_SECOND = 15;
const FRAMES_PER_GROUP = 30;
const READY_MS = 30_000;
const CONFIG = `
logLevel: error
authInternalUsers:
  - {user: any, ips: ['127.0.0.1'], permissions: [{action: api}, {action: publish}]}
  - {user: ${LOGIN.user}, pass: '${LOGIN.password}', permissions: [{action: read}]}
paths:
  all_others: {}
`;

export interface CameraServerOptions {
  /** Different streams in H.264; cameras share them. */
  readonly streams: number;
  readonly kbit: number;
  readonly size: string;
  /** True: there is one stream in H.265 as well. */
  readonly h265: boolean;
}

/** RTSP cameras: a MediaMTX of their own to which ffmpeg publishes clips again and again, in real time, with a key frame every 2 s. */
export interface CameraServer {
  /** The address of a camera, without its login. Its query makes it another camera than all others of the same stream. */
  address(camera: number): string;
  readonly h265Address: string;
  /** Sessions that play a camera now. */
  sessions(): Promise<number>;
  stop(): Promise<void>;
}

export async function startCameraServer({ streams, kbit, size, h265 }: CameraServerOptions): Promise<CameraServer> {
  const server = await makeMediaMtx(CONFIG, { MTX_HLS: 'no', MTX_WEBRTC: 'no' });
  const publishers: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const publisher of publishers) await ended(publisher);
    await server.stop();
  };
  try {
    await server.start();
    const rtsp = `rtsp://127.0.0.1:${server.ports.rtsp}`;
    const names = Array.from({ length: streams }, (_, at) => `stream${at}`);
    const clip = await encode(server, 'libx264', size, kbit);
    for (const name of names) publishers.push(publish(clip, `${rtsp}/${name}`));
    if (h265) publishers.push(publish(await encode(server, 'libx265', size, kbit), `${rtsp}/h265`));
    await until(async () => (await ready(server)).length === publishers.length, READY_MS);
    return {
      address: (camera) => `${rtsp}/${names[camera % streams] ?? ''}?channel=${camera}`,
      h265Address: `${rtsp}/h265`,
      sessions: async () => (await ready(server)).reduce((sum, { readers }) => sum + readers.length, 0),
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

interface ReadyPath {
  readonly ready: boolean;
  readonly readers: readonly unknown[];
}

async function ready({ apiUrl }: TestMediaMtx): Promise<readonly ReadyPath[]> {
  const reply = await fetch(`${apiUrl}/v3/paths/list?itemsPerPage=1000`);
  return ((await reply.json()) as { items: ReadyPath[] }).items.filter((one) => one.ready);
}

/** A clip of noise over a moving picture, so that it fills the wanted rate. Its path. */
async function encode({ folder }: TestMediaMtx, encoder: string, size: string, kbit: number): Promise<string> {
  const file = path.join(folder, `${encoder}.mp4`);
  const source = `testsrc2=size=${size}:rate=${FRAMES_PER_SECOND},noise=alls=20:allf=t`;
  const rate = ['-b:v', `${kbit}k`, '-maxrate', `${kbit}k`, '-bufsize', `${kbit}k`];
  const group = ['-g', String(FRAMES_PER_GROUP), '-keyint_min', String(FRAMES_PER_GROUP), '-bf', '0'];
  await promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', source, '-t', String(CLIP_SECONDS), '-pix_fmt', 'yuv420p'],
    ...['-c:v', encoder, '-preset', 'ultrafast', ...rate, ...group],
    ...(encoder === 'libx265' ? ['-x265-params', 'log-level=error'] : []),
    file,
  ]);
  return file;
}

function publish(clip: string, address: string): ChildProcess {
  const input = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', clip];
  const output = ['-c', 'copy', '-f', 'rtsp', '-rtsp_transport', 'tcp', address];
  return spawn('ffmpeg', [...input, ...output], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
