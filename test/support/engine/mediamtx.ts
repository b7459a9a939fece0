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

/** The path of this machine's MediaMTX; null: none on PATH, and a printed line says which tests are skipped. */
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
  /** The environment for a supervisor that starts this MediaMTX. */
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number | null;
  /** Starts MediaMTX (again); resolves when its API answers. `configPath`: another file than its own. */
  start(configPath?: string): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Ends MediaMTX and removes its folder. */
  stop(): Promise<void>;
  config(): Promise<string>;
  log(): string;
}

/** The shipped template. */
export async function shippedTemplate(): Promise<string> {
  return readFile(join(packageRoot(), 'mediamtx.yml'), 'utf8');
}

/** The same with an operator's line that lets this machine use the API, so that tests can. Publishing and internal paths stay closed. */
export async function mediaMtxTemplate(): Promise<string> {
  return letTestsAsk(await shippedTemplate());
}

/** Adds that line to an existing file. */
export async function letTestsAskBy(configPath: string): Promise<void> {
  await writeFile(configPath, letTestsAsk(await readFile(configPath, 'utf8')));
}

function letTestsAsk(template: string): string {
  const looker = "  - {user: any, ips: ['127.0.0.1'], permissions: [{action: api}]}\n";
  return template.replace(/^authInternalUsers:\n/m, (key) => key + looker);
}

/** A MediaMTX with its own ports and folder, not started yet. `text`: its configuration file; absent: no file. `more`: of its environment. */
export async function makeMediaMtx(text?: string, more: Readonly<Record<string, string>> = {}): Promise<TestMediaMtx> {
  const [api, hls, webrtc, rtsp] = [await freeTcpPort(), await freeTcpPort(), await freeTcpPort(), await freeTcpPort()];
  const udp = await freeUdpPort();
  const folder = await mkdtemp(join(tmpdir(), 'camlease-mediamtx-'));
  const configPath = join(folder, 'mediamtx.yml');
  // Private, as camlease makes it: camlease warns at its start about a file that every user can read.
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
    ...more,
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

/** Writes a text that makes MediaMTX end; repeatedly, since its file watcher ignores changes within a second after another one. */
export async function breakFile({ configPath, apiUrl }: TestMediaMtx, text: string): Promise<void> {
  await until(async () => {
    await writeFile(configPath, text);
    return fetch(`${apiUrl}/v3/info`).then(
      () => false,
      () => true,
    );
  });
}

/** The names of all its paths, sorted, without those that hold the file's mark and the installation's name. */
export async function pathNames({ apiUrl }: Pick<TestMediaMtx, 'apiUrl'>): Promise<string[]> {
  const reply = await fetch(`${apiUrl}/v3/config/paths/list?itemsPerPage=2000`);
  const { items } = (await reply.json()) as { items: { name: string }[] };
  return items.flatMap(({ name }) => (isMarkPath(name) || name === INSTALLATION_PATH ? [] : [name])).sort();
}

/** Resolves when `isSo` is true; it is called repeatedly, and an error counts as false. Rejects after `limitMs`, with the last error. */
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
