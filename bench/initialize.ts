/**
 * How long does `POST /api/hikvision/initialize` take with 1,200 simulated cameras, the real clock and a real MediaMTX?
 *
 *   npm run bench:initialize -- [--cameras 1200]
 *
 * The vendor's rate limit sets the shortest time: (1 login + pages + cameras) / 5 per second. Also printed: the most calls that the cloud
 * saw within 950 ms, how often MediaMTX's file was rewritten meanwhile, and how many paths MediaMTX serves at the end.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ANY_PORTS, configureMediaMtx, findUsableMediaMtx } from '../simulator/demo/mediaMtx.js';
import { packageRoot, startProgram, startSimulatorProgram } from '../test/support/installation/programs.js';
import { letTestsAskBy } from '../test/support/engine/mediamtx.js';

const PAGE_SIZE = 500;
const { values } = parseArgs({ options: { cameras: { type: 'string', default: '1200' } } });
const cameras = Number(values.cameras);
const floorSeconds = (1 + Math.ceil(cameras / PAGE_SIZE) + cameras) / 5;

const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-bench-'));
const template = path.join(packageRoot(), 'mediamtx.yml');
const program = await findUsableMediaMtx(process.env['PATH'] ?? '', console.log);
const mediaMtx = program === null ? null : await configureMediaMtx(program, template, dataDir, ANY_PORTS);
if (mediaMtx) await letTestsAskBy(path.join(dataDir, 'mediamtx.yml'));

const simulator = await startSimulatorProgram(['--cameras', String(cameras), '--vendor', 'hikconnect', '--port', '0']);
const camlease = startProgram('src/main.js', [], {
  ...simulator.env,
  DATA_DIR: dataDir,
  PORT: '0',
  STREAM_LIFETIME_SECONDS: '604800',
  // Only the measured pass may call the cloud.
  DISCOVER_CRON: '0 0 1 1 *',
  SNAPSHOT_CRON: '0 0 1 1 *',
  ...(mediaMtx ? { ENGINE: 'auto', MEDIAMTX_BIN: mediaMtx.program } : { ENGINE: 'embedded' }),
});
try {
  await run();
} finally {
  await camlease.stop();
  await simulator.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

interface Pass {
  readonly state: string;
  readonly total: number;
  readonly done: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly report: { readonly discovered: number; readonly leased: number; readonly failed: readonly unknown[] } | null;
}

async function run(): Promise<void> {
  const [, url = ''] = await camlease.line(/answers on (http:\/\/[^\s"]+)/);
  console.log(`${cameras} cameras, engine ${mediaMtx ? 'MediaMTX' : 'embedded'}; floor ${floorSeconds.toFixed(1)} s`);
  const rewrites = countRewrites(path.join(dataDir, 'mediamtx.yml'));
  const reply = await fetch(`${url}/api/hikvision/initialize`, { method: 'POST' });
  const where = reply.headers.get('location');
  if (reply.status !== 202 || where === null)
    throw new Error(`initialize answered ${reply.status}: ${await reply.text()}`);
  const pass = await endOf(new URL(where, url).href);
  const seconds = (Date.parse(pass.endedAt ?? '') - Date.parse(pass.startedAt)) / 1000;
  const { mostCallsIn950Ms } = await json<{ mostCallsIn950Ms: number }>(`${simulator.controlUrl}/counters`);
  console.log(
    `wall time ${seconds.toFixed(1)} s, ${((seconds / floorSeconds - 1) * 100).toFixed(1)} % above the floor`,
  );
  console.log(
    `discovered ${pass.report?.discovered ?? 0}, leased ${pass.report?.leased ?? 0}, failed ${pass.report?.failed.length ?? 0}`,
  );
  console.log(`most calls within 950 ms, as the server saw them: ${mostCallsIn950Ms}`);
  console.log(`rewrites of mediamtx.yml: ${rewrites.stop()}`);
  if (mediaMtx) {
    const { itemCount } = await json<{ itemCount: number }>(`${mediaMtx.apiUrl}/v3/config/paths/list?itemsPerPage=1`);
    console.log(`paths in MediaMTX: ${itemCount}`);
  }
}

async function endOf(passUrl: string): Promise<Pass> {
  for (let lastTold = 0; ;) {
    const { pass } = await json<{ pass: Pass }>(passUrl);
    if (pass.state !== 'running') return pass;
    if (pass.done - lastTold >= cameras / 6) {
      console.log(`  … ${pass.done} of ${pass.total} leased`);
      lastTold = pass.done;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Counts rewrites of a file: each is a rename, which gives the name another inode. */
function countRewrites(file: string): { stop(): number } {
  const inode = (): number => statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
  let last = inode();
  let count = 0;
  const timer = setInterval(() => {
    const now = inode();
    if (now !== last) count += 1;
    last = now;
  }, 50);
  return {
    stop: () => {
      clearInterval(timer);
      return count;
    },
  };
}

async function json<T>(url: string): Promise<T> {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`${new URL(url).pathname} answered ${reply.status}`);
  return (await reply.json()) as T;
}
