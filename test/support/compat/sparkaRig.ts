import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { createCompat } from '../../../src/compat/compat.js';
import { sparkaApp } from '../../../src/compat/sparka/app.js';
import { sourceNetworks } from '../../../src/core/camera/sourceNetworks.js';
import { CameraError } from '../../../src/core/errors.js';
import type { Camera } from '../../../src/core/camera/camera.js';
import type { NotOpened, Opened } from '../../../src/core/streams/opening.js';
import { UrlCameras } from '../../../src/jobs/sources/urlCameras.js';
import type { MediaProcess } from '../../../src/media/process/mediaProcess.js';
import { CachedCameraStore } from '../../../src/store/memory/cachedCameraStore.js';
import { createStore } from '../../../src/store/opening/createStore.js';
import { SOUND_TRACKS } from '../builders.js';
import { vendorsWith } from '../clouds/vendors.js';
import { send, type Reply } from '../http/httpClient.js';
import { fakeHouse } from '../http/httpDeps.js';
import { fakeMachine } from './fakeMachine.js';

/** The listener for clients of SPARKA on a real store, with a relay and a packager that do as a test says. */
export interface SparkaRig {
  readonly store: CachedCameraStore;
  /** The addresses that the relay was asked to open. */
  readonly opened: string[];
  /** Reads a stream's log file. */
  log(id: string): string;
  post(path: string, body: unknown): Promise<Reply>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** The cameras of the store, by name. */
  cameras(): Camera[];
  /** Makes a listener of its own on the same store, as another replica or another run has it. */
  another(): Promise<SparkaRig>;
  /** How the relay answers from now on. */
  opens: (url: string) => Opened | NotOpened | Promise<Opened | NotOpened>;
  /** False: no picture comes for the packager. */
  packs: boolean;
  /** Cameras whose packages were ended. */
  readonly ended: string[];
}

const OPENED: Opened = { tracks: SOUND_TRACKS, keyFrame: Buffer.alloc(0) };
export const PLAYLIST = '#EXTM3U\n#EXTINF:2.000,\nsegment_001.ts\n';

export async function startSparka(given?: CachedCameraStore): Promise<SparkaRig> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-sparka-'));
  const clock = new TurnedClock();
  const log = { warn: () => undefined };
  const made = { mongodbUri: null, dataDir, vendors: vendorsWith(), clock, random: Math.random, log };
  const store = given ?? new CachedCameraStore(createStore(made));
  if (!given) await store.open();
  const opened: string[] = [];
  const ended: string[] = [];
  const sources = new UrlCameras({
    ...{ clock, random: Math.random, store, networks: sourceNetworks('') },
    opening: {
      open: async ({ url }) => {
        opened.push(url);
        return rig.opens(url);
      },
    },
  });
  const house = fakeHouse();
  const compat = createCompat(
    {
      ...{ ...house, cameras: store, sources, media: {} as MediaProcess, dataDir, openMachine: fakeMachine },
      engine: { ...house.engine, readerUrl: (id) => (store.peek(id)?.enabled ? `rtsp://127.0.0.1:9/${id}` : null) },
    },
    { sparka: [0], mtx: [], viewer: [] },
    '127.0.0.1',
    {
      sparka: (deps) =>
        sparkaApp(deps, {
          packages: {
            playlist: async () => {
              if (rig.packs) return PLAYLIST;
              throw new CameraError('STREAM_NO_PICTURE', 'retry', 'No picture came.', { cure: 'Look at the camera.' });
            },
            segment: (_id, name) => (name === 'segment_001.ts' ? Buffer.from('segment') : null),
            end: (id) => void ended.push(id),
            close: () => undefined,
          },
        }),
    },
  );
  const { sparka } = await compat.listen();
  const [port = 0] = sparka;
  onTestFinished(async () => {
    await compat.close();
    if (!given) await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const rig: SparkaRig = {
    ...{ store, opened, ended, packs: true, opens: () => OPENED },
    log: (id) => readFileSync(path.join(dataDir, 'logs', 'sparka', `ffmpeg_${id}.log`), 'utf8'),
    post: (at, body) => send(port, 'POST', at, { body }),
    get: (at, headers = {}) => send(port, 'GET', at, { headers }),
    cameras: () => [...store.peekAll()],
    another: () => startSparka(store),
  };
  return rig;
}
