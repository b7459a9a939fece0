import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { DesiredStreams } from '../../core/streams/streams.js';
import type { StreamState } from '../mediaEngine.js';
import type { MediaMtxClient } from './api/client.js';
import type { EngineParts } from './engineParts.js';
import { MovingBytes } from './state/movingBytes.js';
import { readPaths } from './state/readPaths.js';
import type { RelayedCameras } from './relayed/relayedCameras.js';
import type { SourceLeases } from './paths/sourceLeases.js';
import { streamStates } from './state/streamStates.js';

export interface StreamStateReaderDeps {
  readonly client: MediaMtxClient;
  readonly clock: Clock;
  readonly leases: SourceLeases;
  /** null: there is none. */
  readonly relayed: Pick<RelayedCameras, 'states' | 'revisionOf' | 'isBeside'> | null;
}

/** Reads the state of MediaMTX's paths, and remembers from call to call which byte counts grew. */
export class StreamStateReader {
  readonly #deps: StreamStateReaderDeps;
  readonly #moving: MovingBytes;

  constructor(deps: StreamStateReaderDeps) {
    this.#deps = deps;
    this.#moving = new MovingBytes(deps.clock);
  }

  /** `pulled`: may leave out cameras that nobody pulls (see `readPaths`). While MediaMTX does not answer, every flow is `unknown`. */
  async states(
    served: DesiredStreams,
    { writer, carried, supervisor }: Pick<EngineParts, 'writer' | 'carried' | 'supervisor'>,
    which: 'all' | 'pulled',
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<CameraId, StreamState>> {
    const { client, clock, leases, relayed } = this.#deps;
    const ownPaths = writer.lastInForce ?? new Map();
    const read = relayed && (await relayed.states(signal));
    const opened = supervisor?.openedOnDemand ?? new Set();
    const { streams, viewers, paths } = await readPaths(client, served, ownPaths, { which, read, opened }, signal);
    signal?.throwIfAborted();
    const own = writer.lastInForce;
    this.#moving.keep(new Set(served.keys()));
    return streamStates({
      ...{ streams, own, leases, viewers, opened },
      feeders: carried.feeders,
      moving: this.#moving,
      nowMs: clock.monotonicMs(),
      paths: own ? paths : null,
      relay: relayed && {
        states: read,
        revisionOf: (cameraId) => relayed.revisionOf(cameraId),
        isBeside: (cameraId) => relayed.isBeside(cameraId),
      },
    });
  }
}
