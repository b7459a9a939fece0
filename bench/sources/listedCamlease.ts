import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ANY_PORTS, configureMediaMtx, findUsableMediaMtx } from '../../simulator/demo/mediaMtx.js';
import { freeTcpPort } from '../../simulator/demo/freePorts.js';
import { letTestsAskBy } from '../../test/support/engine/mediamtx.js';
import { packageRoot, startProgram } from '../../test/support/installation/programs.js';
import { json } from '../rig/json.js';
import { relayStatus } from '../rig/relayStatus.js';

/** An entry of `cameras:` in camlease.yml. */
export interface ListedCamera {
  readonly key: string;
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
}

export interface SeenCamera {
  readonly id: string;
  readonly feed: { readonly key: string } | null;
  readonly source: {
    readonly openedAt: string | null;
    readonly tracks: { readonly video: { readonly codec: string } } | null;
  };
  readonly failure: { readonly code: string; readonly message: string } | null;
}

/** camlease as a user starts it, with a MediaMTX and no account of a cloud; all its cameras stand in its camlease.yml. */
export interface ListedCamlease {
  /** When its process began, by `performance.now()`. */
  readonly beganMs: number;
  cameras(): Promise<readonly SeenCamera[]>;
  hasPicture(id: string): Promise<boolean>;
  /** Where MediaMTX serves a camera by RTSP. */
  rtsp(id: string): string;
  /** Process ids of the relay (parent and workers) and of MediaMTX. */
  pids(): Promise<{ readonly relay: readonly number[]; readonly mediaMtx: readonly number[] }>;
  stop(): Promise<void>;
}

export async function startListedCamlease(list: readonly ListedCamera[]): Promise<ListedCamlease> {
  const found = await findUsableMediaMtx(process.env['PATH'] ?? '', console.error);
  if (found === null) throw new Error('This bench needs mediamtx (v1.20.1 or newer) on PATH.');
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-bench-'));
  const mediaMtx = await configureMediaMtx(found, path.join(packageRoot(), 'mediamtx.yml'), dataDir, ANY_PORTS);
  const file = path.join(dataDir, 'mediamtx.yml');
  await letTestsAskBy(file);
  const rtspPort = /^rtspAddress:\s*\S*:(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  // JSON is YAML, too.
  writeFileSync(path.join(dataDir, 'camlease.yml'), JSON.stringify({ cameras: list }), { mode: 0o600 });
  const beganMs = performance.now();
  const camlease = startProgram('src/main.js', [], {
    ...{ DATA_DIR: dataDir, PORT: '0', ENGINE: 'auto', RELAY: 'auto', RELAY_PORT: String(await freeTcpPort()) },
    ...{ MEDIAMTX_BIN: mediaMtx.program, HLS_BASE_URL: mediaMtx.hlsBaseUrl, WEBRTC_BASE_URL: mediaMtx.webrtcBaseUrl },
    SOURCE_NETWORKS: '127.0.0.0/8',
  });
  const stop = async (): Promise<void> => {
    await camlease.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const [, url = ''] = await camlease.line(/answers on (http:\/\/[^\s"]+)/);
    return {
      beganMs,
      cameras: async () => (await json<{ cameras: SeenCamera[] }>(`${url}/api/camera?limit=1000`)).cameras,
      hasPicture: async (id) => (await fetch(`${url}/api/camera/${id}/snapshot`, { method: 'HEAD' })).ok,
      rtsp: (id) => `rtsp://127.0.0.1:${rtspPort}/${id}`,
      pids: async () => {
        const { pid, workers } = await relayStatus(dataDir);
        const relay = [pid, ...workers.map((worker) => worker.pid)];
        return { relay, mediaMtx: childrenOf(camlease.process.pid ?? 0, 'mediamtx') };
      },
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Linux only (/proc). */
function childrenOf(pid: number, name: string): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((child) => readFileSync(`/proc/${child}/comm`, 'utf8').trim() === name);
}
