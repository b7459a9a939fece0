import { randomBytes } from 'node:crypto';
import { link, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  makeMediaMtx,
  mediaMtxProgram,
  shippedTemplate,
  until,
  type TestMediaMtx,
} from '../../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor, streamsOf, usersFor } from '../../../../test/support/engine/mediamtxEngine.js';
import type { MediaEngine } from '../../mediaEngine.js';
import type { MediaMtxEngineOptions } from '../engineOptions.js';
import { openReader } from '../../../../test/support/rtsp/reader.js';
import { encodeGroup, publishGroup } from '../../../../test/support/viewers/publishedSource.js';
import { nodeAvFor } from '../../../../test/support/viewers/nodeAv.js';
import { systemClock } from '../../../systemClock.js';
import { Users } from './users.js';

interface Begun {
  readonly mediaMtx: TestMediaMtx;
  readonly engine: MediaEngine;
  readonly warnings: string[];
}

async function begin(text: string, more: Partial<MediaMtxEngineOptions> = {}): Promise<Begun> {
  const mediaMtx = await makeMediaMtx(text);
  onTestFinished(() => mediaMtx.stop());
  await mediaMtx.start();
  const warnings: string[] = [];
  const warn = (message: string, fields?: object): void => void warnings.push(`${message} ${JSON.stringify(fields)}`);
  const engine = await engineFor(mediaMtx, { log: { info: () => undefined, warn }, ...more });
  await engine.start();
  onTestFinished(() => engine.stop());
  return { mediaMtx, engine, warnings };
}

const isReady = (engine: MediaEngine): Promise<void> => until(() => engine.status().ready, 20_000);
const add = ({ apiUrl }: TestMediaMtx, authorization?: string): Promise<Response> =>
  fetch(`${apiUrl}/v3/config/paths/add/x`, {
    method: 'POST',
    body: JSON.stringify({ source: 'publisher' }),
    ...(authorization !== undefined && { headers: { authorization } }),
  });

/** The users in the shipped file before camlease had its own. */
const OLD_TRUST = `
  - user: any
    ips: ['127.0.0.1', '::1']
    permissions:
      - action: api
      - action: publish
      - action: read
`;

