import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  breakFile,
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  until,
  type TestMediaMtx,
} from '../../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor, silentLog, streamsOf } from '../../../../test/support/engine/mediamtxEngine.js';
import { systemClock } from '../../../systemClock.js';
import type { EngineLog } from '../../engineLog.js';
import type { MediaEngine } from '../../mediaEngine.js';
import { LOG_FILE, PID_FILE } from '../mediaMtxEngine.js';
import { findMediaMtxProgram, mediaMtxEnvironment, spawnMediaMtx } from './mediaMtxProgram.js';
import { processTable } from './processTable.js';
import { rememberedMediaMtx, Supervisor } from './supervisor.js';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const program = mediaMtxProgram ?? '';

async function place(): Promise<TestMediaMtx> {
  const mediaMtx = await makeMediaMtx();
  opened.push(() => mediaMtx.stop());
  return mediaMtx;
}

async function supervised(mediaMtx: TestMediaMtx): Promise<MediaEngine> {
  const engine = await engineFor(mediaMtx, {
    supervise: { program, env: mediaMtx.env, spawn: spawnMediaMtx, processes: processTable },
  });
  opened.push(() => engine.stop());
  await engine.start();
  return engine;
}

function supervisorIn(
  mediaMtx: TestMediaMtx,
  log: EngineLog = silentLog,
  logPath = join(mediaMtx.folder, LOG_FILE),
): Supervisor {
  const supervisor = new Supervisor({
    program,
    configPath: mediaMtx.configPath,
    env: mediaMtxEnvironment(mediaMtx.env, mediaMtx.apiUrl),
    pidPath: join(mediaMtx.folder, PID_FILE),
    logPath,
    spawn: spawnMediaMtx,
    processes: processTable,
    clock: systemClock,
    log,
  });
  opened.push(() => supervisor.stop());
  return supervisor;
}

const remembered = ({ folder }: TestMediaMtx): ReturnType<typeof rememberedMediaMtx> =>
  rememberedMediaMtx(join(folder, PID_FILE), processTable);

const answers = ({ apiUrl }: TestMediaMtx): Promise<boolean> =>
  fetch(`${apiUrl}/v3/info`).then(
    ({ ok }) => ok,
    () => false,
  );

