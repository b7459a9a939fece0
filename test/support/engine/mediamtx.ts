import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { existsSync } from 'node:fs';
import { freeTcpPort, freeUdpPort } from '../../../simulator/demo/freePorts.js';
import { isMarkPath } from '../../../src/engine/mediamtx/file/fileMark.js';
import { packageRoot } from '../../../src/startup/place/packageRoot.js';
import { INSTALLATION_PATH } from '../../../src/engine/mediamtx/sharing/otherInstallation.js';

/** The MediaMTX of this machine; null: none on PATH, and a line says that its tests are left out. */
export const mediaMtxProgram = find();

export interface MediaMtxPorts {
  readonly api: number;
  readonly hls: number;
  readonly webrtc: number;
  readonly rtsp: number;
  readonly udp: number;
}

export interface TestMediaMtx {
  readonly ports: MediaMtxPorts;
  readonly apiUrl: string;
  readonly hlsUrl: string;
  readonly webrtcUrl: string;
  readonly folder: string;
  readonly configPath: string;
  /** For a supervisor that starts it itself. */
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number | null;
  /** Starts it (again); resolves when its API answers. `configPath`: another file than its own. */
  start(configPath?: string): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
  config(): Promise<string>;
  log(): string;
}

/** The shipped template. */
export async function shippedTemplate(): Promise<string> {
  return readFile(join(packageRoot(), 'mediamtx.yml'), 'utf8');
}

/** The same, made by an operator to let this machine ask the API: so tests can look. Publishing and internal paths stay closed. */
export async function mediaMtxTemplate(): Promise<string> {
  return letTestsAsk(await shippedTemplate());
}

/** The same with a file that is there. */
export async function letTestsAskBy(configPath: string): Promise<void> {
  await writeFile(configPath, letTestsAsk(await readFile(configPath, 'utf8')));
}

export function letTestsAsk(template: string): string {
  const looker = "  - {user: any, ips: ['127.0.0.1'], permissions: [{action: api}]}\n";
  return template.replace(/^authInternalUsers:\n/m, (key) => key + looker);
}

/** A MediaMTX with ports and a folder of its own, not started yet; its file is `text`, absent: no file. */
export async function makeMediaMtx(text?: string): Promise<TestMediaMtx> {
  const [api, hls, webrtc, rtsp] = [await freeTcpPort(), await freeTcpPort(), await freeTcpPort(), await freeTcpPort()];
  const udp = await freeUdpPort();
  const folder = await mkdtemp(join(tmpdir(), 'camlease-mediamtx-'));
  const configPath = join(folder, 'mediamtx.yml');
  // As camlease makes it: what every user can read is told at its start.
  if (text !== undefined) await writeFile(configPath, text, { mode: 0o600 });
  const ports = { api, hls, webrtc, rtsp, udp };
  const env = {
    MTX_API: 'yes',
    MTX_APIADDRESS: `127.0.0.1:${api}`,
    MTX_HLSADDRESS: `127.0.0.1:${hls}`,
    MTX_WEBRTCADDRESS: `127.0.0.1:${webrtc}`,
    MTX_WEBRTCLOCALUDPADDRESS: `127.0.0.1:${udp}`,
    MTX_RTSPADDRESS: `127.0.0.1:${rtsp}`,
    MTX_RTSPTRANSPORTS: 'tcp',
    MTX_RTMP: 'no',
    MTX_SRT: 'no',
    MTX_MOQ: 'no',
  };
  let child: ChildProcess | null = null;
  let log = '';
  const kill = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
  };
  const apiUrl = `http://127.0.0.1:${api}`;
  return {
    ports,
    apiUrl,
    hlsUrl: `http://127.0.0.1:${hls}`,
    webrtcUrl: `http://127.0.0.1:${webrtc}`,
    folder,
    configPath,
    env,
    get pid() {
      return child?.pid ?? null;
    },
    async start(path = configPath) {
      if (mediaMtxProgram === null) throw new Error('there is no mediamtx on PATH');
      const started = spawn(mediaMtxProgram, [path], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      for (const stream of [started.stdout, started.stderr])
        stream.on('data', (data: Buffer) => (log += data.toString()));
      await until(async () => {
        if (started.exitCode !== null) throw new Error(`mediamtx exited:\n${log}`);
        return [200, 401].includes((await fetch(`${apiUrl}/v3/info`)).status);
      });
    },
    kill: () => kill('SIGKILL'),
    async stop() {
      await kill('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    config: () => readFile(configPath, 'utf8'),
    log: () => log,
  };
}

/** Writes a text that MediaMTX ends of; again and again, since its watcher does not see what comes within a second after another change. */
export async function breakFile({ configPath, apiUrl }: TestMediaMtx, text: string): Promise<void> {
  await until(async () => {
    await writeFile(configPath, text);
    return fetch(`${apiUrl}/v3/info`).then(
      () => false,
      () => true,
    );
  });
}

/** Of all its paths, but for those that carry the file's mark and the installation's name; in order. */
export async function pathNames({ apiUrl }: Pick<TestMediaMtx, 'apiUrl'>): Promise<string[]> {
  const reply = await fetch(`${apiUrl}/v3/config/paths/list?itemsPerPage=2000`);
  const { items } = (await reply.json()) as { items: { name: string }[] };
  return items.flatMap(({ name }) => (isMarkPath(name) || name === INSTALLATION_PATH ? [] : [name])).sort();
}

/** Asks again and again until the answer is yes; a throw counts as no until the time is over. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  let last: unknown = new Error('it never became so');
  while (performance.now() < endMs) {
    try {
      if (await isSo()) return;
    } catch (thrown) {
      last = thrown;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within ${limitMs} ms`, { cause: last });
}

function find(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'mediamtx')).find((path) => existsSync(path)) ?? null;
  if (found === null) process.stderr.write('no mediamtx on PATH: the tests on real MediaMTX are left out\n');
  return found;
}
