import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { freeTcpPort } from '../../simulator/demo/freePorts.js';
import { childModule } from '../../src/core/childModule.js';
import type { RelayCamera, RelayCameras } from '../../src/core/streams/relay.js';
import { RelayClient } from '../../src/relay/client/relayClient.js';
import { remoteHost } from '../../src/relay/client/remoteHost.js';
import { systemClock } from '../../src/systemClock.js';
import { until } from '../support/engine/mediamtx.js';
import { goesOn, OUR_VERSION, playFrom, pulled, startCloud, tempFolder } from '../support/relay/relayProcessRig.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const SECRET = 'a-secret-of-sixteen-or-more';
/** A disk of its own for one process, which goes with it. */
const MOUNT = ['--mount', 'sh', '-c', 'mount -t tmpfs -o size=256k none "$0" && exec "$@"'];

function canMount(): boolean {
  const folder = tempFolder();
  const { status } = spawnSync('unshare', [...MOUNT, folder, 'true']);
  rmSync(folder, { recursive: true });
  if (status !== 0) process.stdout.write('No disk can be made here: a relay on a full disk was not tried.\n');
  return status === 0;
}

async function relayOnSmallDisk(): Promise<RelayClient> {
  const dataDir = tempFolder();
  const port = await freeTcpPort();
  const controlPort = await freeTcpPort();
  const relay = fileURLToPath(childModule('../../src/relayMain.js', import.meta.url));
  const env = { DATA_DIR: dataDir, RELAY_PORT: String(port), RELAY_CONTROL_PORT: String(controlPort) };
  const child = spawn('unshare', [...MOUNT, dataDir, process.execPath, relay], {
    env: { PATH: process.env['PATH'], ...env, RELAY_SECRET: SECRET },
    stdio: 'ignore',
  });
  const gone = once(child, 'exit');
  const client = new RelayClient({
    host: remoteHost({ url: `http://127.0.0.1:${controlPort}`, secret: SECRET, dataDir, version: OUR_VERSION }),
    ...{ clock: systemClock, isAlone: true, endsWithUs: false, keepSecret: () => undefined },
    log: { info: () => undefined, warn: () => undefined },
  });
  onTestFinished(async () => {
    await client.stop();
    child.kill('SIGTERM');
    await gone;
    rmSync(dataDir, { recursive: true, force: true });
  });
  await client.start();
  await until(() => client.problem === null, 30_000);
  return client;
}

const long = (revision: number): RelayCamera => ({
  target: {
    url: `rtmp://127.0.0.1:1/app/${'x'.repeat(3_000)}`,
    givenBy: 'cloud',
    revision,
    endsAt: null,
    tracks: null,
  },
  candidate: null,
  whenGone: 'slate',
  cap: null,
});

it.skipIf(!nodeAvFor('a relay on a full disk') || !canMount())(
  'a relay on a full disk acknowledges nothing that it could not write, serves on, and goes on when there is room',
  async () => {
    const client = await relayOnSmallDisk();
    const origin = await startCloud();
    const few = (revision: number): RelayCameras => new Map([['gate', pulled(origin, revision)]]);
    await client.setCameras(few(1), 0);
    const reader = await playFrom(new URL(client.sourceFor('gate') ?? ''));
    if (reader === null) throw new Error('the camera is not served');

    const many = new Map([...few(2), ...Array.from({ length: 200 }, (_, at) => [`camera-${at}`, long(1)] as const)]);
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(client.setCameras(many, 0)).rejects.toMatchObject({ code: 'DISK_FULL' });
    const full = client.keepSlate('gate', [Buffer.alloc(300_000, 0x65)]);
    await expect(full).rejects.toMatchObject({ code: 'DISK_FULL' });
    await goesOn(reader);
    expect((await client.states())?.get('gate')).toMatchObject({ state: 'live', revision: 1 });

    await client.setCameras(few(3), 0);
    await client.keepSlate('gate', [Buffer.alloc(1_000, 0x65)]);
    await expect
      .poll(async () => (await client.states())?.get('gate'), { timeout: 15_000 })
      .toMatchObject({ state: 'live', revision: 3 });
    await goesOn(reader);
  },
  90_000,
);
