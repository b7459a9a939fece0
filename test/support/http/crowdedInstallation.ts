import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startProgram, startSimulatorProgram, type Program } from '../installation/programs.js';

/** A camlease in a process of its own, with simulated clouds, that can be started again on the same data. */
export interface CrowdedInstallation {
  readonly port: number;
  readonly program: Program;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** `mongodbUri`: a MongoDB server, on which this installation gets its own database. null: SQLite. */
export async function startInstallation(mongodbUri: string | null): Promise<CrowdedInstallation> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-crowd-'));
  const simulator = await startSimulatorProgram(['--cameras', '20', '--vendor', 'hikconnect', '--port', '0']);
  const database = mongodbUri === null ? {} : { MONGODB_URI: inDatabase(mongodbUri) };
  const start = async (): Promise<{ program: Program; port: number }> => {
    const program = startProgram('src/main.js', [], {
      ...simulator.env,
      ...database,
      DATA_DIR: dataDir,
      PORT: '0',
      ENGINE: 'embedded',
      LOG_LEVEL: 'info',
      RENEW_CRON: '* * * * * *',
      DISCOVER_CRON: '0 0 1 1 *',
      SNAPSHOT_CRON: '0 0 1 1 *',
    });
    const [, port = ''] = await program.line(/answers on http:\/\/[^\s"]+:(\d+)/);
    return { program, port: Number(port) };
  };
  let running = await start();
  return {
    get port() {
      return running.port;
    },
    get program() {
      return running.program;
    },
    async restart() {
      await running.program.stop();
      running = await start();
    },
    async stop() {
      await running.program.stop();
      await simulator.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function inDatabase(uri: string): string {
  const url = new URL(uri);
  url.pathname = `/camlease-crowd-${randomBytes(6).toString('hex')}`;
  return url.href;
}
