import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { JOURNAL_FILE } from '../../../src/store/memory/journal.js';
import { startCutProxy, type CutProxy } from '../relay/cutProxy.js';
import { startProgram, startSimulatorProgram, type Program } from './programs.js';

export const CAMERAS = 5;
/** The last sixth of a life is the emergency band. */
const LIFE_SECONDS = 60;

export interface AwayCamera {
  readonly id: string;
  readonly lease: { readonly revision: number; readonly expiresAt: string } | null;
}

export interface AwayRig {
  readonly proxy: CutProxy;
  readonly journal: () => string;
  /** Does not wait until it serves. */
  readonly launch: () => Program;
  readonly start: () => Promise<{ program: Program; cameras: () => Promise<AwayCamera[]>; url: string }>;
}

/** A program with the embedded engine whose MongoDB can be cut off; `mongodbUri` names the server. It goes with the test. */
export async function startAwayRig(mongodbUri: string): Promise<AwayRig> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-away-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const given = new URL(mongodbUri);
  const proxy = await startCutProxy({ host: given.hostname, port: Number(given.port || 27017) });
  onTestFinished(() => proxy.stop());
  const uri = new URL(given);
  uri.host = `127.0.0.1:${proxy.port}`;
  uri.pathname = `/camlease-away-${randomBytes(6).toString('hex')}`;
  const simulator = await startSimulatorProgram([
    '--cameras',
    String(CAMERAS),
    '--vendor',
    'hikconnect',
    '--port',
    '0',
  ]);
  onTestFinished(() => simulator.stop());
  const launch = (): Program => {
    const program = startProgram('src/main.js', [], {
      ...simulator.env,
      ...{ DATA_DIR: dataDir, MONGODB_URI: uri.href, PORT: '0', ENGINE: 'embedded' },
      ...{ RENEW_CRON: '* * * * * *', DISCOVER_CRON: '0 0 1 1 *', SNAPSHOT_CRON: '0 0 1 1 *' },
      STREAM_LIFETIME_SECONDS: String(LIFE_SECONDS),
    });
    onTestFinished(() => program.stop('SIGKILL'));
    return program;
  };
  return {
    proxy,
    journal: () => readFileSync(path.join(dataDir, JOURNAL_FILE), 'utf8'),
    launch,
    async start() {
      const program = launch();
      const [, url = ''] = await program.line(/answers on (http:\/\/[^\s"]+)/);
      const cameras = async (): Promise<AwayCamera[]> =>
        ((await (await fetch(`${url}/api/camera`)).json()) as { cameras: AwayCamera[] }).cameras;
      return { program, cameras, url };
    },
  };
}
