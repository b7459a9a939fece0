import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeFleet, type AccountFault, type CameraFault } from '../../simulator/index.js';
import { ROUTES } from '../../src/http/routes.js';
import { camerasReply } from '../../src/http/shapes/replySchemas.js';
import { rigEngines, startAppRig, until, type AppRig } from '../support/installation/appRig.js';
import {
  filesWithSecrets,
  leaksIn,
  secretsIn,
  secretsOfUrl,
  type Leak,
  type Secret,
} from '../support/installation/secretSearch.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const CAMERA_FAULTS: readonly (CameraFault | null)[] = [
  ...[null, 'offline', 'encrypted', 'h265', 'h265-main', 'deleted'],
  ...['timeout', 'error-clip', 'no-video', 'hang'],
] as (CameraFault | null)[];
const SLOW: readonly CameraFault[] = ['hang', 'timeout', 'no-video'];
/** In this order: the last ones hold the account for a minute, or for ever. */
const ACCOUNT_FAULTS: readonly AccountFault[] = [
  ...['token-dead', 'wrapped-codes', 'unreadable', 'busy', 'refused'],
  ...['wrong-region', 'token-rejected', 'quota', 'rate-limited', 'hang'],
] as AccountFault[];
const WRONG_KEY = 'wrongkey0123456789abcdefwrongkey';
const HAND_MADE =
  'rtmp://127.0.0.1:1935/v3/openlive/Z12345678_1_1?expire=4070908800&id=99887766554433221&t=0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c&ev=100';
const KEPT_OUT = 'rtmp://evil.example/v3/openlive/X1_1_1?expire=4070908800&t=aaaabbbbccccddddeeeeffff0000111122223333';

/** Followed from the first step to the last. */
const ENDLESS = '/api/events';

const hasNodeAv = nodeAvFor('secrets in replies and files');

// Side by side: most of it is waiting for clouds that do not answer.
describe.concurrent.each(rigEngines)('secrets, with the engine %s', (engine) => {
  const name = 'get into no reply, header or log line, and only into files that nobody else can read';
  it.skipIf(!hasNodeAv)(name, { timeout: 240_000 }, async ({ onTestFinished }) => {
    const fleet = makeFleet({
      cameras: 2 * CAMERA_FAULTS.length,
      vendor: 'both',
      seed: `secrets-${engine}`,
      channelsPerDevice: 1,
    });
    fleet.cameras().forEach(({ ref }, index) => {
      const fault = CAMERA_FAULTS[index % CAMERA_FAULTS.length];
      if (fault) fleet.setCameraFault(ref, fault, true);
    });
    // The pace is tried elsewhere: here a cloud that counts would only make everybody wait for a minute now and then.
    for (const { rateLimit } of fleet.accounts) rateLimit.strict = false;
    const rig = await startAppRig({
      fleet,
      engine,
      lifetimeSeconds: 30,
      snapshotCron: '* * * * * *',
      discoverCron: '*/7 * * * * *',
      page: true,
    });
    onTestFinished(() => rig.stop());

    const endSteps = await rig.follow('/api/events');
    await useIt(rig);
    await breakIt(rig);
    expect(endSteps()).toContain('event: step');
    const files = filesWithSecrets(rig.dataDir, secretsIn(rig.cloudReplies));
    const folderMode = (statSync(rig.dataDir).mode & 0o777).toString(8);
    await rig.stop();

    const secrets: Secret[] = [
      ...secretsIn(rig.cloudReplies),
      ...[HAND_MADE, KEPT_OUT].flatMap(secretsOfUrl),
      ...[WRONG_KEY, ...fleet.accounts.flatMap(({ appKey, secret }) => [appKey, secret])].map((text): Secret => ({
        what: 'key',
        text,
      })),
    ];
    expectEnoughToSearch(rig, secrets);
    expect(leaksOf(rig, secrets)).toEqual([]);

    expect(files.length).toBeGreaterThan(0);
    expect(files.filter(({ mode }) => mode !== '600')).toEqual([]);
    expect(folderMode).toBe('700');
  });
});

/** All that people do with an installation that works, wrong inputs included. */
async function useIt(rig: AppRig): Promise<void> {
  await rig.send('POST', '/api/hikvision/initialize', { headers: { prefer: 'respond-async' } });
  const cameras = await until(
    'leases',
    25_000,
    async () => camerasReply.parse((await rig.get('/api/camera')).json).cameras,
    (all) => all.filter(({ lease }) => lease !== null).length >= 10,
  );
  // Not those whose picture or whose cloud is waited for long: the running pass of initialize meets these.
  const quick = new Set(
    rig.simulator.fleet
      .cameras()
      .flatMap(({ name, faults }) => (SLOW.some((fault) => faults.has(fault)) ? [] : [name])),
  );
  const cameraIds = cameras.flatMap(({ id, name }) => (quick.has(name) ? [id] : []));
  const renewal = rig.post('/api/hikvision/renew', { cameraIds, force: true });
  await rig.post('/api/camera', { name: 'By hand', hikvisionDeviceSerial: 'Z12345678', rtmpPath: HAND_MADE });
  await rig.post('/api/camera', { name: 'Refused', hikvisionDeviceSerial: 'Z12345679', rtmpPath: KEPT_OUT });
  for (const { vendor, appKey, baseUrls } of rig.simulator.accounts) {
    const [baseUrl = ''] = baseUrls;
    await rig.post('/api/account/try', { vendor, appKey, secret: WRONG_KEY, baseUrl });
    await rig.post('/api/account/try', { vendor, appKey: WRONG_KEY, secret: WRONG_KEY, baseUrl });
    await rig.post('/api/account/try', { vendor, appKey, secret: WRONG_KEY, baseUrl: KEPT_OUT });
  }
  await askEverything(rig, [...cameras.map(({ id }) => id), 'nobody', '..%2f..', '%00']);
  const reply = await renewal;
  await rig.get(String(reply.headers['location']));
  // The camera that sends no video has no picture of a proof, so one is taken for each of its leases.
  const pictures = (): Promise<number> => Promise.resolve(rig.simulator.calls('picture').length);
  await until('a captured picture', 30_000, pictures, (count) => count > 0);
}

