import type { CameraId } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import type { MediaMtxClient } from '../api/client.js';
import { lookAtPaths } from '../api/pathLooks.js';
import { seenTracks } from '../api/seenTracks.js';
import { viewersByPath } from '../api/viewers.js';
import type { Changeovers } from '../carried/changeovers.js';
import { bridgedRevision, leasePathName, type PathConfigs } from '../paths/pathConfig.js';

export interface BridgesDeps {
  readonly client: Pick<MediaMtxClient, 'path' | 'paths' | 'sessions'>;
  readonly clock: Clock;
  readonly changeovers: Changeovers;
  /** Some are not needed any more. */
  readonly onEnded: () => void;
}

interface Bridge {
  readonly feeder: string;
  readonly sinceMs: number;
}

const LOOK_EVERY_MS = 2_000;
/** Whoever was dropped by the change of leases has so long to come back, and whoever left to come again. */
const UNWATCHED_EVERY_MS = 10_000;

/**
 * On-demand cameras whose public path reads a feeder of ours, since they were watched when their lease changed. MediaMTX's
 * configuration itself tells which they are, so this outlives a restart of camlease. They pull the cloud themselves again as
 * soon as nobody watches; and when the feeder shows nothing any more, since then nobody is disturbed, and MediaMTX would
 * come back to it later than to the cloud.
 */
export class Bridges {
  readonly #deps: BridgesDeps;
  readonly #stop = new AbortController();
  #bridges: ReadonlyMap<CameraId, Bridge> = new Map();
  #viewersAtMs = 0;
  #looking: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(deps: BridgesDeps) {
    this.#deps = deps;
  }

  /** These are our paths now. */
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
    if (next.size > 0 && !this.#looking && !this.#cancelTimer) this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer?.();
    await this.#looking;
  }

  #schedule(): void {
    if (this.#stop.signal.aborted || this.#bridges.size === 0) return;
    this.#cancelTimer = this.#deps.clock.after(LOOK_EVERY_MS, () => {
      this.#cancelTimer = null;
      this.#looking = this.#look()
        // MediaMTX that is away is told of elsewhere.
        .catch(() => undefined)
        .then(() => {
          this.#looking = null;
          this.#schedule();
        });
    });
  }

  async #look(): Promise<void> {
    const { changeovers, onEnded } = this.#deps;
    const bridges = [...this.#bridges];
    const ended = new Set([...(await this.#dry(bridges)), ...(await this.#unwatched(bridges))]);
    // Meanwhile the next lease may have begun.
    for (const [cameraId, { feeder }] of bridges)
      if (ended.has(cameraId) && this.#bridges.get(cameraId)?.feeder === feeder) changeovers.ended.add(cameraId);
    if (changeovers.ended.size > 0) onEnded();
  }

  /** Those whose feeder shows nothing. */
  async #dry(bridges: readonly (readonly [CameraId, Bridge])[]): Promise<readonly CameraId[]> {
    const names = bridges.map(([, { feeder }]) => feeder);
    const seen = await lookAtPaths(this.#deps.client, names, this.#stop.signal);
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
