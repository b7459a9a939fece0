import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mongoose from 'mongoose';
import { parseDocument } from 'yaml';
import { ANY_PORTS, configureMediaMtx } from '../../../simulator/demo/mediaMtx.js';
import { packageRoot, startSimulatorProgram } from '../installation/programs.js';
import { accountsThatDiffer, stepsThatDiffer } from './replicaAnswers.js';
import { getJson, pause, Replica, until } from './replicaProcess.js';

export interface ReplicaRunOptions {
  readonly mongodbUri: string;
  readonly mediaMtxProgram: string;
  readonly cameras: number;
  readonly seconds: number;
  readonly killEveryMs: number;
  readonly say: (line: string) => void;
}

export interface ReplicaReport {
  readonly kills: number;
  readonly forcedRounds: number;
  /** The number of calls for live URLs at the simulated cloud, and of the leases that they gave. */
  readonly calls: number;
  readonly revisions: number;
  /** Cameras with more revisions than calls, which must not happen. */
  readonly impossible: readonly string[];
  readonly takeoversMs: readonly number[];
  readonly fileReads: number;
  readonly looks: number;
  /** What went wrong, and when: incomplete files, dark cameras, replies in which cameras are missing. */
  readonly faults: readonly string[];
  /** Replicas that did not show the same leases as the store within 15 s of the end. */
  readonly behind: readonly string[];
  /** Replicas that told other steps than the others, or reported the account differently. */
  readonly unlike: readonly string[];
}

interface Stored {
  readonly id: string;
  readonly lastRevision: number;
  readonly revision: number | null;
  readonly expiresAt: Date | null;
}

const REPLICAS = 3;

/** Runs three replicas on one database and one MediaMTX; kills one of them repeatedly while all cameras are renewed by force. */
export async function runReplicas(options: ReplicaRunOptions): Promise<ReplicaReport> {
  const cleanUp: Array<() => unknown> = [];
  try {
    return await run(options, cleanUp);
  } catch (thrown) {
    options.say(`broken off: ${String(thrown)}`);
    throw thrown;
  } finally {
    for (const step of cleanUp.reverse()) await Promise.resolve(step()).catch(() => undefined);
  }
}

