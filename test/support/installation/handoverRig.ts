import { cpSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { ANY_PORTS, configureMediaMtx } from '../../../simulator/demo/mediaMtx.js';
import { freeTcpPort } from '../../../simulator/demo/freePorts.js';
import { envSettings } from '../../../simulator/envLines.js';
import { makeFleet, startSimulator, type Simulator } from '../../../simulator/index.js';
import { CAMERA_MODES, type CameraMode } from '../../../src/core/camera/camera.js';
import { withoutUrls } from '../../../src/engine/mediamtx/api/withoutUrls.js';
import { camerasReply, eventsReply, oneCameraReply } from '../../../src/http/shapes/replySchemas.js';
import { readRunning } from '../../../src/relay/wire/running.js';
import { Releasers } from '../../../src/startup/releasers.js';
import { systemClock } from '../../../src/systemClock.js';
import { until } from './appRig.js';
import { builtPage } from './builtPage.js';
import { send, type Reply } from '../http/httpClient.js';
import { packageRoot, startProgram, type Program } from './programs.js';
import { watchStalls } from '../viewers/stallWatch.js';
import { letTestsAskBy } from '../engine/mediamtx.js';
import { listenForStep } from '../http/stepListener.js';

export type Victim = 'mediamtx' | 'camlease' | 'relay' | 'relay worker';

export type CameraNow = z.output<typeof oneCameraReply>['camera'];
export type StepSeen = z.output<typeof eventsReply>['events'][number];

export interface RigCamera {
  readonly id: string;
  readonly name: string;
  readonly mode: CameraMode;
}

/** A path as MediaMTX has it in its configuration. */
export interface ServedPath {
  readonly name: string;
  readonly source: string;
  readonly forward: readonly unknown[];
}

/** camlease in a process of its own with MediaMTX and relay below it; one camera of each mode, at a simulated cloud. */
export interface HandoverRig {
  readonly simulator: Simulator;
  readonly url: string;
  readonly cameras: readonly RigCamera[];
  /** Where MediaMTX's file is. */
  readonly configPath: string;
  /** Starts camlease, or starts it again on the same folder and port after a kill; resolves when it answers. */
  start(): Promise<void>;
  /** kill -9; resolves when the process has ended. */
  kill(victim: Victim): Promise<void>;
  /** null: the process does not run, or its id is not known. */
  pid(victim: Victim): number | null;
  camera(id: string): Promise<CameraNow>;
  /** Newest first. */
  steps(id: string): Promise<readonly StepSeen[]>;
  /** Resolves when the stream of steps is open; `told` resolves when this step of the camera comes. */
  listen(id: string, step: StepSeen['step']): Promise<{ readonly told: Promise<void> }>;
  post(target: string, body?: object): Promise<Reply>;
  /** The paths by MediaMTX's API; empty while MediaMTX is away. */
  served(): Promise<readonly ServedPath[]>;
  /** False: viewers of this path see the slate, or nothing. */
  isOnline(id: string): Promise<boolean>;
  /** A text for the message of a failure: steps, paths and both logs since this moment (Unix ms). */
  story(sinceMs: number): Promise<string>;
  stop(): Promise<void>;
}

const servedPaths = z.object({
  items: z.array(z.object({ name: z.string(), source: z.string(), forward: z.array(z.unknown()).nullish() })),
});
const pathNow = z.object({ online: z.boolean() });
const pathsNow = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      online: z.boolean(),
      available: z.boolean(),
      inboundBytes: z.number(),
      source: z.object({ type: z.string() }).nullable(),
      readers: z.array(z.object({ type: z.string() })),
    }),
  ),
});
const LOG_LINES = 200;

export async function startHandoverRig(mediaMtxProgram: string): Promise<HandoverRig> {
  const releasers = new Releasers((message) => console.error(message));
  try {
    return await begin(mediaMtxProgram, releasers);
  } catch (thrown) {
    await releasers.release();
    throw thrown;
  }
}

