import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import process from 'node:process';
import { afterEach, describe, expect, test } from 'vitest';
import { spawnMediaMtx } from '../../src/engine/mediamtx/server/mediaMtxProgram.js';
import { PID_FILE } from '../../src/engine/mediamtx/mediaMtxEngine.js';
import { processTable } from '../../src/engine/mediamtx/server/processTable.js';
import { rememberedMediaMtx } from '../../src/engine/mediamtx/server/supervisor.js';
import type { MediaEngine } from '../../src/engine/mediaEngine.js';
import {
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  until,
  type TestMediaMtx,
} from '../support/engine/mediamtx.js';
import { aTarget, engineFor, streamsOf } from '../support/engine/mediamtxEngine.js';

const opened: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const QUICK = { watchEveryMs: 50, infoTimeoutMs: 300, requestTimeoutMs: 1_000 } as const;
const program = mediaMtxProgram ?? '';
const pidOf = async ({ folder }: TestMediaMtx): Promise<number> =>
  (await rememberedMediaMtx(`${folder}/${PID_FILE}`, processTable))?.pid ?? 0;
const served = async ({ apiUrl }: TestMediaMtx): Promise<boolean> =>
  (await fetch(`${apiUrl}/v3/config/paths/get/c`)).ok;

/** However much hangs, the answer is there within this: a request's bound, and what a busy machine adds. */
async function refusedInTime(engine: MediaEngine): Promise<void> {
  const begunMs = performance.now();
  await expect(engine.apply(streamsOf({ c: aTarget({ revision: 2 }) }))).rejects.toMatchObject({
    code: 'ENGINE_UNREACHABLE',
    cure: expect.stringMatching(/\.$/) as string,
  });
  expect(performance.now() - begunMs).toBeLessThan(10_000);
}

describe.skipIf(mediaMtxProgram === null)('a MediaMTX that hangs', () => {
  test('and is ours is ended and started again once it hung for long, and has its paths back', async () => {
    const mediaMtx = await makeMediaMtx();
    opened.push(() => mediaMtx.stop());
    const supervise = { program, env: mediaMtx.env, spawn: spawnMediaMtx, processes: processTable };
    const engine = await engineFor(mediaMtx, { ...QUICK, supervise, hungAfterMs: 3_000 });
    opened.push(() => engine.stop());
    await engine.start();
    await engine.apply(streamsOf({ c: aTarget() }));
    const pid = await pidOf(mediaMtx);
    process.kill(pid, 'SIGSTOP');
    await until(() => engine.status().problem?.includes('hangs') === true);
    expect(engine.status().ready).toBe(false);
    expect((await engine.states()).get('c')?.flow).toBe('unknown');
    await refusedInTime(engine);
    await until(async () => ![0, pid].includes(await pidOf(mediaMtx)), 25_000);
    expect(await processTable.startOf(pid)).toBeNull();
    await until(() => engine.status().ready);
    await until(() => served(mediaMtx));
  });

  test("and is somebody else's is left alone, and is used again as soon as it answers", async () => {
    const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
    opened.push(() => mediaMtx.stop());
    await mediaMtx.start();
    const engine = await engineFor(mediaMtx, { ...QUICK, hungAfterMs: 1_500 });
    opened.push(() => engine.stop());
    await engine.start();
    await engine.apply(streamsOf({ c: aTarget() }));
    const pid = mediaMtx.pid ?? 0;
    opened.push(() => void process.kill(pid, 'SIGCONT'));
    process.kill(pid, 'SIGSTOP');
    await until(() => engine.status().problem?.includes('hangs') === true);
    await refusedInTime(engine);
    const hangsSinceMs = performance.now();
    await until(() => performance.now() - hangsSinceMs > 3_000);
    expect(mediaMtx.pid).toBe(pid);
    process.kill(pid, 'SIGCONT');
    await until(() => engine.status().ready);
    expect(await engine.apply(streamsOf({ c: aTarget(), d: aTarget() }))).toMatchObject({
      changed: expect.arrayContaining(['d']) as string[],
    });
    expect(await served(mediaMtx)).toBe(true);
  });
});

describe('an API at the address of MediaMTX', () => {
  async function engineAt(server: Server): Promise<MediaEngine> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
    opened.push(() => mediaMtx.stop());
    const engine = await engineFor({ ...mediaMtx, apiUrl: `http://127.0.0.1:${port}` }, QUICK);
    opened.push(() => engine.stop());
    await engine.start();
    return engine;
  }

  test('that takes connections and never says a word keeps nobody waiting', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket));
    opened.push(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const engine = await engineAt(silent);
    await until(() => engine.status().problem?.includes('hangs') === true);
    await refusedInTime(engine);
    expect(await engine.viewers()).toBeNull();
  });

  test.each([
    ['ENGINE_LOCKED', 401, 'does not let camlease in (401)', /authInternalUsers/],
    ['ENGINE_REFUSED', 400, 'MediaMTX refused (400)', /log of MediaMTX/],
  ])(
    '%s: that answers %i is said to refuse, with what helps, and is not said to hang',
    async (code, status, words, cure) => {
      const refusing = createHttpServer((_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: 'no' }));
      });
      opened.push(() => {
        refusing.closeAllConnections();
        refusing.close();
      });
      const engine = await engineAt(refusing);
      const { ready, problem } = engine.status();
      expect(ready).toBe(false);
      expect(problem).toContain(words);
      expect(problem).toMatch(cure);
      await expect(engine.apply(streamsOf({ c: aTarget() }))).rejects.toMatchObject({ code });
    },
  );
});