async function run(options: ReplicaRunOptions, cleanUp: Array<() => unknown>): Promise<ReplicaReport> {
  const { cameras, say, seconds, killEveryMs } = options;
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-replicas-'));
  cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
  const uri = new URL(options.mongodbUri);
  uri.pathname = `/camlease-replicas-${randomBytes(6).toString('hex')}`;
  const connection = await mongoose.createConnection(uri.href, { serverSelectionTimeoutMS: 5000 }).asPromise();
  cleanUp.push(async () => {
    await connection.dropDatabase();
    await connection.close();
  });
  const template = path.join(packageRoot(), 'mediamtx.yml');
  const { apiUrl } = await configureMediaMtx(options.mediaMtxProgram, template, folder, ANY_PORTS);
  const file = path.join(folder, 'mediamtx.yml');
  const mediaMtx = spawn(options.mediaMtxProgram, [file], { stdio: 'ignore', cwd: folder });
  cleanUp.push(async () => {
    if (mediaMtx.exitCode !== null || mediaMtx.signalCode !== null) return;
    const gone = once(mediaMtx, 'exit');
    mediaMtx.kill('SIGTERM');
    await gone;
  });
  const simulator = await startSimulatorProgram([
    '--cameras',
    String(cameras),
    '--vendor',
    'hikconnect',
    '--port',
    '0',
  ]);
  cleanUp.push(() => simulator.stop());

  const replicas = Array.from({ length: REPLICAS }, (_, index) => {
    const dataDir = path.join(folder, `replica-${index}`);
    mkdirSync(dataDir, { mode: 0o700 });
    return new Replica({
      ...simulator.env,
      ...{ DATA_DIR: dataDir, PORT: '0', MONGODB_URI: uri.href, RENEW_CRON: '* * * * * *' },
      ...{ DISCOVER_CRON: '0 0 1 1 *', SNAPSHOT_CRON: '0 0 1 1 *' },
      ...{ MEDIAMTX_API_URL: apiUrl, MEDIAMTX_CONFIG_PATH: file },
    });
  });
  cleanUp.push(() => Promise.all(replicas.map((replica) => replica.end('SIGTERM'))));

  const stored = async (): Promise<Stored[]> => {
    const documents = await connection.collection('cameras').find({ deletedAt: null }).toArray();
    return documents.map(({ _id, lastRevision, lease }) => ({
      id: String(_id),
      lastRevision: Number(lastRevision),
      revision: (lease as { revision?: number } | null)?.revision ?? null,
      expiresAt: (lease as { expiresAt?: Date } | null)?.expiresAt ?? null,
    }));
  };
  const ownerOf = async (): Promise<{ owner: string | null; fence: number }> => {
    const record = await connection.collection('camlease_records').findOne({ kind: 'account-owner' });
    return JSON.parse(String(record?.['body'] ?? '{"owner":null,"fence":0}')) as {
      owner: string | null;
      fence: number;
    };
  };

  cleanUp.push(() => replicas.forEach((replica, index) => options.say(`replica ${index}:\n${replica.lastLines()}`)));
  for (const replica of replicas) await replica.start();
  say('three replicas run');
  await replicas[1]?.post('/api/hikvision/initialize');
  await until('every camera leased', 400_000, async () => {
    const all = await stored();
    return all.length === cameras && all.every(({ revision }) => revision !== null);
  });
  const paths = (): ReadonlyMap<string, string> => pathsIn(readFileSync(file, 'utf8'));
  await until('every camera in mediamtx.yml', 180_000, async () => (await stored()).every(({ id }) => paths().has(id)));
  say(`${cameras} cameras are leased and served`);

  const faults: string[] = [];
  const began = performance.now();
  const fault = (what: string): void => {
    faults.push(`${((performance.now() - began) / 1000).toFixed(1)} s: ${what}`);
    say(`FAULT ${faults.at(-1) ?? ''}`);
  };
  const over = { now: false };
  const tally = { fileReads: 0, looks: 0, rounds: 0, kills: 0 };
  const ids = (await stored()).map(({ id }) => id);
  const unlike = await stepsThatDiffer(replicas, ids[0] ?? '', say);

  const readFile = async (): Promise<void> => {
    while (!over.now) {
      tally.fileReads += 1;
      try {
        const found = paths();
        const lacking = ids.filter((id) => !isAlive(found.get(id)));
        if (lacking.length > 0) fault(`mediamtx.yml lacks a living lease of ${lacking.length} cameras`);
      } catch (thrown) {
        fault(`mediamtx.yml is torn (${String(thrown)})`);
      }
      await pause(200);
    }
  };
  const lookAtStore = async (): Promise<void> => {
    while (!over.now) {
      tally.looks += 1;
      const dark = (await stored()).filter(({ expiresAt }) => expiresAt === null || expiresAt.getTime() <= Date.now());
      if (dark.length > 0) fault(`${dark.length} cameras have no living lease in the store`);
      for (const replica of replicas) {
        const shown = await replica.cameras().catch(() => null);
        if (shown && shown.size !== cameras) fault(`a replica shows ${shown.size} cameras`);
      }
      await pause(1_000);
    }
  };
  const force = async (): Promise<void> => {
    for (let turn = 0; !over.now; turn++) {
      const replica = replicas[turn % REPLICAS];
      if (!replica?.isUp) {
        await pause(100);
        continue;
      }
      tally.rounds += 1;
      await replica.renewAll(() => over.now);
    }
  };
  const takeoversMs: number[] = [];
  const kill = async (): Promise<void> => {
    for (let turn = 0; ; turn++) {
      const endsMs = began + (turn + 1) * killEveryMs;
      if (endsMs > began + seconds * 1000) break;
      while (performance.now() < endsMs) await pause(50);
      const { owner, fence } = await ownerOf();
      const victim = replicas.find((replica) => replica.owner === owner) ?? replicas[turn % REPLICAS];
      if (!victim) break;
      await victim.end('SIGKILL');
      tally.kills += 1;
      const diedMs = performance.now();
      // After every other kill the replica is started at once and keeps its ownership; otherwise another replica has to take over.
      if (turn % 2 === 0) {
        await until('a takeover', 40_000, async () => (await ownerOf()).fence > fence);
        takeoversMs.push(Math.round(performance.now() - diedMs));
        say(`kill ${tally.kills}: taken over after ${takeoversMs.at(-1)} ms`);
      } else say(`kill ${tally.kills}: started again at once`);
      await victim.start();
    }
    while (performance.now() < began + seconds * 1000) await pause(50);
    over.now = true;
  };
  await Promise.all([readFile(), lookAtStore(), force(), kill()]);

  say('the end: waiting until the cloud is asked no more');
  const callsNow = async (): Promise<number> => {
    const url = `${simulator.controlUrl}/cameras`;
    const { cameras: seen } = await getJson<{ cameras: Array<{ liveAddressCalls: number }> }>(url);
    return seen.reduce((sum, { liveAddressCalls }) => sum + liveAddressCalls, 0);
  };
  let calls = await callsNow();
  let sinceMs = performance.now();
  await until('nobody asks the cloud', 240_000, async () => {
    const now = await callsNow();
    if (now !== calls) sinceMs = performance.now();
    calls = now;
    return performance.now() - sinceMs > 8_000;
  });
  const behind: string[] = [];
  for (const [index, replica] of replicas.entries()) {
    const isSame = async (): Promise<boolean> => {
      const [inStore, shown] = await Promise.all([stored(), replica.cameras()]);
      return inStore.every(({ id, revision }) => shown.get(id) === revision);
    };
    await until('the same answer', 15_000, isSame).catch(() => behind.push(`replica ${index}`));
  }
  const atEnd = await stored();
  const revisions = atEnd.reduce((sum, { lastRevision }) => sum + lastRevision, 0);
  const impossible = calls < revisions ? [`${revisions} leases of ${calls} calls`] : [];
  unlike.push(...(await accountsThatDiffer(replicas, simulator.controlUrl, say)));
  const { rounds: forcedRounds, ...rest } = tally;
  return { ...rest, forcedRounds, calls, revisions, impossible, takeoversMs, faults, behind, unlike };
}

/** The source of each path in MediaMTX's file, by path name; throws when the file is incomplete. */
function pathsIn(text: string): ReadonlyMap<string, string> {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new Error(error.message.split('\n')[0]);
  const content = document.toJS() as {
    authInternalUsers?: unknown;
    paths?: Record<string, { source?: string } | null>;
  };
  if (!content.authInternalUsers) throw new Error('its operator’s part is not there');
  return new Map(Object.entries(content.paths ?? {}).map(([name, config]) => [name, config?.source ?? '']));
}

function isAlive(source: string | undefined): boolean {
  const [, expires] = /[?&]expire=(\d+)/.exec(source ?? '') ?? [];
  return expires !== undefined && Number(expires) * 1000 > Date.now();
}