async function begin(mediaMtxProgram: string, releasers: Releasers): Promise<HandoverRig> {
  const stalls = watchStalls();
  releasers.add('stall watch', () => stalls.stop());
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-handover-'));
  releasers.add('folder', () => rmSync(folder, { recursive: true, force: true }));
  const root = await ownPackage(path.join(folder, 'package'));
  const dataDir = path.join(folder, 'data');
  mkdirSync(dataDir, { mode: 0o700 });
  const mediaMtx = await configureMediaMtx(mediaMtxProgram, path.join(root, 'mediamtx.yml'), dataDir, ANY_PORTS);
  await letTestsAskBy(path.join(dataDir, 'mediamtx.yml'));
  const fleet = makeFleet({
    cameras: CAMERA_MODES.length,
    channelsPerDevice: 1,
    seed: 'handover',
    names: [...CAMERA_MODES],
  });
  const simulator = await startSimulator({ fleet, clock: systemClock, origin: { onProblem: console.error } });
  releasers.add('simulator', () => simulator.stop());
  const port = await freeTcpPort();
  const env = {
    ...envSettings(simulator),
    DATA_DIR: dataDir,
    PORT: String(port),
    RENEW_CRON: '* * * * * *',
    LOG_LEVEL: 'debug',
    DISCOVER_CRON: '0 0 1 1 *',
    SNAPSHOT_CRON: '0 0 1 1 *',
    // camlease tells MediaMTX about changes that interrupt no viewer together, at most once in a 14th of a lease's lifetime.
    STREAM_LIFETIME_SECONDS: '140',
    MEDIAMTX_BIN: mediaMtx.program,
    HLS_BASE_URL: mediaMtx.hlsBaseUrl,
    WEBRTC_BASE_URL: mediaMtx.webrtcBaseUrl,
    RELAY: 'auto',
    RELAY_PORT: String(await freeTcpPort()),
  };
  const relayFolder = path.join(dataDir, 'relay');
  releasers.add('relay', () => endRelay(relayFolder));
  const programs: Program[] = [];
  const start = async (): Promise<void> => {
    const program = startProgram('src/main.js', [], env, root);
    programs.push(program);
    await program.line(/answers on http/);
  };
  releasers.add('camlease', () => programs.at(-1)?.stop());
  await start();
  const call = (method: string, target: string, body?: object): Promise<Reply> =>
    send(port, method, target, body === undefined ? {} : { body });
  const cameras = await prepare(call);

  /** The reply of MediaMTX's API; null: MediaMTX is away. */
  const fromMediaMtx = async (target: string): Promise<unknown> => {
    const reply = await fetch(`${mediaMtx.apiUrl}/v3/${target}`, { signal: AbortSignal.timeout(5_000) }).catch(
      () => null,
    );
    return reply?.json().catch(() => null) ?? null;
  };
  const pidOf = (victim: Victim): number | undefined => {
    const own = programs.at(-1)?.process.pid;
    if (victim === 'camlease') return own;
    if (victim === 'relay') return readRunning(relayFolder)?.pid;
    if (victim === 'relay worker') return childOf(readRunning(relayFolder)?.pid ?? 0, 'relayWorker');
    const remembered: unknown = JSON.parse(readFileSync(path.join(dataDir, 'mediamtx.pid.json'), 'utf8'));
    return z.object({ pid: z.number() }).parse(remembered).pid;
  };
  const livingPid = (victim: Victim): number | null => {
    try {
      const pid = pidOf(victim);
      return pid === undefined || commandOf(pid) === '' ? null : pid;
    } catch {
      return null; // the file with its process id is being written
    }
  };
  return {
    simulator,
    url: `http://127.0.0.1:${port}`,
    cameras,
    configPath: path.join(dataDir, 'mediamtx.yml'),
    start,
    async kill(victim) {
      // A process that was killed a moment ago may not have been started again yet.
      const pid = await until(`a ${victim} process`, 30_000, async () => livingPid(victim), isNumber);
      if (pid === null) throw new Error(`there is no ${victim} process`);
      process.kill(pid, 'SIGKILL');
      await until(
        `the end of ${victim}`,
        10_000,
        async () => commandOf(pid),
        (command) => command === '',
      );
    },
    pid: livingPid,
    camera: async (id) => oneCameraReply.parse((await call('GET', `/api/camera/${id}`)).json).camera,
    steps: async (id) => eventsReply.parse((await call('GET', `/api/camera/${id}/events`)).json).events,
    listen: (id, step) => listenForStep(`http://127.0.0.1:${port}`, id, step),
    post: (target, body) => call('POST', target, body),
    served: async () =>
      servedPaths
        .safeParse(await fromMediaMtx('config/paths/list?itemsPerPage=1000'))
        .data?.items.map(({ forward, ...path }) => ({ ...path, forward: forward ?? [] })) ?? [],
    isOnline: async (id) => pathNow.safeParse(await fromMediaMtx(`paths/get/${id}`)).data?.online === true,
    story: async (sinceMs) => {
      const logLines = programs
        .flatMap(({ lines }) => lines)
        .filter((line) => atMsOf(line) >= sinceMs && !line.includes('"method":"GET"'));
      const steps = await Promise.all(
        cameras.map(async ({ id, mode }) => {
          const reply = await call('GET', `/api/camera/${id}/events`).catch(() => null);
          const { events = [] } = eventsReply.safeParse(reply?.json).data ?? {};
          return events
            .filter(({ at }) => Date.parse(at) >= sinceMs)
            .map(({ at, step, revision, reason }) => `${at} ${mode} ${step} ${revision} (${reason})`);
        }),
      );
      const paths = pathsNow.safeParse(await fromMediaMtx('paths/list?itemsPerPage=1000')).data?.items ?? [];
      const mediaMtxLines = readFileSync(path.join(dataDir, 'mediamtx.log'), 'utf8').trim().split('\n');
      const isSince = (line: string): boolean => Date.parse(line.slice(0, 19)) >= sinceMs - 1_000;
      return [
        [`This process, and the cameras with it, stood still (load ${loadavg().join(' ')})`, ...stalls.since(sinceMs)],
        ['Steps', ...steps.flat().sort()],
        ['Paths of MediaMTX', ...paths.map((one) => JSON.stringify(one))],
        ['Log of camlease', ...logLines.slice(-LOG_LINES)],
        ['Log of MediaMTX', ...mediaMtxLines.filter(isSince).slice(-LOG_LINES)],
      ]
        .map((lines) => withoutUrls(lines.join('\n  ')))
        .join('\n');
    },
    stop: () => releasers.release(),
  };
}