/** Every route with good and bad ids, and with bodies and queries that hold secrets where none belong. */
async function askEverything(rig: AppRig, ids: readonly string[]): Promise<void> {
  const bodies: unknown[] = [
    { rtmpPath: KEPT_OUT },
    { name: 'x', hikvisionDeviceSerial: 'A1', mode: KEPT_OUT },
    { cameraIds: [KEPT_OUT] },
    { appkey: WRONG_KEY },
    { vendor: WRONG_KEY, appKey: { $gt: WRONG_KEY } },
    `{"secret":"${WRONG_KEY}","rtmpPath":"${KEPT_OUT}"`,
  ];
  for (const { method, path } of ROUTES) {
    const targets = path.includes(':id') ? ids.map((id) => path.replace(':id', id)) : [path];
    const filled = targets.map((target) => target.replace(':file', 'index.m3u8').replace(':session', 'x'));
    if (path === ENDLESS) {
      await rig.get(`${path}?limit=${WRONG_KEY}&${encodeURIComponent(KEPT_OUT)}=1`);
      continue;
    }
    // Together: a playlist is answered when there are pictures, or when there is no hope of any.
    if (method === 'get') await Promise.all(filled.map((target) => rig.get(target)));
    const target = path
      .replace(':id', ids[0] ?? '')
      .replace(':file', 'x')
      .replace(':session', 'x');
    if (method === 'get') await rig.get(`${target}?limit=${WRONG_KEY}&${encodeURIComponent(KEPT_OUT)}=1`);
    else
      for (const body of bodies) {
        const headers = { 'content-type': path.includes('whep') ? 'application/sdp' : 'application/json' };
        await rig.send(method.toUpperCase(), target, {
          headers,
          body: typeof body === 'string' ? body : JSON.stringify(body),
        });
      }
  }
}

/** Each fault of an account in turn, at both vendors: the keys are tried, and discovery and renewal meet it too. */
async function breakIt(rig: AppRig): Promise<void> {
  const { fleet, accounts } = rig.simulator;
  const slow: Promise<unknown>[] = [];
  for (const fault of ACCOUNT_FAULTS) {
    for (const { name } of accounts) fleet.setAccountFault(name, fault, true);
    await rig.send('POST', '/api/hikvision/initialize', { headers: { prefer: 'respond-async' } });
    await rig.send('POST', '/api/hikvision/renew', { headers: { prefer: 'respond-async' }, body: { force: true } });
    const tries = accounts.map(({ vendor, appKey, secret, baseUrls }) =>
      rig.post('/api/account/try', { vendor, appKey, secret, baseUrl: baseUrls[0] }),
    );
    if (fault === 'hang') slow.push(...tries);
    else await Promise.all(tries);
    for (const path of ['/api/account', '/ready', '/metrics', '/api/camera']) await rig.get(path);
    if (fault !== 'hang') for (const { name } of accounts) fleet.setAccountFault(name, fault, false);
  }
  await Promise.all(slow);
}

function leaksOf(rig: AppRig, secrets: readonly Secret[]): Leak[] {
  const leaks = [
    ...rig.exchanges.flatMap(({ request, reply: { headers, text } }) =>
      leaksIn(request, JSON.stringify(headers) + text, secrets),
    ),
    ...rig.logLines.flatMap((line) => leaksIn(`log: ${messageOf(line)}`, line, secrets)),
  ];
  // Even of URLs that nobody thought of: no live URL has another application. Front ends of the Hikvision guide get it masked.
  for (const { request, reply } of rig.exchanges)
    if (/openlive(?!\/\*\*\*")/.test(reply.text.replaceAll('?***', '')))
      leaks.push({ what: 'live URL', where: request });
  for (const line of rig.logLines)
    if (/openlive|accessToken/.test(line)) leaks.push({ what: 'live URL', where: `log: ${messageOf(line)}` });
  return [...new Map(leaks.map((leak) => [`${leak.what} ${leak.where}`, leak])).values()];
}

const logLine = z.object({ msg: z.string() });

function messageOf(line: string): string {
  return logLine.parse(JSON.parse(line)).msg;
}

/** A search that has nothing to look for, or nowhere to look, finds nothing. */
function expectEnoughToSearch(rig: AppRig, secrets: readonly Secret[]): void {
  const count = (what: Secret['what']): number => secrets.filter((secret) => secret.what === what).length;
  expect(count('live URL')).toBeGreaterThan(30);
  expect(count('signature')).toBeGreaterThan(10);
  expect(count('picture URL')).toBeGreaterThan(0);
  expect(count('token')).toBeGreaterThan(4);
  expect(count('key')).toBe(5);
  expect(rig.exchanges.length).toBeGreaterThan(300);
  expect(rig.logLines.length).toBeGreaterThan(100);
  const seen = new Set(rig.exchanges.map(({ reply }) => reply.status));
  expect([200, 202, 400, 404, 409, 502].filter((status) => !seen.has(status))).toEqual([]);
  for (const secret of secrets) expect(leaksIn('here', `x${secret.text}y`, [secret])).toHaveLength(1);
}
