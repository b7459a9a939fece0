import type { CameraId } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import type { RelayCameras, RelayedCamera } from '../../../core/streams/relay.js';
import type { EngineLog } from '../../engineLog.js';

export interface DirectHostsDeps {
  readonly clock: Clock;
  readonly log: EngineLog;
}

/** After this many pulls in a row that ended by `protocol`, MediaMTX pulls the cameras of that host instead. */
const MOST_FAILURES = 2;
/** After this time the relay tries the host again, since clouds change their servers. */
const DIRECT_FOR_MS = 24 * 3_600_000;

/**
 * Hosts of clouds whose protocol the relay does not understand, but MediaMTX perhaps does: their cameras get direct lines. Kept in memory
 * only, so that a newer camlease or a newer relay tries each host again.
 */
export class DirectHosts {
  readonly #deps: DirectHostsDeps;
  /** Monotonic ms of the failure, by `host:port`. */
  readonly #sinceMs = new Map<string, number>();
  /** Cameras that were `live` in the relay's latest states. */
  #live: ReadonlySet<CameraId> = new Set();

  constructor(deps: DirectHostsDeps) {
    this.#deps = deps;
  }

  /** Takes in the relay's states. `sent`: the cameras that the relay has. True: a host was added, so lines may change. */
  see(states: ReadonlyMap<CameraId, RelayedCamera>, sent: RelayCameras): boolean {
    const { clock, log } = this.#deps;
    this.#live = new Set([...states].filter(([, { state }]) => state === 'live').map(([id]) => id));
    let isNew = false;
    for (const [cameraId, { protocolFailures }] of states) {
      const host = protocolFailures >= MOST_FAILURES ? hostOf(cameraId, sent) : null;
      if (host === null || this.#isDirect(host)) continue;
      this.#sinceMs.set(host, clock.monotonicMs());
      isNew = true;
      log.warn("the relay does not understand a cloud's server, so MediaMTX pulls the cameras of that host itself", {
        ...{ host, cameraId },
        cure: 'Nothing to do. Renewals of these cameras drop their viewers; camlease tries the relay again after a day, or at the next start.',
      });
    }
    return isNew;
  }

  /** True: MediaMTX has to pull this camera. A camera that is live at the relay stays there, whatever its host. */
  has(cameraId: CameraId, sent: RelayCameras): boolean {
    if (this.#sinceMs.size === 0 || this.#live.has(cameraId)) return false;
    const host = hostOf(cameraId, sent);
    return host !== null && this.#isDirect(host);
  }

  #isDirect(host: string): boolean {
    const sinceMs = this.#sinceMs.get(host);
    return sinceMs !== undefined && this.#deps.clock.monotonicMs() - sinceMs < DIRECT_FOR_MS;
  }
}

function hostOf(cameraId: CameraId, sent: RelayCameras): string | null {
  const target = sent.get(cameraId)?.target;
  // MediaMTX never gets a URL that a person gave, so it cannot pull it in the relay's place.
  const url = target?.givenBy === 'cloud' ? target.url : undefined;
  return url !== undefined && URL.canParse(url) ? new URL(url).host : null;
}
