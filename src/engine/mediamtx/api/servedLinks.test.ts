import { describe, expect, onTestFinished, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { makeMediaMtx, mediaMtxProgram, mediaMtxTemplate, until } from '../../../../test/support/engine/mediamtx.js';
import { engineFor } from '../../../../test/support/engine/mediamtxEngine.js';
import type { GlobalConfigReply } from './replies.js';
import { ServedLinks } from './servedLinks.js';

const SERVING: GlobalConfigReply = {
  ...{ rtsp: true, rtspAddress: ':8554', rtspEncryption: 'no' },
  ...{
    hls: true,
    hlsAddress: ':8888',
    hlsEncryption: false,
    webrtcAddress: ':8889',
    rtspAuthMethods: [],
    authMethod: 'internal',
    authInternalUsers: [],
    webrtc: true,
    webrtcEncryption: false,
  },
};

async function linksFor(
  config: Partial<GlobalConfigReply>,
  base = 'http://localhost',
): Promise<[ServedLinks, string[]]> {
  const said: string[] = [];
  const links = new ServedLinks({
    mayWatchDerived: () => true,
    client: { globalConfig: async () => ({ ...SERVING, ...config }) },
    clock: new TurnedClock(),
    log: { info: () => undefined, warn: (message) => void said.push(message) },
    hlsBaseUrl: `${base}:8888`,
    webrtcBaseUrl: `${base}:8889`,
  });
  await links.refresh();
  return [links, said];
}

describe('the addresses that viewers are given', () => {
  test('lead somewhere', async () => {
    const [links, said] = await linksFor({});
    expect(links).toMatchObject({ notServed: [], problem: null });
    expect(said).toEqual([]);
  });

  test.each([
    ['hls', { hls: false }],
    ['webrtc', { webrtc: false }],
  ] as const)('%s that is switched off is told once, and is no trouble', async (protocol, config) => {
    const [links, said] = await linksFor(config);
    expect(links).toMatchObject({ notServed: [protocol], problem: null });
    links.forget();
    await links.refresh();
    expect(said).toHaveLength(1);
  });

  test('both switched off are a trouble, with a cure', async () => {
    const [links] = await linksFor({ hls: false, webrtc: false });
    expect(links.problem).toMatch(/nobody can watch.*hls: yes/);
  });

  test.each([
    [{ hlsEncryption: true }, 'HLS_BASE_URL'],
    [{ webrtcEncryption: true }, 'WEBRTC_BASE_URL'],
  ])('%j with an address in clear is a trouble, and none with https:', async (config, variable) => {
    const [plain] = await linksFor(config);
    expect(plain.problem).toContain(variable);
    const [encrypted] = await linksFor(config, 'https://cams.example');
    expect(encrypted.problem).toBeNull();
  });
});

test.skipIf(mediaMtxProgram === null)('real MediaMTX without HLS: its links say so', async () => {
  const mediaMtx = await makeMediaMtx((await mediaMtxTemplate()).replace(/^hls: .*$/m, '') + '\nhls: no\n');
  onTestFinished(() => mediaMtx.stop());
  await mediaMtx.start();
  const engine = await engineFor(mediaMtx);
  onTestFinished(() => engine.stop());
  await engine.start();
  await until(() => engine.links('gate', '').notServed !== undefined);
  expect(engine.links('gate', '')).toMatchObject({ notServed: ['hls'] });
  expect(engine.status()).toMatchObject({ ready: true, problem: null });
});
