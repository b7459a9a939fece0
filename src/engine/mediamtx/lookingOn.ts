import type { Clock } from '../../core/clock.js';
import { orAborted } from '../../core/orAborted.js';
import type { DesiredStreams, EngineMarker } from '../mediaEngine.js';
import type { MediaMtxClient } from './api/client.js';
import type { EngineParts } from './engineParts.js';
import type { PathConfig } from './paths/pathConfig.js';
import type { ServedLeases } from './paths/servedLeases.js';
import { Marker, MARKER_PATH, markerPath } from './sharing/marker.js';
import type { Sharing } from './sharing/sharing.js';

/** Another process writes MediaMTX's paths: they are read this often at most, when somebody asks what flows. */
const READ_EVERY_MS = 5_000;

/** A MediaMTX that several processes may reach: its name, and what is known of it while another process writes it. */
export class LookingOn {
  readonly #marker: Marker | null;
  readonly #fence: () => number;
  readonly #clock: Clock;
  readonly #leases: ServedLeases;
  #streams: DesiredStreams = new Map();
  /** When its paths were last read; null: they are ours to write. */
  #readAtMs: number | null = null;

  /** Without `sharing` everything is this process's own. */
  constructor(sharing: Sharing | undefined, client: MediaMtxClient, clock: Clock, leases: ServedLeases) {
    this.#marker = sharing ? new Marker({ client, clock, newId: sharing.newId }) : null;
    this.#fence = sharing?.fence ?? (() => 0);
    this.#clock = clock;
    this.#leases = leases;
    if (sharing) this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  /** True: another process writes, or may. */
  get isNow(): boolean {
    return this.#readAtMs !== null;
  }

  /** What the other process serves, as far as we were told. */
  get streams(): DesiredStreams {
    return this.#streams;
  }

  /** MediaMTX's name as it was last read; null: never, or nobody else uses this MediaMTX. */
  get markerName(): string | null {
    return this.#marker?.known?.name ?? null;
  }

  async readMarker(parts: EngineParts | null): Promise<EngineMarker | null> {
    if (this.#marker === null) return null;
    return parts?.watch.failure === null ? this.#marker.look() : this.#marker.known;
  }

  /** The marker is a path like ours, so that MediaMTX's file keeps it. */
  markerPaths(): ReadonlyMap<string, PathConfig> {
    const known = this.#marker?.known;
    if (!known) return new Map();
    return new Map([[MARKER_PATH, markerPath({ name: known.name, fence: this.#fence() || known.fence })]]);
  }

  /** True: until now the paths were ours to write. */
  begin(streams: DesiredStreams, parts: EngineParts | null): boolean {
    const wasOurs = this.#readAtMs === null;
    this.#readAtMs ??= Number.NEGATIVE_INFINITY;
    this.#streams = new Map(streams);
    this.#leases.learn(streams, parts?.writer.lastInForce ?? null);
    parts?.carried.keepFeeders(streams);
    return wasOurs;
  }

  /** The paths are ours to write from now on; what another process made of them is learned first. */
  async end({ sharedPaths, file, writer, carried }: EngineParts): Promise<void> {
    await sharedPaths?.refresh();
    file.forget();
    await file.refresh();
    writer.forget('edited');
    carried.forget();
    this.#readAtMs = null;
  }

  /** Reads what the other process made, unless that was done just now. */
  async refresh({ sharedPaths, writer, watch }: EngineParts, signal?: AbortSignal): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#readAtMs === null || watch.failure !== null || nowMs - this.#readAtMs < READ_EVERY_MS) return;
    this.#readAtMs = nowMs;
    await sharedPaths?.refresh();
    writer.forget('edited');
    await orAborted(writer.learn(), signal).catch(() => undefined);
    this.#leases.learn(this.#streams, writer.lastInForce);
  }
}
