import { Poller } from '../../../core/async/poller.js';
import type { CameraId } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import type { MediaMtxClient } from '../api/client.js';
import { pathsNamed } from '../api/pathsNamed.js';
import { seenTracks } from '../api/seenTracks.js';
import { viewersByPath } from '../api/viewers.js';
import type { Changeovers } from '../carried/changeovers.js';
import { bridgedRevision, leasePathName, type PathConfigs } from '../paths/pathConfig.js';

export interface BridgesDeps {
  readonly client: Pick<MediaMtxClient, 'path' | 'paths' | 'sessions'>;
  readonly clock: Clock;
  readonly changeovers: Changeovers;
  /** Called when bridges are no longer needed, so that paths have to be written. */
  readonly onEnded: () => void;
}

interface Bridge {
  readonly feeder: string;
  readonly sinceMs: number;
}

const LOOK_EVERY_MS = 2_000;
/** How long a bridge stays unwatched at least: a viewer who was dropped by the changeover, or left, may come back. */
const UNWATCHED_EVERY_MS = 10_000;

/**
 * Ends bridges. A bridge is the public path of an on-demand camera that reads a feeder, because somebody watched it when its lease
 * changed. Bridges are found in MediaMTX's configuration, so they outlive a restart of camlease. A bridge ends, and its path pulls the
 * cloud again, as soon as nobody watches; also when its feeder shows no pictures any more, since the change then drops no picture, and
 * MediaMTX would retry the feeder later than the cloud.
 */
export class Bridges {
  readonly #deps: BridgesDeps;
  readonly #stop = new AbortController();
  #bridges: ReadonlyMap<CameraId, Bridge> = new Map();
  #viewersAtMs = 0;
  readonly #polls: Poller;

  constructor(deps: BridgesDeps) {
    this.#deps = deps;
    this.#polls = new Poller(deps.clock, async () => {
      // `MediaMtxMonitor` reports a MediaMTX that is away.
      await this.#poll().catch(() => undefined);
      return this.#bridges.size === 0 ? null : LOOK_EVERY_MS;
    });
  }

  /** Call after a write, with our paths now. */
  keep(own: PathConfigs): void {
    const { clock, changeovers } = this.#deps;
    const next = new Map<CameraId, Bridge>();
    for (const [cameraId, config] of own) {
      const revision = bridgedRevision(cameraId, config);
      if (revision === null) continue;
      const feeder = leasePathName(cameraId, revision);
      const known = this.#bridges.get(cameraId);
      const isKnown = known?.feeder === feeder;
      if (!isKnown) changeovers.ended.delete(cameraId);
      next.set(cameraId, isKnown ? known : { feeder, sinceMs: clock.monotonicMs() });
    }
    for (const cameraId of changeovers.ended) if (!next.has(cameraId)) changeovers.ended.delete(cameraId);
    this.#bridges = next;
    if (next.size > 0) this.#polls.begin(LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#polls.stop();
  }

  async #poll(): Promise<void> {
    const { changeovers, onEnded } = this.#deps;
    const bridges = [...this.#bridges];
    const ended = new Set([...(await this.#dry(bridges)), ...(await this.#unwatched(bridges))]);
    // The camera may have gone to its next lease meanwhile, with another feeder.
    for (const [cameraId, { feeder }] of bridges)
      if (ended.has(cameraId) && this.#bridges.get(cameraId)?.feeder === feeder) changeovers.ended.add(cameraId);
    if (changeovers.ended.size > 0) onEnded();
  }

  /** Cameras whose feeder shows no pictures. */
  async #dry(bridges: readonly (readonly [CameraId, Bridge])[]): Promise<readonly CameraId[]> {
    const names = bridges.map(([, { feeder }]) => feeder);
    const seen = await pathsNamed(this.#deps.client, names, this.#stop.signal);
    return bridges.flatMap(([cameraId, { feeder }]) => {
      const path = seen.get(feeder);
      return path && seenTracks(path) === null ? [cameraId] : [];
    });
  }

  async #unwatched(bridges: readonly (readonly [CameraId, Bridge])[]): Promise<readonly CameraId[]> {
    const { client, clock, changeovers } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#viewersAtMs < UNWATCHED_EVERY_MS) return [];
    const old = bridges.filter(([, { sinceMs }]) => nowMs - sinceMs >= UNWATCHED_EVERY_MS);
    if (old.length === 0) return [];
    this.#viewersAtMs = nowMs;
    const viewers = viewersByPath(await client.sessions(this.#stop.signal));
    return old.flatMap(([cameraId]) => {
      if ((viewers.get(cameraId) ?? 0) === 0) return [cameraId];
      changeovers.ended.delete(cameraId);
      return [];
    });
  }
}