describe.skipIf(mediaMtxProgram === null)('users of ours in a real MediaMTX', () => {
  test('that trusts nobody and has other ones are written into its file at once, and open its API to us alone', async () => {
    const { mediaMtx, engine } = await begin(await shippedTemplate());
    await isReady(engine);
    await engine.apply(streamsOf({ gate: aTarget() }));
    await until(async () => (await mediaMtx.config()).includes('"gate"'));
    expect((await add(mediaMtx)).status).toBe(401);
    const { apiAuthorization, current } = await usersFor(mediaMtx);
    expect((await add(mediaMtx, apiAuthorization)).status).toBe(200);
    for (const { name, pass } of [current.publish, current.read]) {
      const login = `Basic ${Buffer.from(`${name}:${pass}`).toString('base64')}`;
      expect((await add(mediaMtx, login)).status).toBe(401);
    }
    // The file holds the API user's password only as a hash.
    expect(await mediaMtx.config()).not.toContain(current.api.pass);
  });

  test('cannot be written into a file with two names, and that is the cure which is said', async () => {
    const mediaMtx = await makeMediaMtx(await shippedTemplate());
    onTestFinished(() => mediaMtx.stop());
    await link(mediaMtx.configPath, `${mediaMtx.configPath}.twin`);
    await mediaMtx.start();
    const engine = await engineFor(mediaMtx);
    await engine.start();
    onTestFinished(() => engine.stop());
    await until(() => engine.status().problem?.includes('does not let camlease in') === true);
    const { problem } = engine.status();
    expect(problem).toContain('a hard link');
    // MediaMTX reads this very file, so that cure would mislead.
    expect(problem).not.toContain('start MediaMTX with that file');
  });

  test('stay out of it where the operator named one that MediaMTX does not know, and that is the cure which is said', async () => {
    const mediaMtx = await makeMediaMtx(await shippedTemplate());
    onTestFinished(() => mediaMtx.stop());
    await mediaMtx.start();
    const users = await Users.open({
      folder: mediaMtx.folder,
      newSecret: () => randomBytes(24).toString('base64url'),
      keepSecret: () => undefined,
      givenApi: { name: 'boss', pass: 'wrong' },
    });
    const engine = await engineFor(mediaMtx, { users });
    await engine.start();
    onTestFinished(() => engine.stop());
    await until(() => engine.status().problem?.includes('The user of MEDIAMTX_API_USER') === true);
    expect(engine.status().problem).not.toContain('mediamtx-users.yml');
  });

  test('whose file has no list of users come beside those that were in force, and that these are open is said once', async () => {
    const { mediaMtx, engine, warnings } = await begin('paths:\n  gate: {source: publisher}\n');
    await isReady(engine);
    await engine.apply(streamsOf({ yard: aTarget() }));
    await until(async () => (await mediaMtx.config()).includes('camlease-read-'));
    expect((await add(mediaMtx)).status).toBe(200);
    const said = warnings.filter((line) => line.startsWith('MediaMTX lets'));
    expect(said).toHaveLength(2);
    expect(said.join()).toMatch(/everybody use the internal|everybody publish over cameras/);
    expect(said.join()).toContain('starts any program');
    expect(said.join()).toContain("take away '- action: api'");
    expect(mediaMtx.pid).not.toBeNull();
  });

  test('that takes RTSP logins by digest stand in clear, and it goes on', async () => {
    const text = `rtspAuthMethods: [digest]\n${await shippedTemplate()}`;
    const { mediaMtx, engine } = await begin(text);
    await isReady(engine);
    const { pid } = mediaMtx;
    const { current } = await usersFor(mediaMtx);
    expect(await mediaMtx.config()).toContain(current.read.pass);
    await engine.apply(streamsOf({ gate: aTarget() }));
    expect(await pathNamesAs(mediaMtx)).toContain('gate');
    expect(mediaMtx.pid).toBe(pid);
  });

  test.skipIf(!nodeAvFor('moving over'))('move an old installation over by one rewrite that drops nobody', async () => {
    const text = (await shippedTemplate()).replace(/^authInternalUsers:/m, `authInternalUsers:${OLD_TRUST.trimEnd()}`);
    const mediaMtx = await makeMediaMtx(`${text}  cam: {source: publisher}\n`);
    onTestFinished(() => mediaMtx.stop());
    await mediaMtx.start();
    const address = `rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/cam`;
    const source = await publishGroup(address, await encodeGroup(10));
    onTestFinished(() => source.stop());
    let [packets, ended] = [0, false];
    const reader = await openReader(systemClock, address, {
      packet: () => void (packets += 1),
      end: () => void (ended = true),
    });
    onTestFinished(() => reader.close());
    const engine = await engineFor(mediaMtx);
    await engine.start();
    onTestFinished(() => engine.stop());
    await engine.apply(streamsOf({ gate: aTarget(), yard: aTarget(), door: aTarget() }));
    const written = await mediaMtx.config();
    expect(written).toContain('camlease-api-');
    expect(written).toContain(OLD_TRUST.trim());
    const before = packets;
    await until(() => packets > before + 30);
    expect(ended).toBe(false);
  });

  test.skipIf(!nodeAvFor('viewers'))(
    'count each viewer who guesses a name of ours, or says that he is us',
    async () => {
      const { mediaMtx, engine } = await begin(`${await shippedTemplate()}  cam: {source: publisher}\n`);
      await isReady(engine);
      const users = await usersFor(mediaMtx);
      const { publish, api } = users.current;
      const to = `rtsp://${publish.name}:${publish.pass}@127.0.0.1:${mediaMtx.ports.rtsp}/cam`;
      const source = await publishGroup(to, await encodeGroup(10));
      onTestFinished(() => source.stop());
      const watch = async (authorization: string): Promise<number> =>
        (await fetch(`${mediaMtx.hlsUrl}/cam/index.m3u8?cookieCheck=1&camlease=own`, { headers: { authorization } }))
          .status;
      expect(await watch(users.readAuthorization)).toBe(200);
      expect((await engine.viewers())?.get('cam') ?? 0).toBe(0);
      const guesses = ['camlease', 'camlease-api', 'camlease-api-', api.name.toLowerCase(), api.name.slice(0, -1)];
      for (const name of guesses) expect(await watch(`Basic ${Buffer.from(`${name}:x`).toString('base64')}`)).toBe(200);
      expect((await engine.viewers())?.get('cam')).toBe(guesses.length);
    },
  );

  test('are its operator’s to write where it reads another file, and he is told where they stand', async () => {
    const mediaMtx = await makeMediaMtx(await shippedTemplate());
    onTestFinished(() => mediaMtx.stop());
    const elsewhere = `${mediaMtx.folder}/elsewhere.txt`;
    await writeFile(elsewhere, await shippedTemplate());
    await mediaMtx.start(elsewhere);
    const engine = await engineFor(mediaMtx);
    await engine.start();
    onTestFinished(() => engine.stop());
    expect(engine.status()).toMatchObject({ ready: false });
    // MediaMTX holds back the reply to a login that it refuses, now and then for longer than the first poll waits.
    await until(() => /mediamtx-users\.yml.*MEDIAMTX_API_USER/.test(engine.status().problem ?? ''));
    const { linesPath } = await usersFor(mediaMtx);
    const [, lines = ''] = (await readFile(linesPath, 'utf8')).split('authInternalUsers:\n');
    await writeFile(
      elsewhere,
      (await shippedTemplate()).replace(/^authInternalUsers:\n/m, (key) => key + lines),
    );
    await isReady(engine);
  });
});

async function pathNamesAs(mediaMtx: TestMediaMtx): Promise<string[]> {
  const { apiAuthorization } = await usersFor(mediaMtx);
  const reply = await fetch(`${mediaMtx.apiUrl}/v3/config/paths/list`, {
    headers: { authorization: apiAuthorization },
  });
  const { items } = (await reply.json()) as { items: { name: string }[] };
  return items.map(({ name }) => name);
}
