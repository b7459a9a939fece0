import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { z } from 'zod';
import { freeTcpPort } from '../../../simulator/demo/freePorts.js';
import { envSettings } from '../../../simulator/envLines.js';
import { makeFleet, startSimulator, type Simulator } from '../../../simulator/index.js';
import { oneCameraReply } from '../../../src/http/shapes/replySchemas.js';
import { ControlClient } from '../../../src/relay/client/controlClient.js';
import { statusSchema, type RelayStatus } from '../../../src/relay/wire/wire.js';
import { Releasers } from '../../../src/startup/releasers.js';
import { systemClock } from '../../../src/systemClock.js';
import { makeMediaMtx, mediaMtxTemplate } from '../engine/mediamtx.js';
import { startProgram, type Program } from '../installation/programs.js';
import { getJson, Replica, until } from '../replicas/replicaProcess.js';
import { watchPackets, type WatchedPacket } from '../viewers/packetWatch.js';
import type { StreamWatch } from '../viewers/streamWatch.js';
import { startRelayDoor, type RelayDoor } from './relayDoor.js';
import { isAlive, kill } from './relayProcessRig.js';

export type CameraSeen = z.output<typeof oneCameraReply>['camera'];

/** A replica, and the door through which it reaches the relay. */
export interface RelayedReplica {
  readonly process: Replica;
  readonly door: RelayDoor;
}

/** Two replicas on one database, one MediaMTX and one relay, which runs as a service of its own; one on-demand camera. */
export interface SharedRelayRig {
  readonly simulator: Simulator;
  readonly cameraId: string;
  readonly replicas: readonly [RelayedReplica, RelayedReplica];
  readonly relay: {
    /** The port and the secret of the control port are the same after each start. */
    start(): Promise<void>;
    /** kill -9. `worker`: the worker that serves the reader. */
    kill(victim: 'parent' | 'worker'): Promise<void>;
    status(): Promise<RelayStatus>;
  };
  /** Starts another relay with the same secret, which ends with the rig; resolves with the address of its control port. */
  anotherRelay(): Promise<string>;
  /** Starts another replica on the same database with other settings; it ends with the rig. */
  another(settings: Readonly<Record<string, string>>): Promise<Replica>;
  camera(at: RelayedReplica): Promise<CameraSeen>;
  /** The engine's problem in the replica's `/ready`; null: none. */
  engineProblem(at: Replica): Promise<string | null>;
  /** Starts a forced renewal of the camera, without waiting for it. */
  renew(at: RelayedReplica): void;
  /** Starts a reader of the public path over RTSP. */
  watch(): Promise<StreamWatch<WatchedPacket>>;
  /** A text for the message of a failure. */
  story(): string;
  stop(): Promise<void>;
}

const SECRET = 'the-secret-of-the-one-relay';
const LIMIT_MS = 40_000;

export async function startSharedRelayRig(mongodbUri: string): Promise<SharedRelayRig> {
  const releasers = new Releasers((message) => console.error(message));
  try {
    return await begin(mongodbUri, releasers);
  } catch (thrown) {
    await releasers.release();
    throw thrown;
  }
}

