import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { makeMediaMtx, mediaMtxProgram, mediaMtxTemplate } from '../support/engine/mediamtx.js';
import { until } from '../support/installation/appRig.js';
import { startProgram, startSimulatorProgram, type Program } from '../support/installation/programs.js';
import { startCutProxy } from '../support/relay/cutProxy.js';

const CAMERAS = 5;

const mongo = mediaMtxProgram === null ? null : inject('mongodbUri');
const cleanUp: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

interface Listed {
  readonly cameras: ReadonlyArray<{ readonly id: string; readonly lease: { readonly revision: number } | null }>;
}

describe.skipIf(mongo === null)('an owner that alone is cut off from MongoDB', () => {
  it(
    'gives up everything once another one writes its MediaMTX, and follows that one when it is back',
    { timeout: 180_000 },
    async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'camlease-cut-off-'));
      cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
      const direct = new URL(mongo ?? '');
      direct.pathname = `/camlease-cut-off-${randomBytes(6).toString('hex')}`;
      const proxy = await startCutProxy({ host: direct.hostname, port: Number(direct.port || 27017) });
      cleanUp.push(() => proxy.stop());
      const cut = new URL(direct);
      cut.host = `127.0.0.1:${proxy.port}`;
      const simulator = await startSimulatorProgram(
        ['--cameras', String(CAMERAS), '--vendor', 'hikconnect', '--port', '0'], //
      );
      cleanUp.push(() => simulator.stop());
      const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
      cleanUp.push(() => mediaMtx.stop());
      await mediaMtx.start();

      const start = async (name: string, uri: URL): Promise<{ program: Program; url: string }> => {
        const program = startProgram('src/main.js', [], {
          ...simulator.env,
          ...{ DATA_DIR: path.join(folder, name), MONGODB_URI: uri.href, PORT: '0', RENEW_CRON: '* * * * * *' },
          ...{ DISCOVER_CRON: '0 0 1 1 *', SNAPSHOT_CRON: '0 0 1 1 *' },
          ...{ MEDIAMTX_API_URL: mediaMtx.apiUrl, MEDIAMTX_CONFIG_PATH: mediaMtx.configPath },
        });
        cleanUp.push(() => program.stop('SIGKILL'));
        const [, url = ''] = await program.line(/answers on (http:\/\/[^\s"]+)/);
        return { program, url };
      };
      const revisions = async (url: string): Promise<number[]> => {
        const { cameras } = (await (await fetch(`${url}/api/camera`)).json()) as Listed;
        return cameras.map(({ lease }) => lease?.revision ?? 0);
      };
      const renewNow = (url: string): Promise<Response> =>
        fetch(`${url}/api/hikvision/renew`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ force: true }),
        });
      const isAll = (seen: readonly number[], revision: number): boolean =>
        seen.length === CAMERAS && seen.every((one) => one === revision);
      const renewed = (url: string, revision: number): Promise<number[]> =>
        until(
          `lease ${revision} of every camera`,
          60_000,
          () => revisions(url),
          (seen) => isAll(seen, revision),
        );
      const liveAddressCalls = async (): Promise<number> => {
        const { cameras } = (await (await fetch(`${simulator.controlUrl}/cameras`)).json()) as {
          cameras: ReadonlyArray<{ readonly liveAddressCalls: number }>;
        };
        return cameras.reduce((sum, camera) => sum + camera.liveAddressCalls, 0);
      };
      const fence = (): number =>
        Number(/rtsp:\/\/127\.0\.0\.1:1\/[0-9a-f-]+\/(\d+)/.exec(readFileSync(mediaMtx.configPath, 'utf8'))?.[1] ?? 0);

      const first = await start('first', cut);
      await first.program.line(/owns account .*the media server/);
      await fetch(`${first.url}/api/hikvision/initialize`, { method: 'POST' });
      await renewed(first.url, 1);
      const second = await start('second', direct);
      await until(
        'served',
        60_000,
        async () => fence(),
        (seen) => seen > 0,
      );
      const before = fence();

      proxy.set('refused');
      await second.program.line(/owns account .*the media server/);
      await first.program.line(/owns nothing/);
      await until(
        'a later fence in the file',
        30_000,
        async () => fence(),
        (seen) => seen > before,
      );
      await renewNow(second.url);
      await renewed(second.url, 2);

      const calls = await liveAddressCalls();
      const refused = await renewNow(first.url);
      expect(refused.status).toBe(503);
      expect(JSON.stringify(await refused.json())).toMatch(/cure/);
      expect(isAll(await revisions(first.url), 1)).toBe(true);
      expect(await liveAddressCalls()).toBe(calls);

      proxy.set('open');
      await renewed(first.url, 2);
      // By the other one.
      await renewNow(first.url);
      await renewed(first.url, 3);
      expect(await liveAddressCalls()).toBe(calls + CAMERAS);
    },
  );
});
