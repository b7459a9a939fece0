import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { freeTcpPort } from '../../../simulator/demo/freePorts.js';
import { ANY_PORTS, configureMediaMtx } from '../../../simulator/demo/mediaMtx.js';
import { readRunning } from '../../../src/relay/wire/running.js';
import { Releasers } from '../../../src/startup/releasers.js';
import { mediaMtx, until, type RigEngine } from '../installation/appRig.js';
import { packageRoot, startProgram, type Program } from '../installation/programs.js';
import { send, type Reply, type Sent } from '../http/httpClient.js';

/** camlease in a process of its own, with no cloud and with a listener for an older system's clients. */
export interface CompatRig {
  readonly dataDir: string;
  /** The port of the older system. */
  readonly port: number;
  /** Every line that camlease has printed. */
  lines(): readonly string[];
  /** A request to the older system's listener. */
  ask(method: string, target: string, sent?: Sent): Promise<Reply>;
  /** A form, as old clients send it. */
  form(target: string, fields: Readonly<Record<string, string>>): Promise<Reply>;
  /** A request to camlease's own API. */
  own(method: string, target: string, body?: object): Promise<Reply>;
  /** kill -9, and for camlease a start on the same folder and ports. MediaMTX is started again by camlease. */
  kill(victim: 'camlease' | 'mediamtx'): Promise<void>;
  stop(): Promise<void>;
}

export interface CompatRigOptions {
  readonly engine: RigEngine;
  /** `COMPAT_…_PORT`. */
  readonly portSetting: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Fills the data folder before the program starts; what it returns are settings beside the others. */
  readonly prepare?: (dataDir: string) => Readonly<Record<string, string>> | undefined;
}

export async function startCompatRig(options: CompatRigOptions): Promise<CompatRig> {
  const releasers = new Releasers((message) => console.error(message));
  try {
    return await begin(options, releasers);
  } catch (thrown) {
    await releasers.release();
    throw thrown;
  }
}

async function begin(
  { engine, portSetting, environment, prepare }: CompatRigOptions,
  releasers: Releasers,
): Promise<CompatRig> {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-compat-'));
  releasers.add('folder', () => rmSync(folder, { recursive: true, force: true }));
  const dataDir = path.join(folder, 'data');
  mkdirSync(dataDir, { mode: 0o700 });
  const prepared = prepare?.(dataDir);
  const [ownPort, port] = [await freeTcpPort(), await freeTcpPort()];
  const env = {
    ...{ DATA_DIR: dataDir, PORT: String(ownPort), [portSetting]: String(port), LOG_LEVEL: 'debug' },
    ...{ SOURCE_NETWORKS: '127.0.0.0/8', RELAY: 'auto', RELAY_PORT: String(await freeTcpPort()) },
    ...(await engineSettings(engine, dataDir)),
    ...environment,
    ...prepared,
  };
  const relayFolder = path.join(dataDir, 'relay');
  releasers.add('relay', () => ended(readRunning(relayFolder)?.pid, 'SIGTERM'));
  const programs: Program[] = [];
  /** On a busy machine the media process can take longer than camlease waits: it is started again, as a supervisor does. */
  const start = async (tries = 3): Promise<void> => {
    const program = startProgram('src/main.js', [], env);
    programs.push(program);
    try {
      await program.line(/listener for clients of/);
    } catch (thrown) {
      if (tries === 1) throw thrown;
      await start(tries - 1);
    }
  };
  releasers.add('camlease', () => programs.at(-1)?.stop());
  await start();
  const ask = (method: string, target: string, sent?: Sent): Promise<Reply> => send(port, method, target, sent);
  return {
    ...{ dataDir, port, ask },
    lines: () => programs.flatMap(({ lines }) => lines),
    form: (target, fields) =>
      ask('POST', target, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(fields).toString(),
      }),
    own: (method, target, body) => send(ownPort, method, target, body === undefined ? {} : { body }),
    kill: async (victim) => {
      if (victim === 'camlease') {
        await programs.at(-1)?.stop('SIGKILL');
        await start();
      } else await ended(mediaMtxPid(dataDir), 'SIGKILL');
    },
    stop: () => releasers.release(),
  };
}

async function engineSettings(engine: RigEngine, dataDir: string): Promise<Record<string, string>> {
  if (engine === 'embedded') return { ENGINE: 'embedded' };
  if (mediaMtx === null) throw new Error('there is no mediamtx on PATH');
  const running = await configureMediaMtx(mediaMtx, path.join(packageRoot(), 'mediamtx.yml'), dataDir, ANY_PORTS);
  return {
    MEDIAMTX_BIN: running.program,
    HLS_BASE_URL: running.hlsBaseUrl,
    WEBRTC_BASE_URL: running.webrtcBaseUrl,
  };
}

function mediaMtxPid(dataDir: string): number {
  const remembered: unknown = JSON.parse(readFileSync(path.join(dataDir, 'mediamtx.pid.json'), 'utf8'));
  return z.object({ pid: z.number() }).parse(remembered).pid;
}

async function ended(pid: number | undefined, signal: NodeJS.Signals): Promise<void> {
  if (pid === undefined || !isThere(pid)) return;
  process.kill(pid, signal);
  await until(
    'the end of a process',
    10_000,
    async () => isThere(pid),
    (there) => !there,
  );
}

/** False also for one that has ended and whose parent has not collected it yet. */
function isThere(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}
