import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { ANY_PORTS, configureMediaMtx } from '../../simulator/demo/mediaMtx.js';
import { mediaMtx, until } from '../support/installation/appRig.js';
import { packageRoot, startProgram, startSimulatorProgram, type Program } from '../support/installation/programs.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const CAMERAS = 10;
/** Promised are 10 s; the rest is for a machine that does other things too. */
const STOP_BOUND_MS = 13_000;

const cleanUp: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-stop-'));
  cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function started(env: Readonly<Record<string, string>>): Promise<{ program: Program; url: string }> {
  const program = startProgram('src/main.js', [], {
    PORT: '0',
    RENEW_CRON: '* * * * * *',
    DISCOVER_CRON: '0 0 1 1 *',
    SNAPSHOT_CRON: '0 0 1 1 *',
    ...env,
  });
  cleanUp.push(() => program.stop('SIGKILL'));
  const [, url = ''] = await program.line(/answers on (http:\/\/[^\s"]+)/);
  return { program, url };
}

async function getJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

const post = (url: string, body?: object): Promise<unknown> =>
  fetch(url, {
    method: 'POST',
    ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  }).catch(() => null); // it is stopped meanwhile

interface CloudCamera {
  readonly camera: string;
  readonly liveAddressCalls: number;
}

describe.skipIf(!nodeAvFor('a process that is stopped in a pass'))('SIGTERM in the middle of a pass', () => {
  it(
    'is obeyed within 10 s though the cloud hangs, and the next process leases each camera once',
    { timeout: 120_000 },
    async () => {
      const dataDir = newFolder();
      const simulator = await startSimulatorProgram([
        '--cameras',
        String(CAMERAS),
        '--vendor',
        'hikconnect',
        '--port',
        '0',
      ]);
      cleanUp.push(() => simulator.stop());
      const clouds = async (): Promise<CloudCamera[]> =>
        (await getJson<{ cameras: CloudCamera[] }>(`${simulator.controlUrl}/cameras`)).cameras;
      const hang = async (on: boolean): Promise<void> => {
        for (const { camera } of await clouds())
          await post(`${simulator.controlUrl}/cameras/${camera}`, { fault: 'hang', on });
      };
      await hang(true);
      const env = { ...simulator.env, DATA_DIR: dataDir, ENGINE: 'embedded' };
      const first = await started(env);
      void post(`${first.url}/api/hikvision/initialize`);
      await until('a call that hangs', 30_000, clouds, (all) =>
        all.some(({ liveAddressCalls }) => liveAddressCalls > 0),
      );
      const begunMs = performance.now();
      await first.program.stop('SIGTERM');
      expect(performance.now() - begunMs).toBeLessThan(STOP_BOUND_MS);
      expect(first.program.process.exitCode).toBe(0);

      const before = await clouds();
      await hang(false);
      const { url } = await started(env);
      void post(`${url}/api/hikvision/initialize`);
      type Listed = { cameras: Array<{ lease: { revision: number } | null; failure: unknown }> };
      const { cameras } = await until(
        'every camera leased',
        60_000,
        () => getJson<Listed>(`${url}/api/camera`),
        ({ cameras: all }) => all.length === CAMERAS && all.every(({ lease }) => lease !== null),
      );
      expect(cameras.map(({ lease }) => lease?.revision)).toEqual(Array<number>(CAMERAS).fill(1));
      const calls = (list: readonly CloudCamera[]): number =>
        list.reduce((sum, { liveAddressCalls }) => sum + liveAddressCalls, 0);
      expect(calls(await clouds()) - calls(before)).toBe(CAMERAS);
    },
  );
});

describe.skipIf(mediaMtx === null)('SIGTERM while MediaMTX hangs', () => {
  async function withHungMediaMtx(): Promise<{ program: Program; pid: number }> {
    if (mediaMtx === null) throw new Error('there is no mediamtx on PATH');
    const dataDir = newFolder();
    const running = await configureMediaMtx(mediaMtx, path.join(packageRoot(), 'mediamtx.yml'), dataDir, ANY_PORTS);
    const { program } = await started({ DATA_DIR: dataDir, MEDIAMTX_BIN: running.program });
    const { pid } = JSON.parse(readFileSync(path.join(dataDir, 'mediamtx.pid.json'), 'utf8')) as { pid: number };
    cleanUp.push(() => {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended with its camlease.
      }
    });
    process.kill(pid, 'SIGSTOP');
    return { program, pid };
  }

  it('ends both in bounded time', { timeout: 90_000 }, async () => {
    const { program, pid } = await withHungMediaMtx();
    const begunMs = performance.now();
    await program.stop('SIGTERM');
    expect(performance.now() - begunMs).toBeLessThan(STOP_BOUND_MS);
    expect(program.process.exitCode).toBe(0);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('does not wait for it when it is sent a second time', { timeout: 90_000 }, async () => {
    const { program } = await withHungMediaMtx();
    program.process.kill('SIGTERM');
    await program.line(/Stopping \(SIGTERM\)/);
    // Within a second it would be an echo of the first.
    const echoEndsMs = performance.now() + 1_100;
    await until(
      'no echo',
      5_000,
      () => Promise.resolve(performance.now()),
      (nowMs) => nowMs > echoEndsMs,
    );
    const begunMs = performance.now();
    await program.stop('SIGTERM');
    expect(performance.now() - begunMs).toBeLessThan(2_500);
    expect(program.process.exitCode).toBe(1);
  });
});
