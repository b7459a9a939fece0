import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { freeTcpPort } from '../../simulator/demo/freePorts.js';
import { LocalHost } from '../../src/relay/client/localHost.js';
import { RelayClient } from '../../src/relay/client/relayClient.js';
import { relaySpawner } from '../../src/relay/client/spawnRelay.js';
// Both are started by path, as processes; the imports make the compiler include them.
import type {} from '../../src/relayMain.js';
import type {} from '../../src/relayWorker.js';
import { packageRoot, readVersion } from '../../src/startup/place/packageRoot.js';
import { systemClock } from '../../src/systemClock.js';
import { relayStatus } from './relayStatus.js';

/** A relay in its own processes, without MediaMTX and camlease. */
export interface RelayAlone {
  readonly client: RelayClient;
  /** Process ids of the parent and the current workers. */
  pids(): Promise<readonly number[]>;
  stop(): Promise<void>;
}

export async function startRelayAlone(): Promise<RelayAlone> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-relay-'));
  const clock = systemClock;
  const host = new LocalHost({
    ...{ dataDir, clock, port: await freeTcpPort(), version: readVersion(packageRoot()) },
    spawn: relaySpawner(process.execPath),
  });
  const client = new RelayClient({
    ...{ host, clock, isAlone: true, endsWithUs: true, keepSecret: () => undefined },
    log: { info: () => undefined, warn: (message) => console.error(message) },
  });
  await client.start();
  return {
    client,
    pids: async () => {
      const { pid, workers } = await relayStatus(dataDir);
      return [pid, ...workers.map((worker) => worker.pid)];
    },
    stop: async () => {
      await client.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
