/**
 * How many `GET /api/camera/:id/live` does camlease answer per second, compared with a bare Express handler that returns the same bytes?
 *
 *   npm run bench:live -- [--cameras 2000] [--pairs 7] [--seconds 5]
 *
 * Needs `wrk` on PATH. camlease runs as a user starts it, in its own process with its cameras in SQLite; the bare handler has its own
 * process too. Both are measured in turn, so that other load of the machine affects both of a pair.
 */
import express from 'express';
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createStore } from '../src/store/opening/createStore.js';
import { systemClock } from '../src/systemClock.js';
import { startProgram } from '../test/support/installation/programs.js';
import { vendorsWith } from '../test/support/clouds/vendors.js';

const DAY_MS = 86_400_000;
const TARGET = 0.6;
const MOST_MEGABYTES = 200;
/** The environment variable that is set in the process of the bare handler. */
const BARE_REPLY = 'BENCH_BARE_REPLY';

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '2000' },
    pairs: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '5' },
  },
});
const [cameras, pairs, seconds] = [Number(values.cameras), Number(values.pairs), Number(values.seconds)];

const bareReply = process.env[BARE_REPLY];
if (bareReply === undefined) await compare();
else serveBare(bareReply);

function serveBare(bytes: string): void {
  const app = express();
  app.get('/api/camera/:id/live', (_request, response) => {
    response.type('json').send(bytes);
  });
  const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

async function compare(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'live-throughput-'));
  const ids = await storeCameras(folder);
  const camlease = startProgram('src/main.js', [], {
    DATA_DIR: folder,
    PORT: '0',
    ENGINE: 'embedded',
    LOG_LEVEL: 'info',
    // An account without a cloud: the cameras' leases are far from due, so camlease never calls it.
    HIKVISION_APP_KEY: 'bench',
    HIKVISION_SECRET: 'bench',
    HIKVISION_BASE_URL: 'http://127.0.0.1:9',
    CLOUD_EXTRA_HOSTS: '127.0.0.1',
    DISCOVER_CRON: '0 0 1 1 *',
    SNAPSHOT_CRON: '0 0 1 1 *',
  });
  try {
    const [, live = ''] = await camlease.line(/answers on (http:\/\/[^\s"]+)/);
    const reply = await fetch(`${live}/api/camera/${ids[0] ?? ''}/live`);
    const bytes = await reply.text();
    if (reply.status !== 200) throw new Error(`live answered ${reply.status}: ${bytes}`);
    const bare = fork(fileURLToPath(import.meta.url), { env: { ...process.env, [BARE_REPLY]: bytes } });
    try {
      const [port] = (await once(bare, 'message')) as [number];
      await measurePairs(`http://127.0.0.1:${port}`, live, wrkScript(folder, ids), bytes.length);
    } finally {
      bare.kill();
    }
    const megabytes = peakMegabytes(camlease.process.pid ?? 0);
    console.log(`memory of camlease: ${megabytes ?? '?'} MB at most (wanted: below ${MOST_MEGABYTES} MB)`);
    if (megabytes !== null && megabytes >= MOST_MEGABYTES) process.exitCode = 1;
  } finally {
    await camlease.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Stores cameras with valid leases before camlease starts; returns their ids. */
async function storeCameras(dataDir: string): Promise<string[]> {
  const log = { warn: (...what: readonly unknown[]): void => console.error(...what) };
  const vendors = vendorsWith('127.0.0.1');
  const store = createStore({ mongodbUri: null, dataDir, vendors, clock: systemClock, random: Math.random, log });
  await store.open();
  const now = new Date();
  const expiresAt = new Date(now.getTime() + 7 * DAY_MS);
  const ids: string[] = [];
  for (let index = 0; index < cameras; index++) {
    const deviceSerial = `BENCH${String(index).padStart(5, '0')}`;
    const url = `rtmp://127.0.0.1:9/v3/openlive/${deviceSerial}_1_1?expire=${Math.floor(expiresAt.getTime() / 1000)}&id=${index + 1}`;
    const renewAt = new Date(now.getTime() + 5 * DAY_MS);
    const { id } = await store.create(
      {
        name: `Camera ${index}`,
        source: {
          kind: 'cloud',
          vendor: 'hikconnect',
          account: 'hikvision',
          deviceSerial,
          channel: 1,
          resourceId: `resource-${index}`,
        },
        lease: {
          revision: 1,
          url,
          urlId: String(index + 1),
          quality: 'main',
          obtainedAt: now,
          expiresAt,
          renewAt,
          proof: 'proven',
          provenAt: now,
          tracks: null,
        },
      },
      now,
    );
    ids.push(id);
  }
  await store.close();
  return ids;
}

function wrkScript(folder: string, ids: readonly string[]): string {
  const file = path.join(folder, 'cameras.lua');
  const list = ids.map((id) => `"${id}"`).join(',');
  writeFileSync(
    file,
    `local ids = {${list}}\nlocal n = 0\nrequest = function()\n  n = (n + 7) % #ids\n  return wrk.format("GET", "/api/camera/" .. ids[n + 1] .. "/live")\nend\n`,
  );
  return file;
}

async function measurePairs(bare: string, live: string, script: string, bytes: number): Promise<void> {
  for (const url of [bare, live]) await measure(url, script, 2);
  const rates: { bare: number; live: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    rates.push({ bare: await measure(bare, script, seconds), live: await measure(live, script, seconds) });
  }
  console.log(`${cameras} cameras, ${bytes} bytes a reply, Node ${process.version}, ${cpus().length} cores`);
  console.log(
    `load of the machine at the end: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}`,
  );
  tell(
    'bare',
    rates.map((rate) => rate.bare),
  );
  tell(
    'live',
    rates.map((rate) => rate.live),
  );
  // Compared pair by pair, since other load of the machine affected both of a pair.
  const shares = sorted(rates.map((rate) => rate.live / rate.bare));
  const share = median(shares);
  console.log(
    `live / bare: median ${percent(share)} (${percent(shares[0])} to ${percent(shares.at(-1))}; wanted: at least ${percent(TARGET)})`,
  );
  if (!(share >= TARGET)) process.exitCode = 1;
}

/** Requests a second. Throws when a reply was not 200. */
async function measure(url: string, script: string, forSeconds: number): Promise<number> {
  const { stdout } = await promisify(execFile)('wrk', ['-t1', '-c32', `-d${forSeconds}s`, '-s', script, `${url}/`]);
  if (stdout.includes('Non-2xx')) throw new Error(stdout);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

/** The most memory that a process has ever used; null: the system does not say. */
function peakMegabytes(pid: number): number | null {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    return null;
  }
}

function sorted(figures: readonly number[]): number[] {
  return [...figures].sort((a, b) => a - b);
}

function median(figures: readonly number[]): number {
  return sorted(figures)[Math.floor(figures.length / 2)] ?? NaN;
}

function tell(name: string, rates: readonly number[]): void {
  const [least, middle, most] = [Math.min(...rates), median(rates), Math.max(...rates)].map(Math.round);
  console.log(`${name}: median ${middle} requests/s (${least} to ${most}, ${rates.length} runs of ${seconds} s)`);
}

function percent(value: number | undefined): string {
  return `${((value ?? NaN) * 100).toFixed(0)} %`;
}
