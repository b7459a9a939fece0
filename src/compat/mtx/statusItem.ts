import type { Camera } from '../../core/camera/camera.js';
import { isAlwaysPulled } from '../../core/camera/camera.js';
import { isUrlCamera } from '../../core/camera/cameraSource.js';
import { MASK, maskedUrl } from '../../core/camera/maskedUrl.js';
import { withLoginApart } from '../../core/camera/sourceUrl.js';
import type { CameraHealth, SeenStream } from '../../core/health/health.js';
import type { OldStream } from './streams.js';

/** A stream as the old status API tells it. Its document has underscores; versions that people ran have capitals: both are sent. */
export interface StatusItem {
  readonly uuid: string;
  readonly url: string;
  /** True: the latest that is known of the camera is good. */
  readonly status: boolean;
  /** True: it is pulled, or a pull is tried again and again. */
  readonly is_running: boolean;
  readonly on_demand: boolean;
  readonly disable_audio: boolean;
  readonly debug: boolean;
  readonly viewer_count: number;
  readonly last_error: string | null;
  /** When the request came, as in the old system. */
  readonly last_updated: string;
  readonly reconnect_count: number;
}

export interface Known {
  readonly seen: SeenStream | null;
  readonly health: Pick<CameraHealth, 'state' | 'reason' | 'sentence'>;
  readonly reconnects: number;
  readonly now: Date;
}

export function statusItem({ uuid, camera }: OldStream, known: Known, redact: (text: string) => string) {
  const { seen, health, reconnects, now } = known;
  // `failing`: the picture is there, and something beside it fails.
  const isGood = health.state === 'healthy' || health.state === 'idle' || health.state === 'failing';
  const isTold = health.state === 'dark' || health.state === 'failing' || health.reason === 'ENGINE_UNREACHABLE';
  const item: StatusItem = {
    uuid,
    url: shownUrl(camera),
    status: isGood,
    on_demand: !isAlwaysPulled(camera.mode),
    disable_audio: camera.sound === 'off',
    debug: false,
    viewer_count: seen?.viewers ?? 0,
    last_error: isTold ? redact(health.sentence) : null,
    last_updated: now.toISOString(),
    is_running: isRunning(camera, seen),
    reconnect_count: reconnects,
  };
  return { ...item, ...inCapitals(item) };
}

function inCapitals(item: StatusItem) {
  return {
    rtspUrl: item.url,
    onDemand: item.on_demand,
    disableAudio: item.disable_audio,
    viewerCount: item.viewer_count,
    lastError: item.last_error,
    lastUpdated: item.last_updated,
    isRunning: item.is_running,
    reconnectCount: item.reconnect_count,
  };
}

/** A cloud's live URL is a secret as a whole. */
function shownUrl(camera: Camera): string {
  return isUrlCamera(camera) ? maskedUrl(withLoginApart(camera.source).url) : MASK;
}

function isRunning(camera: Camera, seen: SeenStream | null): boolean {
  if (!camera.enabled || camera.status === 'disabled') return false;
  if (camera.failure !== null && camera.failure.nextLookAt !== null) return true;
  return seen?.flow === 'flowing' || seen?.flow === 'starting' || seen?.flow === 'stopped';
}
