import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ANY_PORTS, configureMediaMtx, findUsableMediaMtx } from '../../simulator/demo/mediaMtx.js';
import { packageRoot, startProgram, startSimulatorProgram } from '../../test/support/programs.js';
import { freshUrl } from './freshUrl.js';
import { json } from './json.js';
import { letTestsAskBy } from '../../test/support/mediamtx.js';

export const KINDS = ['control', 'naive', 'forced', 'handover', 'splice'] as const;
export type Kind = (typeof KINDS)[number];
export const TRANSPORTS = ['webrtc', 'hls'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** The naive path is the operator's own: camlease knows nothing of it. */
const NAIVE_PATH = 'naive';
const MODES: Partial<Record<Kind, string>> = { handover: 'always-on', splice: 'seamless' };

/** camlease keeps changes of on-demand cameras apart, by up to 128 s. */
const MOVE_LIMIT_MS = 150_000;

interface Camera {
  readonly id: string;
  readonly name: string;
  readonly hikvisionDeviceSerial: string;
  readonly hikvisionResourceId: string;
  readonly lease: { readonly revision: number } | null;
}

export interface Move {
  /** `swap`, `rebuild`, `forward` or `splice`. */
  readonly how: string;
  readonly at: Date;
}

/** Simulator, MediaMTX and camlease, each a process of its own, with one camera for each kind. */
export interface Rig {
  /** Kinds whose mode camlease refuses, with its reason. */
  readonly refused: ReadonlyMap<Kind, string>;
  pageOf(kind: Kind, transport: Transport): string;
  /** Before its pages open: what is to be done, and is not part of the renewal. */
  prepare(kind: Kind): Promise<void>;
  /** Renews the camera of this kind; resolves when whoever renews says it is done. */
  renew(kind: Kind): Promise<void>;
  /** The camera's move to another lease since then, once camlease tells it; null: this kind has none to tell. */
  moved(kind: Kind, since: Date): Promise<Move | null>;
  /** Ids of MediaMTX's sessions that read the path of this kind. */
  sessions(kind: Kind, transport: Transport): Promise<ReadonlySet<string>>;
  stop(): Promise<void>;
}

export async function startRig(keyFrameSeconds: number, kinds: readonly Kind[]): Promise<Rig> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-gap-'));
  const program = await findUsableMediaMtx(process.env['PATH'] ?? '', console.error);
  if (program === null) throw new Error('This bench needs mediamtx on PATH.');
  const mediaMtx = await configureMediaMtx(program, path.join(packageRoot(), 'mediamtx.yml'), dataDir, ANY_PORTS);
  await letTestsAskBy(path.join(dataDir, 'mediamtx.yml'));
  // Replaced before anybody watches: the file must only be valid.
  const nowhere = 'rtmp://127.0.0.1:9/v3/openlive#nothing';
  appendFileSync(path.join(dataDir, 'mediamtx.yml'), `  ${NAIVE_PATH}: {source: '${nowhere}', sourceOnDemand: yes}\n`);
  const simulator = await startSimulatorProgram(
    `--cameras ${KINDS.length} --vendor hikconnect --port 0 --key-frames ${keyFrameSeconds}`.split(' '),
  );
  const camlease = startProgram('src/main.js', [], {
    ...simulator.env,
    DATA_DIR: dataDir,
    PORT: '0',
    STREAM_LIFETIME_SECONDS: '604800',
    ENGINE: 'auto',
    MEDIAMTX_BIN: mediaMtx.program,
    HLS_BASE_URL: mediaMtx.hlsBaseUrl,
    WEBRTC_BASE_URL: mediaMtx.webrtcBaseUrl,
    // Nothing but the renewals that are measured.
    DISCOVER_CRON: '0 0 1 1 *',
    SNAPSHOT_CRON: '0 0 1 1 *',
  });
  const stop = async (): Promise<void> => {
    await camlease.stop();
    await simulator.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const [, url = ''] = await camlease.line(/answers on (http:\/\/[^\s"]+)/);
    const cameras = await leasedCameras(url);
    const cameraOf = (kind: Kind): Camera => {
      const camera = cameras[KINDS.indexOf(kind)];
      if (!camera) throw new Error(`There is no camera for ${kind}.`);
      return camera;
    };
    const pathOf = (kind: Kind): string => (kind === 'naive' ? NAIVE_PATH : cameraOf(kind).id);
    const api = `${mediaMtx.apiUrl}/v3`;
    const patchNaive = (source: string): Promise<unknown> =>
      json(`${api}/config/paths/patch/${NAIVE_PATH}`, 'PATCH', { source });
    let nextNaive = '';
    return {
      refused: await setModes(url, kinds, cameraOf),
      pageOf: (kind, transport) => {
        if (kind === 'forced') return `${url}/?camera=${cameraOf(kind).id}&play=${transport}`;
        const base = transport === 'hls' ? mediaMtx.hlsBaseUrl : mediaMtx.webrtcBaseUrl;
        return `${base}/${pathOf(kind)}/`;
      },
      prepare: async (kind) => {
        if (kind !== 'naive') return;
        // A rewrite of the file takes back what was patched.
        await patchNaive(await freshUrl(simulator.env, cameraOf(kind)));
        nextNaive = await freshUrl(simulator.env, cameraOf(kind));
      },
      renew: async (kind) => {
        if (kind === 'control') return;
        if (kind === 'naive') {
          await patchNaive(nextNaive);
          return;
        }
        const body = { cameraIds: [cameraOf(kind).id], force: true };
        const report = await json<{ renewed?: number }>(`${url}/api/hikvision/renew`, 'POST', body);
        if (report.renewed !== 1) throw new Error(`camlease did not renew: ${JSON.stringify(report)}`);
      },
      moved: async (kind, since) => {
        if (kind === 'control' || kind === 'naive') return null;
        for (const endMs = Date.now() + MOVE_LIMIT_MS; Date.now() < endMs;) {
          const { events } = await json<{ events: { step: string; reason: string; at: string }[] }>(
            `${url}/api/camera/${cameraOf(kind).id}/events?limit=20`,
          );
          const move = events.find(({ step, at }) => step === 'handed-over' && new Date(at) >= since);
          if (move) return { how: move.reason, at: new Date(move.at) };
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        throw new Error(`The media server had no other lease within ${MOVE_LIMIT_MS / 1_000} s.`);
      },
      sessions: async (kind, transport) => {
        const list = transport === 'hls' ? 'hlssessions' : 'webrtcsessions';
        const { items } = await json<{ items: { id: string; path: string }[] }>(
          `${api}/${list}/list?itemsPerPage=1000`,
        );
        return new Set(items.filter((item) => item.path === pathOf(kind)).map(({ id }) => id));
      },
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function leasedCameras(url: string): Promise<readonly Camera[]> {
  await json(`${url}/api/hikvision/initialize`, 'POST');
  for (let tries = 0; tries < 60; tries++) {
    const { cameras } = await json<{ cameras: Camera[] }>(`${url}/api/camera`);
    const sorted = [...cameras].sort((a, b) => a.name.localeCompare(b.name));
    if (sorted.length === KINDS.length && sorted.every(({ lease }) => lease)) return sorted;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('Not every camera was leased within 30 s.');
}

async function setModes(
  url: string,
  kinds: readonly Kind[],
  cameraOf: (kind: Kind) => Camera,
): Promise<ReadonlyMap<Kind, string>> {
  const refused = new Map<Kind, string>();
  for (const kind of kinds) {
    const mode = MODES[kind];
    if (mode === undefined) continue;
    await json(`${url}/api/camera/${cameraOf(kind).id}`, 'PUT', { mode }).catch((error: unknown) => {
      refused.set(kind, error instanceof Error ? error.message : String(error));
    });
  }
  return refused;
}
