import { readdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { freeTcpPort } from '../../simulator/demo/freePorts.js';
import { startProgram, type Program } from '../support/installation/programs.js';
import { until } from '../support/installation/appRig.js';
import { cameraLogin } from '../support/rtsp/cameraLogin.js';
import { oddCamera, PPS, sdpOf, type OddCamera } from '../support/rtsp/oddCamera.js';

const PASSWORD = 'canarykilled4711';
const KILLS = 4;
const AT_ONCE = 12;
/** Of 640 x 360; a picture without a size does not open. */
const SPS = Buffer.from('67640016acb405017fcb8088000003000800000300f478b175', 'hex');
const SDP = sdpOf(
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  `a=fmtp:96 packetization-mode=1; sprop-parameter-sets=${SPS.toString('base64')},${PPS.toString('base64')}`,
  'a=control:trackID=0',
);

interface Stored {
  readonly id: string;
  readonly name: string;
  readonly failure: unknown;
  readonly source: {
    readonly kind: string;
    readonly user: string | null;
    readonly revision: number;
    readonly tracks: object | null;
    readonly openedAt: string | null;
  };
}

async function addTo(url: string, camera: OddCamera, name: string): Promise<number> {
  const source = { url: `rtsp://127.0.0.1:${camera.port}/${name}`, user: 'admin', password: PASSWORD };
  const reply = await fetch(`${url}/api/camera`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, source }),
  }).catch(() => null); // camlease is killed meanwhile
  return reply?.status ?? 0;
}

async function storedAt(url: string): Promise<readonly Stored[]> {
  return ((await (await fetch(`${url}/api/camera`)).json()) as { cameras: Stored[] }).cameras;
}

it(
  'camlease that is killed while cameras by URL are created stores each of them whole or not at all',
  { timeout: 240_000 },
  async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-killed-'));
    const login = cameraLogin({ password: PASSWORD });
    const camera = await oddCamera({ sdp: SDP, manners: { '*': login.manner } });
    const relayPort = String(await freeTcpPort());
    let camlease: Program | null = null;
    onTestFinished(async () => {
      await camlease?.stop();
      await camera.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });
    const start = async (): Promise<string> => {
      camlease = startProgram('src/main.js', [], {
        ...{ DATA_DIR: dataDir, PORT: '0', ENGINE: 'embedded', RELAY: 'auto', RELAY_PORT: relayPort },
        SOURCE_NETWORKS: '127.0.0.0/8',
      });
      const [, url = ''] = await camlease.line(/answers on (http:\/\/[^\s"]+)/);
      return url;
    };
    const acknowledged = new Set<string>();
    const asked: string[] = [];
    const isWhole = ({ source: { kind, user, revision, tracks, openedAt } }: Stored): boolean =>
      kind === 'url' && user === '***' && revision === 1 && tracks !== null && openedAt !== null;
    const check = (cameras: readonly Stored[]): void => {
      const names = cameras.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect([...acknowledged].filter((name) => !names.includes(name))).toEqual([]);
      expect(names.filter((name) => !asked.includes(name))).toEqual([]);
      expect(cameras.filter((one) => !isWhole(one))).toEqual([]);
    };

    for (let kill = 0; kill < KILLS; kill++) {
      const url = await start();
      check(await storedAt(url));
      // The relay may have to start first; cameras that come before are refused in words.
      asked.push(`first-${kill}`);
      const first = (): Promise<number> => addTo(url, camera, `first-${kill}`);
      await until('a relay that opens', 60_000, first, (status) => status === 201 || status === 409);
      acknowledged.add(`first-${kill}`);
      const before = camera.requests.length;
      const names = Array.from({ length: AT_ONCE }, (_, at) => `cam-${kill}-${at}`);
      asked.push(...names);
      const adding = names.map(async (name) => {
        if ((await addTo(url, camera, name)) === 201) acknowledged.add(name);
      });
      // Each time a little later in the opening of the cameras: from the first request to the last one.
      await camera.until(() => camera.requests.length - before > 1 + kill * 1.5 * AT_ONCE);
      await (camlease as Program | null)?.stop('SIGKILL');
      await Promise.all(adding);
    }

    const url = await start();
    const survivors = await storedAt(url);
    check(survivors);
    const lost = asked.filter((name) => !survivors.some((one) => one.name === name));
    // What was not stored can be given again; what was stored is there already.
    for (const name of lost) expect([name, await addTo(url, camera, name)]).toEqual([name, 201]);
    for (const { name } of survivors.slice(0, 3)) expect([name, await addTo(url, camera, name)]).toEqual([name, 409]);
    const all = await until(
      'all cameras',
      30_000,
      () => storedAt(url),
      (cameras) => cameras.length === asked.length,
    );
    check(all);
    expect(all.filter(({ failure }) => failure !== null)).toEqual([]);
    expect(login.refused).toEqual([]);
    const logs = readdirSync(dataDir).filter((name) => name.endsWith('.log'));
    for (const name of logs) expect(readFileSync(path.join(dataDir, name), 'utf8')).not.toContain(PASSWORD);
    expect((camlease as Program | null)?.lines.join('\n')).not.toContain(PASSWORD);
  },
);