describe.skipIf(mediaMtxProgram === null)('a MediaMTX that camlease starts', () => {
  test('is started with a file from the template, remembered, and stopped with us', async () => {
    const mediaMtx = await place();
    const engine = await supervised(mediaMtx);
    expect(engine.status()).toMatchObject({ ready: true, version: 'v1.20.1' });
    const process = await remembered(mediaMtx);
    expect(process).not.toBeNull();
    await engine.stop();
    expect(await answers(mediaMtx)).toBe(false);
    expect(await processTable.startOf(process?.pid ?? 0)).toBeNull();
    expect(await remembered(mediaMtx)).toBeNull();
  });

  test('is started again when it dies, and gets its paths back', async () => {
    const mediaMtx = await place();
    const engine = await supervised(mediaMtx);
    await engine.apply(streamsOf({ a: aTarget(), b: aTarget(), c: aTarget() }));
    const first = await remembered(mediaMtx);
    processTable.signal(first?.pid ?? 0, 'SIGKILL');
    await until(async () => {
      const next = await remembered(mediaMtx);
      return next !== null && next.pid !== first?.pid;
    });
    await until(async () => (await fetch(`${mediaMtx.apiUrl}/v3/config/paths/get/c`)).ok);
    await until(() => engine.status().ready);
  });

  test('that hangs is ended, and the log says so and not that it ended by itself', async () => {
    const mediaMtx = await place();
    await writeFile(mediaMtx.configPath, await mediaMtxTemplate());
    const reasons: unknown[] = [];
    const supervisor = supervisorIn(mediaMtx, {
      ...silentLog,
      warn: (_message, fields) => reasons.push(fields?.['reason']),
    });
    await supervisor.start();
    const { pid } = supervisor;
    await supervisor.restart();
    await until(() => supervisor.pid !== null && supervisor.pid !== pid);
    expect(reasons).toEqual(['MediaMTX no longer answered, so camlease ended it.']);
  });

  test('is started again when an operator breaks its file', async () => {
    const mediaMtx = await place();
    const engine = await supervised(mediaMtx);
    await engine.apply(streamsOf({ a: aTarget(), b: aTarget(), c: aTarget() }));
    await breakFile(mediaMtx, 'paths: {');
    await until(() => engine.status().problem?.includes('.broken-') === true);
    await until(() => engine.status().ready);
    expect((await fetch(`${mediaMtx.apiUrl}/v3/config/paths/get/c`)).ok).toBe(true);
  });

  test('outlives our death, and is taken over and not started twice', async () => {
    const mediaMtx = await place();
    await writeFile(mediaMtx.configPath, await mediaMtxTemplate());
    const lost = supervisorIn(mediaMtx);
    await lost.start();
    const { pid } = lost;
    const next = supervisorIn(mediaMtx);
    await next.start();
    expect(next.pid).toBe(pid);
    expect(pid).not.toBeNull();
  });

  test('is not taken for another process that has its pid', async () => {
    const mediaMtx = await place();
    await writeFile(join(mediaMtx.folder, PID_FILE), JSON.stringify({ pid: process.pid, start: 'another time' }));
    expect(await remembered(mediaMtx)).toBeNull();
  });

  test('that finds its port in use says which, and what to do, at its second death too, and of nobody to end', async () => {
    const mediaMtx = await place();
    await writeFile(mediaMtx.configPath, await mediaMtxTemplate());
    const squatter = createServer().listen(mediaMtx.ports.hls, '127.0.0.1');
    await once(squatter, 'listening');
    let deaths = 0;
    const warn = (message: string): void => {
      if (message.startsWith('MediaMTX ended')) deaths += 1;
    };
    const supervisor = supervisorIn(mediaMtx, { info: () => undefined, warn });
    await supervisor.start();
    await until(() => deaths === 1);
    const seen = new Set<string | null>();
    await until(() => {
      seen.add(supervisor.problem);
      return deaths === 3;
    });
    // The problem stays the same from the first death on, also while MediaMTX is started again.
    expect([...seen]).toEqual([
      expect.stringContaining(`another program has the port 127.0.0.1:${mediaMtx.ports.hls}`),
    ]);
    expect(supervisor.problem).toContain('MEDIAMTX_API_URL');
    expect(supervisor.problem).not.toMatch(/end that program/i);
    squatter.close();
    await until(() => answers(mediaMtx));
    supervisor.answered();
    expect(supervisor.problem).toBeNull();
  });

  test.each([
    ['readTimeout: 0s\n', "'readTimeout' must be greater than zero"],
    ['noSuchThing: 1\n', "does not know the setting 'noSuchThing'"],
    ['logStructured: yes\nrtspEncryption: strict\n', 'open server.crt: no such file'],
  ])('says what it has against its file (%j)', async (settings, words) => {
    const mediaMtx = await place();
    await writeFile(mediaMtx.configPath, `${settings}${await mediaMtxTemplate()}`);
    const supervisor = supervisorIn(mediaMtx);
    await supervisor.start();
    await until(() => supervisor.problem !== null);
    expect(supervisor.problem).toContain(words);
    expect(supervisor.problem).toContain(`Correct ${mediaMtx.configPath}`);
  });

  test('says how it ended when its log does not say why', async () => {
    const mediaMtx = await place();
    await writeFile(mediaMtx.configPath, await mediaMtxTemplate());
    const supervisor = supervisorIn(mediaMtx);
    await supervisor.start();
    await until(() => answers(mediaMtx));
    process.kill(supervisor.pid ?? 0, 'SIGKILL');
    await until(() => supervisor.problem !== null);
    expect(supervisor.problem).toMatch(/^MediaMTX was ended by SIGKILL\. .*mediamtx\.log/);
  });

  test('whose log cannot be written is not started, and that is said with a cure', async () => {
    const mediaMtx = await place();
    await writeFile(mediaMtx.configPath, await mediaMtxTemplate());
    const supervisor = supervisorIn(mediaMtx, silentLog, join(mediaMtx.folder, 'nowhere', LOG_FILE));
    await supervisor.start();
    expect(supervisor.problem).toMatch(/^MediaMTX could not be started: ENOENT.*Let camlease write .*mediamtx\.log/);
    expect(supervisor.pid).toBeNull();
  });

  test('never hands on what it quotes of its file', async () => {
    const mediaMtx = await place();
    await writeFile(mediaMtx.configPath, `authInternalUsers:\n- user: a\n  pass: very-secret-1\n x: [}\n`);
    const lines: string[] = [];
    const log = { info: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };
    const supervisor = supervisorIn(mediaMtx, log);
    await supervisor.start();
    await until(() => supervisor.problem !== null);
    expect(await readFile(join(mediaMtx.folder, LOG_FILE), 'utf8')).toContain('very-secret-1');
    expect(`${lines.join('\n')} ${supervisor.problem}`).not.toContain('very-secret-1');
  });

  test('has its log in ours, line by line, without URLs', async () => {
    const mediaMtx = await place();
    await writeFile(mediaMtx.configPath, await mediaMtxTemplate());
    const lines: string[] = [];
    const log = { info: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };
    const supervisor = supervisorIn(mediaMtx, log);
    await supervisor.start();
    await until(() => answers(mediaMtx));
    const url = `${mediaMtx.apiUrl}/v3/config/paths/replace/x`;
    await fetch(url, { method: 'POST', body: JSON.stringify({ source: 'ftp://secret.example/x' }) });
    await until(() => lines.some((line) => line.includes('invalid source')));
    expect(lines.join('\n')).not.toContain('secret.example');
    expect(await readFile(join(mediaMtx.folder, LOG_FILE), 'utf8')).toContain('invalid source');
  });

  test('and that a viewer asked for an address of 200 kB fills no line of ours', async () => {
    const mediaMtx = await place();
    await writeFile(mediaMtx.configPath, await mediaMtxTemplate());
    const lines: string[] = [];
    const log = { info: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };
    const supervisor = supervisorIn(mediaMtx, log);
    await supervisor.start();
    await until(() => answers(mediaMtx));
    const path = 'a.'.repeat(100_000);
    const offer = { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: 'v=0' };
    await fetch(`${mediaMtx.webrtcUrl}/${path}/whep`, offer);
    await until(() => lines.some((line) => line.includes('a.a.a.a.')));
    expect(await readFile(join(mediaMtx.folder, LOG_FILE), 'utf8')).toContain(path);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(2_100);
  });
});

test('a program is found by MEDIAMTX_BIN, then on PATH', async () => {
  expect(await findMediaMtxProgram('/nowhere/mediamtx', '/bin')).toBeNull();
  expect(await findMediaMtxProgram('sh', '/nowhere:/bin')).toBe('/bin/sh');
  expect(await findMediaMtxProgram(null, '/nowhere')).toBeNull();
});

test('MediaMTX gets its own settings of our environment, and none of our keys', () => {
  const env = mediaMtxEnvironment(
    { HIKVISION_SECRET: 's', MTX_LOGLEVEL: 'debug', PATH: '/bin', A: undefined },
    'http://127.0.0.1:9997',
  );
  expect(env).toEqual({ MTX_LOGLEVEL: 'debug', PATH: '/bin', MTX_API: 'yes', MTX_APIADDRESS: '127.0.0.1:9997' });
});
