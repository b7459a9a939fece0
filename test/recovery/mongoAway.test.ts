import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { JOURNAL_FILE } from '../../src/store/memory/journal.js';
import { until } from '../support/installation/appRig.js';
import { startProgram, startSimulatorProgram, type Program } from '../support/installation/programs.js';
import { startCutProxy, type CutProxy } from '../support/relay/cutProxy.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const CAMERAS = 5;
/** The last sixth of a life is the emergency band. */
const LIFE_SECONDS = 60;

interface Camera {
  readonly id: string;
  readonly lease: { readonly revision: number; readonly expiresAt: string } | null;
}

const mongo = nodeAvFor('MongoDB that goes away') ? inject('mongodbUri') : null;
const cleanUp: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

describe.skipIf(mongo === null)('a MongoDB that goes away', () => {
  interface Rig {
    readonly proxy: CutProxy;
    readonly journal: () => string;
    /** Does not wait until it serves. */
    readonly launch: () => Program;
    readonly start: () => Promise<{ program: Program; cameras: () => Promise<Camera[]>; url: string }>;
  }

  async function rig(): Promise<Rig> {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-away-'));
    cleanUp.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const given = new URL(mongo ?? '');
    const proxy = await startCutProxy({ host: given.hostname, port: Number(given.port || 27017) });
    cleanUp.push(() => proxy.stop());
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
    cleanUp.push(() => simulator.stop());
    const launch = (): Program => {
      const program = startProgram('src/main.js', [], {
        ...simulator.env,
        ...{ DATA_DIR: dataDir, MONGODB_URI: uri.href, PORT: '0', ENGINE: 'embedded' },
        ...{ RENEW_CRON: '* * * * * *', DISCOVER_CRON: '0 0 1 1 *', SNAPSHOT_CRON: '0 0 1 1 *' },
        STREAM_LIFETIME_SECONDS: String(LIFE_SECONDS),
      });
      cleanUp.push(() => program.stop('SIGKILL'));
      return program;
    };
    return {
      proxy,
      journal: () => readFileSync(path.join(dataDir, JOURNAL_FILE), 'utf8'),
      launch,
      async start() {
        const program = launch();
        const [, url = ''] = await program.line(/answers on (http:\/\/[^\s"]+)/);
        const cameras = async (): Promise<Camera[]> =>
          ((await (await fetch(`${url}/api/camera`)).json()) as { cameras: Camera[] }).cameras;
        return { program, cameras, url };
      },
    };
  }

  const revisionsOf = (cameras: readonly Camera[]): number[] => cameras.map(({ lease }) => lease?.revision ?? 0);

  it(
    'leaves every camera its lease, and has what the journal holds when it is back, after a kill too',
    { timeout: 300_000 },
    async () => {
      const { proxy, journal, start } = await rig();
      const first = await start();
      await fetch(`${first.url}/api/hikvision/initialize`, { method: 'POST' });
      const before = await until(
        'leased',
        60_000,
        first.cameras,
        (all) => all.length === CAMERAS && !revisionsOf(all).includes(0),
      );
      proxy.set('refused');
      const ids = before.map(({ id }) => id);
      // Looked at all the time, until each has a lease that the database does not know.
      const held = await until(
        'renewed from memory',
        120_000,
        first.cameras,
        (all) => {
          for (const { id, lease } of all)
            expect(Date.parse(lease?.expiresAt ?? ''), `lease of ${id}`).toBeGreaterThan(Date.now());
          return ids.every((id) => journal().includes(id));
        },
        (all) => `${JSON.stringify(revisionsOf(all))} ${journal().length}`,
      );
      for (const id of ids) expect((await fetch(`${first.url}/api/camera/${id}/live`)).status).toBe(200);
      await first.program.stop('SIGKILL');
      proxy.set('open');
      const second = await start();
      const after = await second.cameras();
      for (const { id, lease } of held) {
        const now = after.find((camera) => camera.id === id);
        expect(now?.lease?.revision ?? 0, `lease of ${id}`).toBeGreaterThanOrEqual(lease?.revision ?? 0);
      }
      expect(journal()).toBe('');
    },
  );

  it('and hangs keeps neither lists nor a stop waiting', { timeout: 120_000 }, async () => {
    const { proxy, start } = await rig();
    const { program, cameras, url } = await start();
    await fetch(`${url}/api/hikvision/initialize`, { method: 'POST' });
    proxy.set('hanging');
    const begunMs = performance.now();
    expect(await cameras()).toHaveLength(CAMERAS);
    expect(performance.now() - begunMs).toBeLessThan(5_000);
    const stopMs = performance.now();
    await program.stop('SIGTERM');
    expect(performance.now() - stopMs).toBeLessThan(13_000);
  });

  it('at start is said on page and port, with its cure, until it is there', { timeout: 120_000 }, async () => {
    const { proxy, launch } = await rig();
    proxy.set('refused');
    const program = launch();
    const [, url = ''] = await program.line(/answers 503 on (http:\/\/[^\s"]+)/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const ready = await fetch(`${url}/ready`);
    expect(ready.status).toBe(503);
    const told = (await ready.json()) as { parts: object; error: { code: string; message: string; cure: string } };
    expect(told).toMatchObject({
      ready: false,
      parts: { store: { ready: false } },
      error: { code: 'STORE_UNREACHABLE' },
    });
    expect(told.error.cure).toMatch(/MONGODB_URI/);
    const page = await fetch(url, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('camlease is waiting for its database');
    expect((await fetch(`${url}/api/camera`)).status).toBe(503);
    proxy.set('open');
    const [, after = ''] = await program.line(/answers on (http:\/\/[^\s"]+)/);
    expect(after).toBe(url);
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  });
});
