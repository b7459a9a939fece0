import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ANY_PORTS, configureMediaMtx, findUsableMediaMtx } from '../../simulator/demo/mediaMtx.js';
import { freeTcpPort } from '../../simulator/demo/freePorts.js';
import { letTestsAskBy } from '../../test/support/engine/mediamtx.js';
import {
  packageRoot,
  startProgram,
  startSimulatorProgram,
  type Program,
} from '../../test/support/installation/programs.js';
import type { Addresses } from '../players/openPlayers.js';
import { freshUrl } from './freshUrl.js';
import { json } from './json.js';
import { relayStatus } from './relayStatus.js';
import { sessionsOf, type ListedSession } from './sessions.js';

/** Long, since camlease keeps changes of direct cameras up to 128 s apart. */
const MOVE_LIMIT_MS = 150_000;
const PROVEN_LIMIT_MS = 600_000;
/** A valid source for the file, which is replaced before a player opens the path. */
const NOWHERE = 'rtmp://127.0.0.1:9/v3/openlive#nothing';

export interface BenchCamera {
  readonly id: string;
  readonly name: string;
  readonly hikvisionDeviceSerial: string;
  readonly hikvisionResourceId: string;
  readonly lease: { readonly revision: number; readonly proof: string } | null;
}

export interface CameraMove {
  /** How camlease took over, by its own report: `relay`, `swap`, `rebuild` or `forward`. */
  readonly how: string;
  readonly at: Date;
}

