import type { CameraId } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import { isForRelay, type DesiredStreams } from '../../../core/streams/streams.js';
import type { MediaMtxClient } from '../api/client.js';
import { isPublicPathName } from '../paths/pathConfig.js';
import { isRelayLine } from '../paths/relayLine.js';
import type { Relay } from './relayPort.js';

const CHECK_EVERY_MS = 10_000;
/** The next look after MediaMTX had no such path, since it logs each request for a missing path as an error. */
const CHECK_LATER_MS = 90_000;
const OTHER_RELAY =
  'MediaMTX reads another relay than this replica would feed, so all viewers are dropped once if this replica takes over. ' +
  'Give all replicas on one MediaMTX exactly the same RELAY_URL and RELAY_SECRET.';

export interface OtherRelayDeps {
  readonly client: Pick<MediaMtxClient, 'pathConfig'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly relay: Pick<Relay, 'problem' | 'sourceFor'>;
  /** True: another replica controls the relay and writes MediaMTX's lines. */
  readonly isStandby: () => boolean;
  /** The streams that the other replica serves, as far as known. */
  readonly streams: () => DesiredStreams;
}

/**
 * Whether the replica that writes MediaMTX's lines uses another relay than this replica, or the same relay by another address. It writes
 * all lines alike, so one camera's line is enough to tell.
 */
export class OtherRelay {
  readonly #deps: OtherRelayDeps;
  #isOther = false;
  #nextCheckMs = Number.NEGATIVE_INFINITY;

  constructor(deps: OtherRelayDeps) {
    this.#deps = deps;
  }

  /** A sentence with its cure; null: the other replica uses our relay, as far as known. */
  get problem(): string | null {
    return this.#isOther && this.#deps.isStandby() ? OTHER_RELAY : null;
  }

  /** Reads one camera's line, at most every 10 s however often it is called. Never rejects: a failed read is repeated. */
  async check(): Promise<void> {
    const { client, clock, isStandby, relay } = this.#deps;
    const nowMs = clock.monotonicMs();
    const cameraId = isStandby() && relay.problem === null && nowMs >= this.#nextCheckMs ? this.#anyCamera() : null;
    if (cameraId === null) return;
    this.#nextCheckMs = nowMs + CHECK_EVERY_MS;
    const line = await client.pathConfig(cameraId).catch(() => undefined);
    if (line === undefined) return;
    if (line === null) this.#nextCheckMs = nowMs + CHECK_LATER_MS;
    const ours = relay.sourceFor(cameraId);
    this.#isOther = line !== null && ours !== null && isRelayLine(cameraId, line) && line.source !== ours;
  }

  #anyCamera(): CameraId | null {
    for (const [cameraId, stream] of this.#deps.streams())
      if (isForRelay(stream) && stream.inForce !== null && isPublicPathName(cameraId)) return cameraId;
    return null;
  }
}
