import type { AxiosInstance } from 'axios';
import { withoutTrailing } from '../../core/boundedText.js';
import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { EngineLog } from '../engineLog.js';
import type { StreamLinks } from '../mediaEngine.js';
import type { Protocol } from './api/servedLinks.js';
import type { Prover } from './proof/leaseProof.js';
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
  /** The text of the shipped `mediamtx.yml`, which the configuration file is made from at first start. */
  readonly template: string;
  readonly dataDir: string;
  readonly hlsBaseUrl: string;
  readonly webrtcBaseUrl: string;
  readonly clock: Clock;
  /** Who camlease is to MediaMTX. */
  readonly users: Users;
  readonly log: EngineLog;
  /** Looks at the picture behind a URL; null: nothing here can, and bytes that move are the proof. */
  readonly prover: Prover | null;
  /** Makes the picture that stands while nothing comes; null: MediaMTX shows its own. */
  readonly makeSlate: MakeSlate | null;
  /** Stands between MediaMTX and the clouds for on-demand and seamless cameras; absent or null: MediaMTX pulls them itself. */
  readonly relay?: Relay | null;
  /** Called after each `apply` that succeeded: MediaMTX has its lines. */
  readonly onApplied?: () => void;
  /** Starts MediaMTX and keeps it running; null: somebody else does. */
  readonly supervise: {
    readonly program: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly spawn: Spawn;
    readonly processes: ProcessTable;
  } | null;
  /** Other processes may use the same MediaMTX; absent: this one is alone. */
  readonly sharing?: Sharing;
  readonly watchEveryMs?: number;
  readonly requestTimeoutMs?: number;
  /** See `WatchOptions`. */
  readonly infoTimeoutMs?: number;
  readonly hungAfterMs?: number;
  readonly proofBoundMs?: number;
}

/** Where a camera is watched. */
export function linksOf(
  { hlsBaseUrl, webrtcBaseUrl }: MediaMtxEngineOptions,
  cameraId: CameraId,
  notServed: readonly Protocol[] = [],
): StreamLinks {
  return {
    hlsUrl: `${withoutTrailing(hlsBaseUrl, '/')}/${cameraId}/index.m3u8`,
    webrtcUrl: `${withoutTrailing(webrtcBaseUrl, '/')}/${cameraId}`,
    ...(notServed.length > 0 && { notServed }),
  };
}

/** Where camlease keeps what it must remember about MediaMTX, in `DATA_DIR`. */
export const OWN_PATHS_FILE = 'mediamtx-paths.json';
export const KEPT_LINES_FILE = 'mediamtx-kept.json';
export const PID_FILE = 'mediamtx.pid.json';
export const LOG_FILE = 'mediamtx.log';
export const SLATES_FOLDER = 'slates';

export const BOUNDS = {
  /** Until the API of a MediaMTX that we start answers. */
  startMs: 10_000,
  proofMs: 15_000,
  /** A feeder is to be made first, and MediaMTX tries a source again after 5 s. */
  feederProofMs: 25_000,
  /** How long a stop waits for what MediaMTX is being asked. */
  stopMs: 4_000,
};
