import type { CameraId } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import type { RelayCameras, RelayedCamera } from '../../../core/streams/relay.js';
import type { EngineLog } from '../../engineLog.js';

export interface DirectHostsDeps {
  readonly clock: Clock;
  readonly log: EngineLog;
}

/** A server whose protocol the relay could not read so many times in a row is pulled by MediaMTX instead. */
const MOST_FAILURES = 2;
/** After so long the relay tries again: clouds change their servers. */
const DIRECT_FOR_MS = 24 * 3_600_000;

/**
 * Hosts of clouds that the relay cannot read and MediaMTX perhaps can: their cameras get direct lines. Kept in memory only, so that a newer
 * camlease, or a newer relay, tries each host again.
 */
export class DirectHosts {
  readonly #deps: DirectHostsDeps;
  /** Monotonic ms of the failure, by `host:port`. */
  readonly #sinceMs = new Map<string, number>();
  /** Cameras whose pictures the relay brought at the latest look. */
  #live: ReadonlySet<CameraId> = new Set();

  constructor(deps: DirectHostsDeps) {
    this.#deps = deps;
  }

  /** `told`: the addresses that the relay has. True: there is another host since. */
  see(states: ReadonlyMap<CameraId, RelayedCamera>, told: RelayCameras): boolean {
    const { clock, log } = this.#deps;
    this.#live = new Set([...states].filter(([, { state }]) => state === 'live').map(([id]) => id));
    let isNew = false;
    for (const [cameraId, { protocolFailures }] of states) {
      const host = protocolFailures >= MOST_FAILURES ? hostOf(cameraId, told) : null;
      if (host === null || this.#isDirect(host)) continue;
      this.#sinceMs.set(host, clock.monotonicMs());
      isNew = true;
      log.warn("the relay does not understand a cloud's server, so MediaMTX pulls the cameras of that host itself", {
        ...{ host, cameraId },
        cure: 'None is needed. Renewals of these cameras drop their viewers; the relay is tried again after a day, or at the next start.',
      });
    }
    return isNew;
  }

  /** True: the relay cannot pull this camera. One whose pictures it brings stays with it, whatever its host. */
  has(cameraId: CameraId, told: RelayCameras): boolean {
    if (this.#sinceMs.size === 0 || this.#live.has(cameraId)) return false;
    const host = hostOf(cameraId, told);
    return host !== null && this.#isDirect(host);
  }

  #isDirect(host: string): boolean {
    const sinceMs = this.#sinceMs.get(host);
    return sinceMs !== undefined && this.#deps.clock.monotonicMs() - sinceMs < DIRECT_FOR_MS;
  }
}

function hostOf(cameraId: CameraId, told: RelayCameras): string | null {
  const url = told.get(cameraId)?.target?.url;
  return url !== undefined && URL.canParse(url) ? new URL(url).host : null;
}
