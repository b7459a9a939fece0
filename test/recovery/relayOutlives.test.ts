import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { freeTcpPort } from '../../simulator/demo/freePorts.js';
import { ANY_PORTS, configureMediaMtx } from '../../simulator/demo/mediaMtx.js';
import { readRunning } from '../../src/relay/wire/running.js';
import { mediaMtx, until } from '../support/installation/appRig.js';
import { packageRoot, startProgram, startSimulatorProgram, type Program } from '../support/installation/programs.js';
import { isAlive, kill } from '../support/relay/relayProcessRig.js';
import { playHls, playsOn, type HlsPlayer } from '../support/viewers/hlsPlayer.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const LIMIT_MS = 40_000;
const WHAT = 'camlease and the parent of its relay, killed below a viewer';
const canRun = mediaMtx !== null && nodeAvFor(WHAT);

interface Installation {
  readonly start: () => Promise<string>;
  readonly camlease: () => Program;
  /** Of the relay's parent. */
  readonly relay: () => number;
}

async function install(): Promise<Installation> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-outlives-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  if (mediaMtx === null) throw new Error('there is no mediamtx on PATH');
  const template = path.join(packageRoot(), 'mediamtx.yml');
  const running = await configureMediaMtx(mediaMtx, template, dataDir, ANY_PORTS);
  const simulator = await startSimulatorProgram(['--cameras', '1', '--vendor', 'hikconnect', '--port', '0']);
  onTestFinished(() => simulator.stop());
  const RELAY_PORT = String(await freeTcpPort());
  let camlease: Program | null = null;
  onTestFinished(async () => {
    await camlease?.stop();
    const left = readRunning(path.join(dataDir, 'relay'))?.pid ?? null;
    if (left !== null && isAlive(left)) await kill(left);
  });
  return {
    async start() {
      camlease = startProgram('src/main.js', [], {
        ...simulator.env,
        ...{ DATA_DIR: dataDir, PORT: '0', RELAY: 'auto', RELAY_PORT, MEDIAMTX_BIN: running.program },
        ...{ HLS_BASE_URL: running.hlsBaseUrl, WEBRTC_BASE_URL: running.webrtcBaseUrl },
        ...{ RENEW_CRON: '* * * * * *', DISCOVER_CRON: '0 0 1 1 *', SNAPSHOT_CRON: '0 0 1 1 *' },
      });
      const [, url = ''] = await camlease.line(/answers on (http:\/\/[^\s"]+)/);
      return url;
    },
    camlease() {
      if (camlease === null) throw new Error('camlease was not started');
      return camlease;
    },
    relay: () => readRunning(path.join(dataDir, 'relay'))?.pid ?? 0,
  };
}

async function watch(url: string): Promise<{ id: string; player: HlsPlayer }> {
  await fetch(`${url}/api/hikvision/initialize`, { method: 'POST' });
  const { cameras } = (await (await fetch(`${url}/api/camera`)).json()) as { cameras: { id: string }[] };
  const id = cameras[0]?.id ?? '';
  const live = await until(
    'an address',
    LIMIT_MS,
    () => fetch(`${url}/api/camera/${id}/live`),
    ({ ok }) => ok,
  );
  const player = await playHls(((await live.json()) as { hlsUrl: string }).hlsUrl);
  onTestFinished(() => player.leave());
  await playsOn(player);
  return { id, player };
}

async function renew(url: string, id: string): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ force: true, cameraIds: [id] });
  expect((await fetch(`${url}/api/hikvision/renew`, { method: 'POST', headers, body })).status).toBe(200);
}

it.skipIf(!canRun)(
  'a viewer notices neither that camlease is killed, nor the parent of the relay, nor the renewals after it',
  { timeout: 240_000 },
  async () => {
    const { start, camlease, relay } = await install();
    const { id, player } = await watch(await start());
    const before = relay();

    await camlease().stop('SIGKILL');
    await playsOn(player);
    expect(isAlive(before)).toBe(true);

    const url = await start();
    await renew(url, id);
    await playsOn(player);
    expect(relay()).toBe(before);

    await kill(before);
    await until(
      'the next parent',
      LIMIT_MS,
      () => Promise.resolve(relay()),
      (pid) => pid !== 0 && pid !== before && isAlive(pid),
    );
    await renew(url, id);
    await playsOn(player);

    await player.leave();
    const last = relay();
    await camlease().stop();
    expect(isAlive(last)).toBe(false);
  },
);