export interface InstallationOptions {
  readonly cameras: number;
  readonly keyFrameSeconds: number;
  readonly sound?: 'aac' | 'none';
  readonly bFrames?: number;
  /** Paths of the operator, which camlease does not know; `setOwnSource` gives them a source. */
  readonly ownPaths?: readonly string[];
  /** Changes the text of MediaMTX's file before anything starts. */
  readonly config?: (text: string) => string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Simulator, MediaMTX and camlease, each in its own process, on free ports; all cameras have a lease. */
export interface Installation {
  readonly url: string;
  /** `http://127.0.0.1:…/v3` */
  readonly api: string;
  readonly dataDir: string;
  readonly camlease: Program;
  readonly cameras: readonly BenchCamera[];
  addresses(camera: BenchCamera): Addresses;
  /** The addresses of a path of the operator. */
  ownAddresses(name: string): Addresses;
  setMode(camera: BenchCamera, mode: string): Promise<void>;
  /** Asks camlease to renew now, as an operator would; resolves when the camera has a new lease. */
  renew(camera: BenchCamera): Promise<void>;
  /** The camera's move to another lease since then, once camlease reports it. */
  moved(camera: BenchCamera, since: Date): Promise<CameraMove>;
  /** A new live URL of the camera from the cloud, in MediaMTX's form. */
  freshSource(camera: BenchCamera): Promise<string>;
  setOwnSource(name: string, source: string): Promise<void>;
  sessions(pathName: string): Promise<readonly ListedSession[]>;
  /** Makes the cloud cut the connections that play this camera; their addresses stay valid. Resolves with how many it cut. */
  cut(camera: BenchCamera): Promise<number>;
  /** Switches the camera offline at the cloud, or online again. */
  setOffline(camera: BenchCamera, isOffline: boolean): Promise<void>;
  /** Resolves when camlease has proven the lease of each camera; rejects after 10 min. */
  allProven(): Promise<void>;
  /** What brings the camera's pictures to the public path, by camlease's report; null: MediaMTX pulls them itself, or there is no viewer. */
  carrier(camera: BenchCamera): Promise<string | null>;
  /** Kills (-9) the relay's workers that have readers; resolves with how many. */
  killRelayWorkers(): Promise<number>;
  /** Connections that pull this camera from the cloud now. */
  pulls(camera: BenchCamera): Promise<number>;
  stop(): Promise<void>;
}

export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { cameras: count, keyFrameSeconds, sound = 'none', bFrames = 0, ownPaths = [] } = options;
  const program = await findUsableMediaMtx(process.env['PATH'] ?? '', console.error);
  if (program === null) throw new Error('This bench needs mediamtx (v1.20.1 or newer) on PATH.');
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-bench-'));
  const mediaMtx = await configureMediaMtx(program, path.join(packageRoot(), 'mediamtx.yml'), dataDir, ANY_PORTS);
  const file = path.join(dataDir, 'mediamtx.yml');
  await letTestsAskBy(file);
  const { config } = options;
  if (config) writeFileSync(file, config(readFileSync(file, 'utf8')));
  for (const name of ownPaths) appendFileSync(file, `  ${name}: {source: '${NOWHERE}', sourceOnDemand: yes}\n`);
  const rtspPort = /^rtspAddress:\s*\S*:(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1];
  if (rtspPort === undefined) throw new Error('MediaMTX has no RTSP port.');
  const simulator = await startSimulatorProgram(
    `--cameras ${count} --vendor hikconnect --port 0 --key-frames ${keyFrameSeconds} --sound ${sound} --b-frames ${bFrames}`.split(
      ' ',
    ),
  );
  const camlease = startProgram('src/main.js', [], {
    ...simulator.env,
    DATA_DIR: dataDir,
    PORT: '0',
    STREAM_LIFETIME_SECONDS: '604800',
    ENGINE: 'auto',
    RELAY: 'auto',
    RELAY_PORT: String(await freeTcpPort()),
    MEDIAMTX_BIN: mediaMtx.program,
    HLS_BASE_URL: mediaMtx.hlsBaseUrl,
    WEBRTC_BASE_URL: mediaMtx.webrtcBaseUrl,
    // Only the measured renewals may run.
    DISCOVER_CRON: '0 0 1 1 *',
    SNAPSHOT_CRON: '0 0 1 1 *',
    ...options.env,
  });
  const stop = async (): Promise<void> => {
    await camlease.stop();
    await simulator.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const [, url = ''] = await camlease.line(/answers on (http:\/\/[^\s"]+)/);
    const cameras = await leasedCameras(url, count);
    const api = `${mediaMtx.apiUrl}/v3`;
    const listed = (): Promise<{ cameras: { camera: string; name: string; viewers: number }[] }> =>
      json(`${simulator.controlUrl}/cameras`);
    const refs = new Map((await listed()).cameras.map(({ name, camera }) => [name, camera]));
    const refOf = ({ name }: BenchCamera): string => refs.get(name) ?? '';
    const at = (name: string): Omit<Addresses, 'page'> => ({
      hlsPage: `${mediaMtx.hlsBaseUrl}/${name}/`,
      webrtcPage: `${mediaMtx.webrtcBaseUrl}/${name}/`,
      hlsList: `${mediaMtx.hlsBaseUrl}/${name}/index.m3u8`,
      rtsp: `rtsp://127.0.0.1:${rtspPort}/${name}`,
    });
    return {
      ...{ url, api, dataDir, camlease, cameras, stop },
      addresses: ({ id }) => ({ page: `${url}/?camera=${id}`, ...at(id) }),
      ownAddresses: (name) => ({ page: null, ...at(name) }),
      setMode: async ({ id }, mode) => {
        await json(`${url}/api/camera/${id}`, 'PUT', { mode });
      },
      renew: async ({ id }) => {
        const report = await json<{ renewed?: number }>(`${url}/api/hikvision/renew`, 'POST', {
          cameraIds: [id],
          force: true,
        });
        if (report.renewed !== 1) throw new Error(`camlease did not renew: ${JSON.stringify(report)}`);
      },
      moved: ({ id }, since) => movedSince(url, id, since),
      freshSource: (camera) => freshUrl(simulator.env, camera),
      setOwnSource: async (name, source) => {
        await json(`${api}/config/paths/patch/${name}`, 'PATCH', { source });
      },
      sessions: (name) => sessionsOf(api, name),
      cut: async (camera) =>
        (await json<{ cut: number }>(`${simulator.controlUrl}/cut`, 'POST', { camera: refOf(camera) })).cut,
      setOffline: async (camera, on) => {
        await json(`${simulator.controlUrl}/cameras/${refOf(camera)}`, 'POST', { fault: 'offline', on });
      },
      allProven: async () => {
        for (const endMs = Date.now() + PROVEN_LIMIT_MS; ;) {
          const { cameras: now } = await json<{ cameras: BenchCamera[] }>(`${url}/api/camera?limit=500`);
          const open = now.filter(({ lease }) => lease?.proof !== 'proven').length;
          if (open === 0) return;
          if (Date.now() > endMs) throw new Error(`${open} cameras were not proven within 10 min.`);
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        }
      },
      carrier: async ({ id }) => {
        const reply = await json<{ camera: { stream: { carrier?: string | null } | null } }>(`${url}/api/camera/${id}`);
        return reply.camera.stream?.carrier ?? null;
      },
      killRelayWorkers: async () => {
        const { workers } = await relayStatus(dataDir);
        const serving = workers.filter(({ readers }) => readers > 0);
        for (const { pid } of serving) process.kill(pid, 'SIGKILL');
        return serving.length;
      },
      pulls: async (camera) => (await listed()).cameras.find((each) => each.camera === refOf(camera))?.viewers ?? 0,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function leasedCameras(url: string, count: number): Promise<readonly BenchCamera[]> {
  await json(`${url}/api/hikvision/initialize`, 'POST');
  for (let tries = 0; tries < 120; tries++) {
    const { cameras } = await json<{ cameras: BenchCamera[] }>(`${url}/api/camera?limit=500`);
    const sorted = [...cameras].sort((a, b) => a.name.localeCompare(b.name));
    if (sorted.length === count && sorted.every(({ lease }) => lease)) return sorted;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('Not every camera was leased within 60 s.');
}

async function movedSince(url: string, id: string, since: Date): Promise<CameraMove> {
  for (const endMs = Date.now() + MOVE_LIMIT_MS; Date.now() < endMs;) {
    const { events } = await json<{ events: { step: string; reason: string; at: string }[] }>(
      `${url}/api/camera/${id}/events?limit=20`,
    );
    const move = events.find(({ step, at }) => step === 'handed-over' && new Date(at) >= since);
    if (move) return { how: move.reason, at: new Date(move.at) };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`The media server had no other lease within ${MOVE_LIMIT_MS / 1_000} s.`);
}
