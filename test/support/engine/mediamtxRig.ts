import { readFile, writeFile } from 'node:fs/promises';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin, StreamVerdict } from '../../../simulator/origin/types.js';
import type { CameraMode } from '../../../src/core/camera/camera.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import type { DesiredStreams } from '../../../src/core/streams/streams.js';
import type { MediaEngine, StreamState } from '../../../src/engine/mediaEngine.js';
import type { MediaMtxEngineOptions } from '../../../src/engine/mediamtx/mediaMtxEngine.js';
import { createMediaProcess } from '../../../src/media/process/mediaProcess.js';
import { systemClock } from '../../../src/systemClock.js';
import { playStream, type Played, type StreamWatch } from '../viewers/streamWatch.js';
import { makeMediaMtx, mediaMtxTemplate, pathNames, until, type TestMediaMtx } from './mediamtx.js';
import { aTarget, engineFor, usersFor } from './mediamtxEngine.js';

/** A real MediaMTX with an engine, an origin that plays what a stream's name says, and the media process. */
export interface MediaMtxRig {
  readonly mediaMtx: TestMediaMtx;
  readonly origin: Origin;
  readonly engine: MediaEngine;
  /** The warnings that the engine logged. */
  readonly warnings: string[];
  /** Replaces the engine by a new one, as after a restart of camlease. */
  readonly restartEngine: (more?: Partial<MediaMtxEngineOptions>) => Promise<MediaEngine>;
  readonly lease: (cameraId: string, revision: number, shows?: Shows) => PullTarget;
  readonly names: () => Promise<string[]>;
  readonly path: (name: string) => Promise<SeenPath | null>;
  readonly state: (cameraId: string) => Promise<StreamState | undefined>;
  /** Resolves when the camera's public path has its picture; applies the same lease until then. */
  readonly onAir: (cameraId: string) => Promise<void>;
  readonly watch: (cameraId: string) => Promise<StreamWatch<Played>>;
  readonly stop: () => Promise<void>;
}

/** How a lease's stream differs from H.264 without sound. */
export type Shows = Pick<StreamVerdict, 'sound'> & Partial<Pick<StreamVerdict, 'play' | 'clipKey'>>;

export interface SeenPath {
  readonly online: boolean;
  readonly source: { readonly type: string; readonly id: string } | null;
  readonly readers: readonly { readonly type: string; readonly id: string }[];
  readonly tracks: readonly string[];
}

export interface RigOptions {
  readonly engine?: Partial<MediaMtxEngineOptions>;
  /** Changes the shipped template. */
  readonly config?: (template: string) => string;
  /** True: MediaMTX gets another file than the one that the engine writes. */
  readonly otherFile?: boolean;
}

export async function startMediaMtxRig({
  engine: more = {},
  config,
  otherFile,
}: RigOptions = {}): Promise<MediaMtxRig> {
  const shown = new Map<string, Shows>();
  const origin = await startOrigin({
    clock: systemClock,
    keyFrameSeconds: 1,
    lookup: (app, name) => {
      const shows = shown.get(name) ?? {};
      const play = app === 'v3/openlive' ? (shows.play ?? 'camera') : 'refuse';
      return { cameraName: 'Gate', clipKey: 'gate', ...shows, play };
    },
  });
  const template = await mediaMtxTemplate();
  const text = config ? config(template) : template;
  const mediaMtx = await makeMediaMtx(text);
  const elsewhere = `${mediaMtx.folder}/elsewhere.txt`;
  if (otherFile === true) await writeFile(elsewhere, await withUserLines(text, mediaMtx));
  await mediaMtx.start(otherFile === true ? elsewhere : undefined);
  const media = createMediaProcess({ clock: systemClock });
  await media.start();
  const warnings: string[] = [];
  const options: Partial<MediaMtxEngineOptions> = {
    prover: (...asked) => media.prove(...asked),
    makeSlate: (spec, signal) => media.slate(spec, signal),
    log: {
      info: () => undefined,
      warn: (message, fields) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
    },
    ...more,
  };
  const begin = async (changed: Partial<MediaMtxEngineOptions> = {}): Promise<MediaEngine> => {
    const made = await engineFor(mediaMtx, { ...options, ...changed });
    await made.start();
    return made;
  };
  let engine = await begin();
  const watches: StreamWatch<Played>[] = [];
  const path = async (name: string): Promise<SeenPath | null> => {
    const reply = await fetch(`${mediaMtx.apiUrl}/v3/paths/get/${name}`);
    return reply.ok ? ((await reply.json()) as SeenPath) : null;
  };
  return {
    mediaMtx,
    origin,
    get engine() {
      return engine;
    },
    warnings,
    async restartEngine(changed) {
      await engine.stop();
      engine = await begin(changed);
      return engine;
    },
    lease(cameraId, revision, shows = {}) {
      const name = `SIM-${cameraId}_${revision}_1?expire=4102444800&id=${revision}`;
      shown.set(name, shows);
      return aTarget({ revision, url: origin.rtmpUrl('v3/openlive', name) });
    },
    names: () => pathNames(mediaMtx),
    path,
    state: async (cameraId) => (await engine.states()).get(cameraId),
    onAir: (cameraId) => until(async () => (await path(cameraId))?.online === true, 20_000),
    async watch(cameraId) {
      const watch = await playStream(`rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/${cameraId}`);
      watches.push(watch);
      return watch;
    },
    async stop() {
      for (const watch of watches) await watch.stop();
      await engine.stop();
      await media.stop();
      await mediaMtx.stop();
      await origin.stop();
    },
  };
}

/** The desired streams with one camera. */
export function carried(
  cameraId: string,
  inForce: PullTarget | null,
  candidate: PullTarget | null = null,
  mode: CameraMode = 'always-on',
): DesiredStreams {
  return new Map([[cameraId, { mode, inForce, candidate }]]);
}

/** The longest time between two frames that came, in ms. */
export function longestGapMs(items: readonly Played[]): number {
  const video = items.filter(({ isVideo }) => isVideo);
  return video.reduce((longest, { atMs }, index) => Math.max(longest, atMs - (video[index - 1]?.atMs ?? atMs)), 0);
}

/** A file that camlease does not write, into which the operator has put camlease's users as the log asks. */
async function withUserLines(text: string, mediaMtx: TestMediaMtx): Promise<string> {
  const { linesPath } = await usersFor(mediaMtx);
  const [, lines = ''] = (await readFile(linesPath, 'utf8')).split('authInternalUsers:\n');
  return text.replace(/^authInternalUsers:\n/m, (key) => key + lines);
}
