import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { freeTcpPort } from '../../simulator/demo/freePorts.js';
import { LocalHost } from '../../src/relay/client/localHost.js';
import { RelayClient } from '../../src/relay/client/relayClient.js';
import { relaySpawner } from '../../src/relay/client/spawnRelay.js';
// Run by path, as processes of their own: they only have to be compiled, too.
import type {} from '../../src/relayMain.js';
import type {} from '../../src/relayWorker.js';
import { packageRoot, readVersion } from '../../src/startup/place/packageRoot.js';
import { systemClock } from '../../src/systemClock.js';
import { relayStatus } from './relayStatus.js';

/** The relay in processes of its own, without MediaMTX and camlease. */
export interface RelayAlone {
  readonly client: RelayClient;
  /** Of the parent and the workers that live now. */
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