/** The time of a line of the log (Unix ms); 0: not such a line. */
function atMsOf(line: string): number {
  const [, at = ''] = /"time":"([^"]+)"/.exec(line) ?? [];
  return Date.parse(at) || 0;
}

/** Leases all cameras, and sets each camera's mode to the mode in its name. */
async function prepare(call: (method: string, target: string, body?: object) => Promise<Reply>): Promise<RigCamera[]> {
  const initialized = await call('POST', '/api/hikvision/initialize');
  if (initialized.status !== 200) throw new Error(`initialize answered ${initialized.status}: ${initialized.text}`);
  const { cameras } = camerasReply.parse((await call('GET', '/api/camera')).json);
  return Promise.all(
    cameras.map(async ({ id, name }) => {
      const mode = CAMERA_MODES.find((each) => each === name) ?? 'on-demand';
      const changed = await call('PUT', `/api/camera/${id}`, { mode });
      if (changed.status !== 200) throw new Error(`PUT answered ${changed.status}: ${changed.text}`);
      return { id, name, mode };
    }),
  );
}

/** Copies the package into a folder of this rig, so that a build meanwhile does not change a program that is started again. */
async function ownPackage(folder: string): Promise<string> {
  const root = packageRoot();
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'mediamtx.yml']) copyFileSync(path.join(root, file), path.join(folder, file));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  cpSync(path.join(root, 'dist', 'src'), path.join(folder, 'dist', 'src'), { recursive: true });
  cpSync(await builtPage(), path.join(folder, 'dist', 'dashboard'), { recursive: true });
  return folder;
}

const isNumber = (pid: number | null): boolean => pid !== null;

/** Ends the relay, which goes on when the test has killed camlease last. */
async function endRelay(folder: string): Promise<void> {
  const pid = readRunning(folder)?.pid;
  if (pid === undefined || commandOf(pid) === '') return;
  process.kill(pid, 'SIGTERM');
  await until(
    'the end of the relay',
    10_000,
    async () => commandOf(pid),
    (command) => command === '',
  );
}

/** The child process of `parent` whose command line contains the word. */
function childOf(parent: number, word: string): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => parentOf(pid) === parent && commandOf(pid).includes(word));
}

function parentOf(pid: number): number | null {
  const [, parent] = /^PPid:\s*(\d+)/m.exec(readProc(pid, 'status')) ?? [];
  return parent === undefined ? null : Number(parent);
}

/** The command line of a process; empty: it has ended (also one whose parent has not collected it yet). */
function commandOf(pid: number): string {
  return readProc(pid, 'cmdline').replaceAll('\0', ' ');
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
