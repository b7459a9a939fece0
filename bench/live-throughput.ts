/**
 * How many `GET /api/camera/:id/live` a second, against a bare Express handler that returns the same bytes.
 *
 *   npx tsc -p tsconfig.bench.json && node dist-bench/bench/live-throughput.js [cameras] [runs] [seconds]
 *
 * Needs `wrk` on PATH. Both handlers run alternately in one process, so that what else the machine does strikes both.
 */
import express from 'express';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../src/systemClock.js';
import { createHttpServer } from '../src/http/server.js';
import { aCamera, aLease } from '../test/support/builders.js';
import { fakeHouse } from '../test/support/httpDeps.js';

const [cameras = 2000, runs = 5, seconds = 5] = process.argv.slice(2).map(Number);
const DAY_MS = 86_400_000;
const TARGET = 0.6;

const house = fakeHouse();
const now = Date.now();
const ids = Array.from({ length: cameras }, (_, index) => index.toString(16).padStart(24, '0'));
for (const [index, id] of ids.entries()) {
  const lease = aLease({ obtainedAt: new Date(now), expiresAt: new Date(now + 7 * DAY_MS) });
  house.stored.set(id, aCamera({ id, name: `Camera ${index}`, lease }));
}
const jobs = { ...house.jobs, urgent: () => undefined };
const ours = createHttpServer({ ...house, jobs, clock: systemClock });
const { port: ourPort } = await ours.listen(0, '127.0.0.1');

const reply = await fetch(`http://127.0.0.1:${ourPort}/api/camera/${ids[0] ?? ''}/live`);
const bytes = await reply.text();
if (reply.status !== 200) throw new Error(`live answered ${reply.status}`);
const bare = express();
bare.get('/api/camera/:id/live', (_request, response) => {
  response.type('json').send(bytes);
});
const bareServer = bare.listen(0, '127.0.0.1');
await new Promise((resolve) => bareServer.once('listening', resolve));
const { port: barePort } = bareServer.address() as AddressInfo;

const folder = mkdtempSync(path.join(tmpdir(), 'live-throughput-'));
const script = path.join(folder, 'cameras.lua');
writeFileSync(
  script,
  `local n = 0
request = function()
  n = (n + 7) % ${cameras}
  return wrk.format("GET", string.format("/api/camera/%024x/live", n))
end
`,
);

interface Figures {
  readonly perSecond: number;
  /** This process's own time for one request: hardly touched by what else the machine does. */
  readonly cpuMicroseconds: number;
}

/** Throws when a reply was not 200. */
async function measure(port: number, forSeconds: number): Promise<Figures> {
  const args = ['-t1', '-c32', `-d${forSeconds}s`, '-s', script, `http://127.0.0.1:${port}/`];
  const before = process.cpuUsage();
  const { stdout } = await promisify(execFile)('wrk', args);
  if (stdout.includes('Non-2xx')) throw new Error(stdout);
  const { user, system } = process.cpuUsage(before);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  return { perSecond, cpuMicroseconds: (user + system) / requests };
}

function sorted(figures: readonly number[]): number[] {
  return [...figures].sort((a, b) => a - b);
}

function median(figures: readonly number[]): number {
  return sorted(figures)[Math.floor(figures.length / 2)] ?? NaN;
}

function describe(name: string, figures: readonly Figures[]): void {
  const rates = sorted(figures.map(({ perSecond }) => Math.round(perSecond)));
  const cpu = median(figures.map(({ cpuMicroseconds }) => cpuMicroseconds));
  console.log(
    `${name}: median ${median(rates)} requests/s (${rates[0] ?? NaN} to ${rates.at(-1) ?? NaN}, ${figures.length} runs of ${seconds} s), ` +
      `${cpu.toFixed(0)} µs of CPU a request`,
  );
}

await measure(barePort, 2);
await measure(ourPort, 2);
const figures = { bare: [] as Figures[], live: [] as Figures[] };
for (let run = 0; run < runs; run++) {
  figures.bare.push(await measure(barePort, seconds));
  figures.live.push(await measure(ourPort, seconds));
}
console.log(`${cameras} cameras, ${bytes.length} bytes a reply, Node ${process.version}`);
describe('bare', figures.bare);
describe('live', figures.live);
// Pair by pair: what else the machine did in a minute struck both of a pair.
const shares = sorted(figures.live.map((live, run) => live.perSecond / (figures.bare[run]?.perSecond ?? NaN)));
const share = median(shares);
const percent = (value: number | undefined): string => `${((value ?? NaN) * 100).toFixed(0)} %`;
console.log(
  `live / bare ${percent(share)} (${percent(shares[0])} to ${percent(shares.at(-1))}; wanted: at least ${percent(TARGET)})`,
);
rmSync(folder, { recursive: true });
await ours.close();
bareServer.close();
process.exitCode = share >= TARGET ? 0 : 1;
