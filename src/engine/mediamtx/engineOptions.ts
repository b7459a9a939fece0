import type { AxiosInstance } from 'axios';
import { withoutTrailing } from '../../core/boundedText.js';
import type { CameraId } from '../../core/camera/camera.js';
import { derivedPath } from '../../core/streams/derivedPaths.js';
import type { Vendors } from '../../core/camera/vendors.js';
import type { Clock } from '../../core/clock.js';
import type { EngineLog } from '../engineLog.js';
import type { StreamLinks } from '../mediaEngine.js';
import type { Protocol } from './api/servedLinks.js';
import type { Prover } from './proof/feederProof.js';
import type { Relay } from './relayed/relayPort.js';
import type { Spawn } from './server/mediaMtxProgram.js';
import type { ProcessTable } from './server/processTable.js';
import type { Sharing } from './sharing/sharing.js';
import type { MakeSlate } from './slates/slates.js';
import type { Users } from './users/users.js';

export interface MediaMtxEngineOptions {
  readonly http: AxiosInstance;
  readonly apiUrl: string;
  readonly configPath: string;
  /** The text of the shipped `mediamtx.yml`, from which camlease makes the configuration file at the first start. */
  readonly template: string;
  readonly dataDir: string;
  readonly hlsBaseUrl: string;
  readonly webrtcBaseUrl: string;
  readonly clock: Clock;
  /** The users as which camlease logs in to MediaMTX. */
  readonly users: Users;
  readonly log: EngineLog;
  /** Tells of which camera a path of the operator's shows a live URL. */
  readonly vendors: Vendors;
  /** Decodes a picture from a URL; null: this process cannot decode, so bytes that arrive are the proof. */
  readonly prover: Prover | null;
  /** Makes a camera's slate; null: MediaMTX shows its own. */
  readonly makeSlate: MakeSlate | null;
  /** Pulls on-demand and seamless cameras for MediaMTX; absent or null: MediaMTX pulls them itself. */
  readonly relay?: Relay | null;
  /** Called after each `apply` that succeeded. */
  readonly onApplied?: () => void;
  /** What camlease needs to start MediaMTX and keep it running; null: the operator does that. */
  readonly supervise: {
    readonly program: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly spawn: Spawn;
    readonly processes: ProcessTable;
  } | null;
  /** How several replicas share this MediaMTX; absent: this process is the only one. */
  readonly sharing?: Sharing;
  readonly watchEveryMs?: number;
  readonly requestTimeoutMs?: number;
  /** `watchEveryMs`, `infoTimeoutMs` and `hungAfterMs`: see `WatchOptions`. */
  readonly infoTimeoutMs?: number;
  readonly hungAfterMs?: number;
  readonly proofBoundMs?: number;
}

export interface LinkFacts {
  readonly notServed: readonly Protocol[];
  /** The protocol by which viewers hear the camera only on the path of its second sound; null: none. */
  readonly secondSound: Protocol | null;
}

/** The addresses at which viewers watch a camera. */
export function linksOf(
  { hlsBaseUrl, webrtcBaseUrl }: MediaMtxEngineOptions,
  cameraId: CameraId,
  { notServed, secondSound }: LinkFacts,
): StreamLinks {
  const pathFor = (protocol: Protocol): string =>
    secondSound === protocol ? derivedPath('sound', cameraId) : cameraId;
  return {
    hlsUrl: `${withoutTrailing(hlsBaseUrl, '/')}/${pathFor('hls')}/index.m3u8`,
    webrtcUrl: `${withoutTrailing(webrtcBaseUrl, '/')}/${pathFor('webrtc')}`,
    ...(notServed.length > 0 && { notServed }),
  };
}

/** Files and folders in `DATA_DIR` where camlease remembers what it did to MediaMTX. */
export const OWN_PATHS_FILE = 'mediamtx-paths.json';
export const KEPT_LINES_FILE = 'mediamtx-kept.json';
export const PID_FILE = 'mediamtx.pid.json';
export const LOG_FILE = 'mediamtx.log';
export const SLATES_FOLDER = 'slates';

export const BOUNDS = {
  /** How long `start` waits for the API of a MediaMTX that we start. */
  startMs: 10_000,
  proofMs: 15_000,
  /** Longer than `proofMs`: the feeder has to be written first, and MediaMTX retries a source only after 5 s. */
  feederProofMs: 25_000,
  /** How long a stop waits for requests to MediaMTX that are under way. */
  stopMs: 4_000,
};