async function begin(mongodbUri: string, releasers: Releasers): Promise<SharedRelayRig> {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-one-relay-'));
  releasers.add('folder', () => rmSync(folder, { recursive: true, force: true }));
  const uri = new URL(mongodbUri);
  uri.pathname = `/camlease-one-relay-${randomBytes(6).toString('hex')}`;
  const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
  releasers.add('mediamtx', () => mediaMtx.stop());
  await mediaMtx.start();
  const fleet = makeFleet({ cameras: 1, channelsPerDevice: 1, seed: 'one relay' });
  const simulator = await startSimulator({ fleet, clock: systemClock, origin: { onProblem: console.error } });
  releasers.add('simulator', () => simulator.stop());
  const relay = await startRelayService(path.join(folder, 'relay-of-all'), releasers);

  const env: Readonly<Record<string, string>> = {
    ...envSettings(simulator),
    ...{ MONGODB_URI: uri.href, PORT: '0', RELAY: 'auto', RELAY_SECRET: SECRET, STREAM_LIFETIME_SECONDS: '900' },
    ...{ RENEW_CRON: '* * * * * *', DISCOVER_CRON: '0 0 1 1 *', SNAPSHOT_CRON: '0 0 1 1 *', LOG_LEVEL: 'debug' },
    ...{ MEDIAMTX_API_URL: mediaMtx.apiUrl, MEDIAMTX_CONFIG_PATH: mediaMtx.configPath },
  };
  const all: Replica[] = [];
  const make = (settings: Readonly<Record<string, string>>): Replica => {
    const dataDir = path.join(folder, `replica-${all.length}`);
    mkdirSync(dataDir, { mode: 0o700 });
    const replica = new Replica({ ...env, DATA_DIR: dataDir, ...settings });
    all.push(replica);
    releasers.add('replica', () => replica.end('SIGKILL'));
    return replica;
  };
  const makeRelayed = async (): Promise<RelayedReplica> => {
    const door = await startRelayDoor(relay.url);
    releasers.add('door', () => door.stop());
    return { process: make({ RELAY_URL: door.url }), door };
  };
  const replicas: SharedRelayRig['replicas'] = [await makeRelayed(), await makeRelayed()];
  const [first, second] = replicas;
  await first.process.start();
  await first.process.post('/api/hikvision/initialize');
  await until('the camera', LIMIT_MS, async () =>
    [...(await first.process.cameras())].some(([, lease]) => lease !== null),
  );
  const cameraId = [...(await first.process.cameras()).keys()][0] ?? '';
  await until('a line to the relay', LIMIT_MS, async () => (await relay.status()).cameras === 1);
  await second.process.start();

  return {
    ...{ simulator, cameraId, replicas, relay },
    anotherRelay: async () => (await startRelayService(path.join(folder, 'another-relay'), releasers)).url,
    async another(settings) {
      const replica = make({ RELAY_URL: relay.url, ...settings });
      await replica.start();
      return replica;
    },
    camera: async (at) => oneCameraReply.parse(await getJson(`${at.process.url}/api/camera/${cameraId}`)).camera,
    async engineProblem(at) {
      const { parts } = await getJson<{ parts: { engine: { problem: string | null } } }>(`${at.url}/ready`);
      return parts.engine.problem;
    },
    renew: (at) => void at.process.post('/api/hikvision/renew', { force: true, cameraIds: [cameraId] }),
    watch: () => watchPackets(`rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/${cameraId}`),
    story: () =>
      [
        ...all.map((replica, index) => `replica ${index}:\n${replica.lastLines()}`),
        ...replicas.map(({ door }, index) => `replica ${index} told ${JSON.stringify(door.tellings.slice(-6))}`),
        `relay:\n${relay.lines().slice(-20).join('\n')}`,
        `mediamtx:\n${mediaMtx.log().split('\n').slice(-30).join('\n')}`,
      ].join('\n'),
    stop: () => releasers.release(),
  };
}

interface RelayService {
  readonly url: string;
  start(): Promise<void>;
  kill(victim: 'parent' | 'worker'): Promise<void>;
  status(): Promise<RelayStatus>;
  lines(): readonly string[];
}

/** A relay that the rig starts, and not camlease. */
async function startRelayService(dataDir: string, releasers: Releasers): Promise<RelayService> {
  const [port, controlPort] = [await freeTcpPort(), await freeTcpPort()];
  const url = `http://127.0.0.1:${controlPort}`;
  const programs: Program[] = [];
  const workers = new Set<number>();
  const control = new ControlClient({ url, secret: SECRET }, systemClock);
  const status = async (): Promise<RelayStatus> => {
    const answer = await control.ask({ method: 'GET', path: '/status', schema: statusSchema, limitMs: 5_000 });
    for (const { pid } of answer.workers) workers.add(pid);
    return answer;
  };
  releasers.add('relay', async () => {
    control.close();
    await programs.at(-1)?.stop();
    // Workers whose parent was killed would go on until their last reader has left.
    for (const pid of workers) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  const start = async (): Promise<void> => {
    const settings = { RELAY_PORT: String(port), RELAY_CONTROL_PORT: String(controlPort), RELAY_SECRET: SECRET };
    const program = startProgram('src/relayMain.js', [], { DATA_DIR: dataDir, ...settings });
    programs.push(program);
    await program.line(/serves MediaMTX/);
  };
  mkdirSync(dataDir, { mode: 0o700 });
  await start();
  return {
    ...{ url, start, status },
    async kill(victim) {
      const { pid, workers: now } = await status();
      await kill(victim === 'parent' ? pid : (now.find(({ readers }) => readers > 0)?.pid ?? 0));
    },
    lines: () => programs.flatMap(({ lines }) => lines),
  };
}
