import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { readConfig } from '../../src/config/config.js';
import { camerasReply } from '../../src/http/shapes/replySchemas.js';
import { readDocument } from '../../src/store/reading/documentReading.js';
import { TEST_VENDORS, testVendorsWith } from '../support/clouds/vendors.js';
import { rigEngines, startAppRig, until } from '../support/installation/appRig.js';

/** The shortest that the cloud gives. */
const LIFETIME_SECONDS = 30;
const KEYS = { ACME_ACCESS_ID: 'an-access-id', ACME_SIGNING_KEY: 'ab'.repeat(16) };

it(
  'a cloud whose module only tests have is discovered, leased and renewed by the whole program',
  { timeout: 120_000 },
  async ({ onTestFinished }) => {
    const fleet = makeFleet({ cameras: 3, vendor: 'acme', seed: 'third-cloud' });
    const engine = rigEngines.at(-1) ?? 'embedded';
    const rig = await startAppRig({ fleet, engine, vendors: TEST_VENDORS, lifetimeSeconds: LIFETIME_SECONDS });
    onTestFinished(() => rig.stop());
    expect((await rig.post('/api/hikvision/initialize')).status).toBe(200);
    const cameras = async () => camerasReply.parse((await rig.get('/api/camera')).json).cameras;
    const first = await cameras();
    expect(first.map(({ vendor, account, name }) => [vendor, account, name])).toEqual(
      fleet.cameras().map(({ name }) => ['acme', 'acme', name]),
    );
    expect(first.every(({ lease }) => lease !== null)).toBe(true);
    await until('a renewal of each camera', (LIFETIME_SECONDS + 30) * 1000, cameras, (now) =>
      now.every(({ lease }) => (lease?.revision ?? 0) > 1),
    );
    expect(new Set(rig.simulator.calls('live-address').map(({ code }) => code))).toEqual(new Set(['ok']));
    expect(rig.simulator.gate.refusals()).toBe(0);
    const words = JSON.stringify(TEST_VENDORS.map(({ name }) => name));
    expect(words).toMatch(/^\["hikconnect","ezviz",.*"acme"\]$/);
    expect(JSON.stringify((await rig.get('/api/openapi.json')).json)).toContain(`"enum":${words}`);
    const [account] = rig.simulator.accounts;
    const tried = { vendor: 'acme', appKey: account?.appKey, secret: account?.secret, baseUrl: account?.baseUrls[0] };
    expect((await rig.post('/api/account/try', tried)).json).toMatchObject({ success: true, vendor: 'acme' });
    for (const line of rig.logLines) expect(line).not.toMatch(/seal=/);
  },
);

it('its credentials have their own names and form in the environment and in camlease.yml', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-'));
  try {
    const read = (env: Record<string, string>, file: string | null = null) =>
      readConfig({ DATA_DIR: folder, ...env }, file, TEST_VENDORS);
    const account = { name: 'acme', vendor: 'acme', appKey: KEYS.ACME_ACCESS_ID, secret: KEYS.ACME_SIGNING_KEY };
    expect(read(KEYS).config?.accounts).toMatchObject([account]);
    expect(read({ ...KEYS, ACME_SIGNING_KEY: 'hunter2' }).mistakes).toEqual([
      'ACME_SIGNING_KEY must be 32 hex digits, as the console shows them.',
    ]);
    expect(read({ ACME_ACCESS_ID: 'x' }).mistakes).toEqual([
      'ACME_ACCESS_ID is set but ACME_SIGNING_KEY is not: an account needs both.',
    ]);
    const yaml = (more: string) =>
      `accounts:\n  - name: acme\n    vendor: acme\n    accessId: an-access-id\n    ${more}`;
    expect(read({}, yaml(`signingKey: '${KEYS.ACME_SIGNING_KEY}'`)).config?.accounts).toMatchObject([account]);
    expect(read({}, yaml('secret: hunter2')).mistakes).toEqual([
      'camlease.yml: accounts.0.signingKey: must be given, as text: in quotes if it looks like a number.',
      'camlease.yml: accounts.0: unknown setting secret.',
    ]);
    expect(read({ ...KEYS, ACME_BASE_URL: 'https://eu.acme.test' }).mistakes).toBeNull();
    expect(read({ ...KEYS, ACME_BASE_URL: 'https://eu.acme.test.evil.example' }).mistakes).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('its live URLs in documents written by hand are read, and its other names', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const until36 = (now.getTime() / 1000 + 3600).toString(36);
  const rtmpPath = `rtmp://eu.media.acme.test/watch/A1B2-in4-low?until=${until36}&ref=77&seal=x`;
  const document = { id: 'gate', key: 'gate', fields: { name: 'Gate', vendor: 'Acme-Cams', rtmpPath } };
  const reading = readDocument(document, { vendors: testVendorsWith(), random: () => 0.5, now });
  expect(reading).toMatchObject({
    kind: 'camera',
    record: {
      camera: {
        source: { vendor: 'acme', deviceSerial: 'A1B2', channel: 4 },
        lease: { url: rtmpPath, urlId: '77', quality: 'sub', expiresAt: new Date(now.getTime() + 3_600_000) },
      },
    },
  });
});
