import type { Clock } from '../../core/clock.js';
import { orAborted } from '../../core/async/orAborted.js';
import type { DesiredStreams } from '../../core/streams/streams.js';
import type { EngineMarker } from '../mediaEngine.js';
import type { MediaMtxClient } from './api/client.js';
import type { EngineParts } from './engineParts.js';
import type { PathConfig } from './paths/pathConfig.js';
import type { SourceLeases } from './paths/sourceLeases.js';
import { Marker, MARKER_PATH, markerPath } from './sharing/marker.js';
import type { Sharing } from './sharing/sharing.js';

/** While another replica writes MediaMTX's paths: at most one read of them in this time, when `states` is called. */
const READ_EVERY_MS = 5_000;

/** This replica on standby: the name of the shared MediaMTX, and what is known of it while another replica writes its paths. */
export class Standby {
  readonly #marker: Marker | null;
  readonly #fence: () => number;
  readonly #clock: Clock;
  readonly #leases: SourceLeases;
  #streams: DesiredStreams = new Map();
  /** When the paths were last read (monotonic); null: this replica writes them. */
  #readAtMs: number | null = null;

  /** Without `sharing` this process is never on standby. */
  constructor(sharing: Sharing | undefined, client: MediaMtxClient, clock: Clock, leases: SourceLeases) {
    this.#marker = sharing ? new Marker({ client, clock, newId: sharing.newId }) : null;
    this.#fence = sharing?.fence ?? (() => 0);
    this.#clock = clock;
    this.#leases = leases;
    if (sharing) this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  /** True: another replica writes the paths, or may. */
  get isNow(): boolean {
    return this.#readAtMs !== null;
  }

  /** The streams that the other replica serves, as last given to `begin`. */
  get streams(): DesiredStreams {
    return this.#streams;
  }

  /** MediaMTX's name as it was last read; null: never, or no other replica uses this MediaMTX. */
  get markerName(): string | null {
    return this.#marker?.known?.name ?? null;
  }

  async readMarker(parts: EngineParts | null): Promise<EngineMarker | null> {
    if (this.#marker === null) return null;
    return parts?.monitor.failure === null ? this.#marker.read() : this.#marker.known;
  }

  /** The marker as a path among ours, so that each rewrite of MediaMTX's file keeps it. */
  markerPaths(): ReadonlyMap<string, PathConfig> {
    const known = this.#marker?.known;
    if (!known) return new Map();
    return new Map([[MARKER_PATH, markerPath({ name: known.name, fence: this.#fence() || known.fence })]]);
  }

  /** Another replica writes the paths from now on. True: until now this one did. */
  begin(streams: DesiredStreams, parts: EngineParts | null): boolean {
    const wasOurs = this.#readAtMs === null;
    this.#readAtMs ??= Number.NEGATIVE_INFINITY;
    this.#streams = new Map(streams);
    this.#leases.learn(streams, parts?.writer.lastInForce ?? null);
    parts?.carried.keepFeeders(streams);
    return wasOurs;
  }

  /** This replica writes the paths from now on; it first drops what it knew, since the other replica may have changed them. */
  async end({ sharedPaths, file, writer, carried }: EngineParts): Promise<void> {
    await sharedPaths?.refresh();
    file.forget();
    await file.refresh();
    writer.forget('edited');
    carried.forget();
    this.#readAtMs = null;
  }

  /** Reads the paths that the other replica wrote, at most every 5 s. */
  async refresh({ sharedPaths, writer, monitor }: EngineParts, signal?: AbortSignal): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#readAtMs === null || monitor.failure !== null || nowMs - this.#readAtMs < READ_EVERY_MS) return;
    this.#readAtMs = nowMs;
    await sharedPaths?.refresh();
    writer.forget('edited');
    await orAborted(writer.learn(), signal).catch(() => undefined);
    this.#leases.learn(this.#streams, writer.lastInForce);
  }
}
