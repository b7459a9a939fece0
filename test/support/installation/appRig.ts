import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { ANY_PORTS, configureMediaMtx, findUsableMediaMtx } from '../../../simulator/demo/mediaMtx.js';
import { freeTcpPort } from '../../../simulator/demo/freePorts.js';
import { startSimulator, type Fleet, type Simulator } from '../../../simulator/index.js';
import { createApp, type App } from '../../../src/app.js';
import { DEFAULT_ALERT_SETTINGS } from '../../../src/core/alerts/alertSettings.js';
import type { Config } from '../../../src/config/config.js';
import { createLog } from '../../../src/observe/logger.js';
import { createRedactor } from '../../../src/observe/redact.js';
import { watchedSettings } from '../../../src/startup/place/settingsFiles.js';
import { Releasers } from '../../../src/startup/releasers.js';
import { systemClock } from '../../../src/systemClock.js';
import { builtPage } from './builtPage.js';
import { follow, send, type Reply, type Sent } from '../http/httpClient.js';
import { packageRoot } from './programs.js';
import type { Vendor } from '../../../src/cloud/calls/vendor.js';

const NEVER = '0 0 1 1 *';

/** The MediaMTX that rigs can run; null: none on PATH, which a printed line says. */
export const mediaMtx = await findUsableMediaMtx(process.env['PATH'] ?? '', console.log);
if (mediaMtx === null) process.stderr.write('Skipped: whole-program tests on MediaMTX (none on PATH).\n');

export type RigEngine = 'embedded' | 'mediamtx';
export const rigEngines: readonly RigEngine[] = mediaMtx === null ? ['embedded'] : ['embedded', 'mediamtx'];

export interface AppRigOptions {
  readonly fleet: Fleet;
  readonly engine?: RigEngine;
  /** Lifetime of a lease; default 60, at least 30. */
  readonly lifetimeSeconds?: number;
  /** Discovery and snapshots run only on request, unless a schedule is given. */
  readonly discoverCron?: string;
  readonly snapshotCron?: string;
  /** SNAPSHOT_KEEP_DAYS; default 0. */
  readonly snapshotKeepDays?: number;
  /** Serves the page. Default false. */
  readonly page?: boolean;
  /** True: on-demand cameras of MediaMTX go through a relay, which ends with the app. Default true. */
  readonly relay?: boolean;
  /** SOURCE_NETWORKS; default: none, so that no camera by URL on this machine is dialled. */
  readonly sourceNetworks?: string;
  /** TRANSCODES_MAX; default: 2. */
  readonly mostTranscodes?: number;
  /** ALLOWED_ORIGINS; default: none. */
  readonly allowedOrigins?: readonly string[];
  /** Absent: those of the registry. */
  readonly vendors?: readonly Vendor[];
  /** Accounts beside those of the simulator's fleet. */
  readonly moreAccounts?: Config['accounts'];
  readonly alerts?: Partial<Config['alerts']>;
  /** Absent: alerts are not sent. */
  readonly alertSenders?: Config['alertSenders'];
  /** Variables beside those of the test's own process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Fills the data folder before the program starts. */
  readonly prepare?: (dataDir: string) => Promise<void>;
}

/** A request to the app and its reply. */
export interface Exchange {
  readonly request: string;
  readonly reply: Reply;
}

export interface AppRig {
  readonly simulator: Simulator;
  readonly app: App;
  readonly url: string;
  readonly dataDir: string;
  /** Every line of the log at level debug, as it would have been written. */
  readonly logLines: readonly string[];
  /** Every reply that went through `get`, `post` and `send`. */
  readonly exchanges: readonly Exchange[];
  /** Bodies of the clouds' replies; their URLs and tokens are secret. */
  readonly cloudReplies: readonly string[];
  get(path: string): Promise<Reply>;
  post(path: string, body?: unknown): Promise<Reply>;
  send(method: string, path: string, sent?: Sent): Promise<Reply>;
  /** Opens a reply that does not end by itself; the returned function closes it and adds it to `exchanges`. */
  follow(path: string): Promise<() => string>;
  /** Stops the program and starts it again on the same data folder, with another port. */
  restart(): Promise<void>;
  /** May be called twice. */
  stop(): Promise<void>;
}

/** Simulator and app in this process, on the real clock, free ports and a folder of their own. */
export async function startAppRig(options: AppRigOptions): Promise<AppRig> {
  const releasers = new Releasers((message) => console.error(message));
  try {
    return await start(options, releasers);
  } catch (thrown) {
    await releasers.release();
    throw thrown;
  }
}

