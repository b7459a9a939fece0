import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { ANY_PORTS, configureMediaMtx, findUsableMediaMtx } from '../../simulator/demo/mediaMtx.js';
import { until } from '../support/installation/appRig.js';
import { packageRoot, startProgram, startSimulatorProgram, type Program } from '../support/installation/programs.js';
import { letTestsAskBy } from '../support/engine/mediamtx.js';

const CAMERAS = 40;
/** `KILLS=20 npx vitest run test/e2e/kill` is the long run. */
const KILLS = Number(process.env['KILLS'] ?? 4);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

interface Camera {
  readonly id: string;
  readonly lease: { readonly revision: number } | null;
  readonly candidate: { readonly revision: number } | null;
  readonly failure: { readonly code: string } | null;
}

const cleanUp: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** A small generator, so that a run that failed can be repeated by its seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

async function getJson<T>(url: string): Promise<T> {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`${new URL(url).pathname} answered ${reply.status}`);
  return (await reply.json()) as T;
}

const post = (url: string, body?: object): Promise<unknown> =>
  fetch(url, {
    method: 'POST',
    ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  }).catch(() => null); // it is killed meanwhile

const camerasOf = async (url: string): Promise<Camera[]> =>
  (await getJson<{ cameras: Camera[] }>(`${url}/api/camera?limit=1000`)).cameras;

describe(`camlease, killed ${KILLS} times (SEED=${SEED})`, () => {
  it(
    'loses no camera and no lease, leases nothing twice, and never breaks mediamtx.yml',
    { timeout: 120_000 + KILLS * 20_000 },
    async () => {
      const random = randomFrom(SEED);
      const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-kill-'));
      cleanUp.push(() => rmSync(dataDir, { recursive: true, force: true }));
      const program = await findUsableMediaMtx(process.env['PATH'] ?? '', console.log);
      if (program === null)
        console.log('no mediamtx on PATH: killed with the embedded engine, mediamtx.yml is not looked at');
      const mediaMtx =
        program === null
          ? null
          : await configureMediaMtx(program, path.join(packageRoot(), 'mediamtx.yml'), dataDir, ANY_PORTS);
      if (mediaMtx) await letTestsAskBy(path.join(dataDir, 'mediamtx.yml'));
      const simulator = await startSimulatorProgram([
        '--cameras',
        String(CAMERAS),
        '--vendor',
        'hikconnect',
        '--port',
        '0',
      ]);
      cleanUp.push(() => simulator.stop());

      let camlease: Program | null = null;
      cleanUp.push(() => camlease?.stop());
      const start = async (): Promise<string> => {
        camlease = startProgram('src/main.js', [], {
          ...simulator.env,
          DATA_DIR: dataDir,
          PORT: '0',
          RENEW_CRON: '* * * * * *',
          DISCOVER_CRON: '0 0 1 1 *',
          SNAPSHOT_CRON: '0 0 1 1 *',
          ...(mediaMtx ? { MEDIAMTX_BIN: mediaMtx.program } : { ENGINE: 'embedded' }),
        });
        const [, url = ''] = await camlease.line(/answers on (http:\/\/[^\s"]+)/);
        return url;
      };
      const liveCalls = async (): Promise<number[]> =>
        (
          await getJson<{ cameras: Array<{ liveAddressCalls: number }> }>(`${simulator.controlUrl}/cameras`)
        ).cameras.map(({ liveAddressCalls }) => liveAddressCalls);

      let inFlight = 0;
      let passes = 0;
      let before: Camera[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const url = await start();
        const known = await camerasOf(url);
        for (const { id, lease } of before) {
          const now = known.find((camera) => camera.id === id);
          expect(now, `camera ${id} after kill ${kill}`).toBeDefined();
          expect(now?.lease?.revision ?? 0, `lease of ${id} after kill ${kill}`).toBeGreaterThanOrEqual(
            lease?.revision ?? 0,
          );
        }
        const forced = known.length === CAMERAS && kill >= KILLS / 2;
        if (forced) passes += 1;
        void (forced ? post(`${url}/api/hikvision/renew`, { force: true }) : post(`${url}/api/hikvision/initialize`));
        await new Promise((resolve) => setTimeout(resolve, 100 + random() * 3_000));
        before = await camerasOf(url);
        await (camlease as Program | null)?.stop('SIGKILL');
        // Requests leave 200 ms apart: two may be on their way at once.
        inFlight += 2;
        if (mediaMtx) {
          const text = readFileSync(path.join(dataDir, 'mediamtx.yml'), 'utf8');
          expect(parseDocument(text).errors, `mediamtx.yml after kill ${kill}`).toEqual([]);
          expect(text).toContain('authInternalUsers');
        }
      }

      const url = await start();
      await post(`${url}/api/hikvision/initialize`);
      const cameras = await until(
        'every camera leased',
        60_000,
        () => camerasOf(url),
        (all) => all.length === CAMERAS && all.every(({ lease }) => lease !== null),
      );
      expect(cameras.filter(({ failure }) => failure !== null)).toEqual([]);
      const calls = await liveCalls();
      const total = calls.reduce((sum, count) => sum + count, 0);
      // Once each for the lease, at most once for each forced pass, and what was on its way when it was killed.
      expect(total).toBeLessThanOrEqual(CAMERAS * (1 + passes) + inFlight);
      expect(Math.min(...calls)).toBeGreaterThanOrEqual(1);
      if (mediaMtx) {
        const served = (): Promise<{ itemCount: number }> => getJson(`${mediaMtx.apiUrl}/v3/config/paths/list`);
        await until('every path served', 30_000, served, ({ itemCount }) => itemCount >= CAMERAS);
      }
    },
  );
});
