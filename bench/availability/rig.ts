import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { ANY_PORTS, configureMediaMtx, findUsableMediaMtx } from '../../simulator/demo/mediaMtx.js';
import { packageRoot, startProgram, startSimulatorProgram } from '../../test/support/installation/programs.js';
import { json } from '../rig/json.js';
import { startRelay } from './relay.js';

export interface Told {
  readonly upMs: number;
  readonly downMs: number;
  readonly offlineMs: number;
  readonly unknownMs: number;
}

export interface AvailabilityRig {
  readonly cameras: readonly string[];
  /** The RTSP address of the camera's public path. */
  addressOf(camera: string): string;
  /** What camlease reports about the last day, in ms; the difference of two answers is what happened between them. null: all cameras. */
  readonly told: (camera: string | null) => Promise<Told>;
  readonly flows: (camera: string) => Promise<boolean>;
  outages(camera: string): Promise<ReadonlyArray<{ reason: string; beganAt: string; endedAt: string | null }>>;
  killMediaMtx(): void;
  /** Cuts the database off, and restores it; null: SQLite, which cannot be cut off. */
  readonly store: { away(): Promise<void>; back(): Promise<void> } | null;
  readonly storeKind: string;
  stop(): Promise<void>;
}

/** Starts simulator, MediaMTX and camlease, each in its own process, with `count` always-on cameras whose leases live `lifeSeconds`. */
export async function startAvailabilityRig(count: number, lifeSeconds: number): Promise<AvailabilityRig> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-availability-'));
  const program = await findUsableMediaMtx(process.env['PATH'] ?? '', console.error);
  if (program === null) throw new Error('This bench needs mediamtx on PATH.');
  const mediaMtx = await configureMediaMtx(program, path.join(packageRoot(), 'mediamtx.yml'), dataDir, ANY_PORTS);
  const rtspPort = /^rtspAddress:\s*\S*:(\d+)/m.exec(readFileSync(path.join(dataDir, 'mediamtx.yml'), 'utf8'))?.[1];
  if (rtspPort === undefined) throw new Error('MediaMTX has no RTSP port.');
  const given = process.env['TEST_MONGODB_URI'];
  const database = given === undefined ? null : new URL(given);
  const relay = database ? await startRelay(database.hostname, Number(database.port || '27017')) : null;
  const simulator = await startSimulatorProgram(
    `--cameras ${count} --vendor hikconnect --port 0 --lifetime ${lifeSeconds}`.split(' '),
  );
  const mongo = relay === null ? {} : { MONGODB_URI: `mongodb://127.0.0.1:${relay.port}/availability${Date.now()}` };
  const { HIKVISION_APP_KEY: appKey, HIKVISION_SECRET: secret, HIKVISION_BASE_URL: address, ...env } = simulator.env;
  // With such leases every camera is proven every 14 s, so the account's usual three proofs at a time are too few.
  const account = { name: 'hikvision', vendor: 'hikconnect', appKey, secret, baseUrl: address, streamBudget: count };
  writeFileSync(path.join(dataDir, 'camlease.yml'), stringify({ accounts: [account] }));
  const camlease = startProgram('src/main.js', [], {
    ...env,
    ...mongo,
    DATA_DIR: dataDir,
    PORT: '0',
    STREAM_LIFETIME_SECONDS: String(lifeSeconds),
    ENGINE: 'auto',
    MEDIAMTX_BIN: mediaMtx.program,
    HLS_BASE_URL: mediaMtx.hlsBaseUrl,
    WEBRTC_BASE_URL: mediaMtx.webrtcBaseUrl,
    RENEW_CRON: '* * * * * *',
    DISCOVER_CRON: '0 0 1 1 *',
    SNAPSHOT_CRON: '0 0 1 1 *',
  });
  const stop = async (): Promise<void> => {
    await camlease.stop();
    await simulator.stop();
    await relay?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const [, url = ''] = await camlease.line(/answers on (http:\/\/[^\s"]+)/);
    await json(`${url}/api/hikvision/initialize`, 'POST');
    const listed = await json<{ cameras: { id: string }[] }>(`${url}/api/camera?limit=500`);
    const cameras = listed.cameras.map(({ id }) => id);
    for (const id of cameras) await json(`${url}/api/camera/${id}`, 'PUT', { mode: 'always-on' });
    return {
      cameras,
      addressOf: (camera) => `rtsp://127.0.0.1:${rtspPort}/${camera}`,
      told: async (camera) => {
        const query = camera === null ? '' : `?camera=${camera}`;
        return (await json<{ day: Told }>(`${url}/api/availability${query}`)).day;
      },
      flows: async (camera) => {
        const { camera: shown } = await json<{ camera: { stream: { flow: string } | null } }>(
          `${url}/api/camera/${camera}`,
        );
        return shown.stream?.flow === 'flowing';
      },
      outages: async (camera) =>
        (
          await json<{ outages: { reason: string; beganAt: string; endedAt: string | null }[] }>(
            `${url}/api/outages?camera=${camera}&limit=1000`,
          )
        ).outages,
      killMediaMtx: () => {
        const { pid } = JSON.parse(readFileSync(path.join(dataDir, 'mediamtx.pid.json'), 'utf8')) as { pid: number };
        process.kill(pid, 'SIGKILL');
      },
      store: relay,
      storeKind: relay === null ? 'SQLite, never away' : 'MongoDB, away now and then',
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