async function start(options: AppRigOptions, releasers: Releasers): Promise<AppRig> {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-rig-'));
  releasers.add('folder', () => rmSync(folder, { recursive: true, force: true }));
  const dataDir = path.join(folder, 'data');
  const logLines: string[] = [];
  const exchanges: Exchange[] = [];
  const cloudReplies: string[] = [];
  const simulator = await startSimulator({
    fleet: options.fleet,
    clock: systemClock,
    origin: { onProblem: (sentence) => console.error(sentence) },
    onReply: (body) => cloudReplies.push(body),
  });
  releasers.add('simulator', () => simulator.stop());

  const redactor = createRedactor();
  const config = await configOf(options, simulator, dataDir);
  const root = await rootOf(folder, options.page ?? false);
  await options.prepare?.(dataDir);
  const begin = async (): Promise<{ readonly app: App; readonly port: number }> => {
    const app = createApp(config, {
      clock: systemClock,
      random: Math.random,
      log: createLog({ level: 'debug', redactor, readable: false, write: (line) => logLines.push(line) }),
      redactor,
      environment: { ...process.env, ...options.environment },
      pid: process.pid,
      openFileLimit: null,
      settingsFiles: [],
      readSettings: watchedSettings({ DATA_DIR: dataDir }),
      packageRoot: root,
      version: 'test',
      ...(options.vendors && { vendors: options.vendors }),
    });
    releasers.add('app', () => app.stop());
    await app.start();
    if (app.port === null) throw new Error('the app listens nowhere');
    return { app, port: app.port };
  };
  let running = await begin();

  const ask = async (method: string, target: string, sent?: Sent): Promise<Reply> => {
    const reply = await send(running.port, method, target, sent);
    exchanges.push({ request: `${method} ${target}`, reply });
    return reply;
  };
  return {
    simulator,
    get app() {
      return running.app;
    },
    get url() {
      return `http://127.0.0.1:${running.port}`;
    },
    dataDir,
    logLines,
    exchanges,
    cloudReplies,
    get: (target) => ask('GET', target),
    post: (target, body) => ask('POST', target, body === undefined ? {} : { body }),
    send: ask,
    follow: async (target) => {
      const { close } = await follow(running.port, target);
      return () => {
        const reply = close();
        exchanges.push({ request: `GET ${target}`, reply });
        return reply.text;
      };
    },
    restart: async () => {
      await running.app.stop();
      running = await begin();
    },
    stop: () => releasers.release(),
  };
}

async function configOf(options: AppRigOptions, simulator: Simulator, dataDir: string): Promise<Config> {
  const program = options.engine === 'mediamtx' ? mediaMtx : null;
  if (options.engine === 'mediamtx' && program === null) throw new Error('there is no mediamtx on PATH');
  // Without MediaMTX the app makes the folder.
  if (program !== null) mkdirSync(dataDir, { mode: 0o700 });
  const template = path.join(packageRoot(), 'mediamtx.yml');
  const running = program === null ? null : await configureMediaMtx(program, template, dataDir, ANY_PORTS);
  return {
    port: 0,
    host: '127.0.0.1',
    dataDir,
    mongodbUri: null,
    accounts: [...simulator.accounts, ...(options.moreAccounts ?? [])],
    streamLifetimeSeconds: options.lifetimeSeconds ?? 60,
    renewCron: '* * * * * *',
    snapshotCron: options.snapshotCron ?? NEVER,
    snapshotKeepDays: options.snapshotKeepDays ?? 0,
    snapshotsMaxBytes: 2 * 1024 ** 3,
    discoverCron: options.discoverCron ?? NEVER,
    allowUnauthenticated: false,
    publicUrl: null,
    allowedOrigins: options.allowedOrigins ?? [],
    engine: running === null ? 'embedded' : 'auto',
    mediamtxApiUrl: running?.apiUrl ?? 'http://127.0.0.1:9997',
    mediamtxApiUrlGiven: false,
    mediamtxApiUser: null,
    mediamtxApiPass: null,
    mediamtxConfigPath: path.join(dataDir, 'mediamtx.yml'),
    mediamtxBin: running?.program ?? null,
    relay: { use: options.relay === false ? 'off' : 'auto', url: null, port: await freeTcpPort(), secret: null },
    hlsBaseUrl: running?.hlsBaseUrl ?? 'http://localhost:8888',
    webrtcBaseUrl: running?.webrtcBaseUrl ?? 'http://localhost:8889',
    cloudExtraHosts: simulator.extraHosts,
    sourceNetworks: options.sourceNetworks ?? '',
    mostTranscodes: options.mostTranscodes ?? 2,
    alerts: { ...DEFAULT_ALERT_SETTINGS, ...options.alerts },
    alertSenders: options.alertSenders ?? [],
    cameras: {},
    labels: {},
    logLevel: 'debug',
  };
}

/** The package's folder; `withPage`: a folder of this rig with the page that was built for the tests. */
async function rootOf(folder: string, withPage: boolean): Promise<string> {
  const root = packageRoot();
  if (!withPage) return root;
  const own = path.join(folder, 'package');
  mkdirSync(path.join(own, 'dist'), { recursive: true });
  symlinkSync(await builtPage(), path.join(own, 'dist', 'dashboard'));
  copyFileSync(path.join(root, 'mediamtx.yml'), path.join(own, 'mediamtx.yml'));
  return own;
}

/** Calls `ask` until its answer is as wanted. For changes in other processes, of which no event tells. Rejects after `limitMs`. */
export async function until<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  show: (answer: T) => string = (answer) => JSON.stringify(answer),
): Promise<T> {
  for (const endMs = performance.now() + limitMs; ;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (performance.now() > endMs) throw new Error(`${what}: not so within ${limitMs} ms; last: ${show(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
