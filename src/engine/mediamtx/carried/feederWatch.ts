import { Poller } from '../../../core/async/poller.js';
import type { CameraId } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import type { MediaMtxClient } from '../api/client.js';
import { pathsNamed } from '../api/pathsNamed.js';
import type { PathReply } from '../api/replies.js';
import type { Feeders } from './feeders.js';

/** The feeder of a camera's lease in force. */
export interface ServedFeeder {
  readonly cameraId: CameraId;
  readonly feeder: string;
  /** True when the feeder forwards, so that its pictures should arrive at the camera's public path. */
  readonly isPublished: boolean;
}

export interface FeederWatchDeps {
  readonly client: Pick<MediaMtxClient, 'path' | 'paths'>;
  readonly clock: Clock;
  readonly feeders: Feeders;
  readonly served: () => readonly ServedFeeder[];
  /** Called when a feeder's tracks are known but it does not forward yet, so that its path can be written. */
  readonly onUnpublished: () => void;
}

/** The poll interval while a camera waits for its first picture. */
const SOON_MS = 300;
const LATER_MS = 5_000;
const WHEN_NONE_MS = 1_000;
/** MediaMTX retries a failed forward every 5 s, so this is two tries. */
const DARK_AFTER_MS = 10_000;

/** Polls the feeders: often while one has shown no picture yet, rarely when all have. */
export class FeederWatch {
  readonly #deps: FeederWatchDeps;
  readonly #stop = new AbortController();
  readonly #darkSinceMs = new Map<CameraId, number>();
  readonly #polls: Poller;

  constructor(deps: FeederWatchDeps) {
    this.#deps = deps;
    this.#polls = new Poller(deps.clock, () => this.#poll().catch(() => LATER_MS));
  }

  start(): void {
    this.#polls.in(WHEN_NONE_MS);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#polls.stop();
  }

  /** Polls soon, since paths were changed. */
  nudge(): void {
    this.#polls.in(SOON_MS);
  }

  /** Cameras whose feeder has brought pictures for over 10 s without their arriving at the public path. */
  darkCameras(): readonly CameraId[] {
    const nowMs = this.#deps.clock.monotonicMs();
    return [...this.#darkSinceMs].filter(([, since]) => nowMs - since > DARK_AFTER_MS).map(([cameraId]) => cameraId);
  }

  /** Polls once and returns the ms until the next poll. `MediaMtxMonitor` reports a MediaMTX that is away. */
  async #poll(): Promise<number> {
    const { feeders, served, onUnpublished } = this.#deps;
    const now = served();
    if (now.length === 0) {
      this.#darkSinceMs.clear();
      return WHEN_NONE_MS;
    }
    const seen = await this.#fetch(now);
    for (const { feeder } of now) {
      const path = seen.get(feeder);
      if (path) feeders.see(path);
    }
    this.#noteDark(now, seen);
    if (now.some(({ feeder, isPublished }) => !isPublished && feeders.tracksOf(feeder) !== null)) onUnpublished();
    return now.some((one) => this.#isOnItsWay(one)) ? SOON_MS : LATER_MS;
  }

  #isOnItsWay({ cameraId, feeder }: ServedFeeder): boolean {
    return this.#deps.feeders.isNew(feeder) || this.#darkSinceMs.has(cameraId);
  }

  async #fetch(served: readonly ServedFeeder[]): Promise<ReadonlyMap<string, PathReply>> {
    const names = served.flatMap(({ cameraId, feeder }) => [cameraId, feeder]);
    return pathsNamed(this.#deps.client, names, this.#stop.signal);
  }

  #noteDark(served: readonly ServedFeeder[], seen: ReadonlyMap<string, PathReply>): void {
    const { clock, feeders } = this.#deps;
    const dark = served.filter(
      ({ cameraId, feeder, isPublished }) =>
        isPublished && feeders.flowOf(feeder) === 'flowing' && seen.get(cameraId)?.online === false,
    );
    const ids = new Set(dark.map(({ cameraId }) => cameraId));
    for (const id of this.#darkSinceMs.keys()) if (!ids.has(id)) this.#darkSinceMs.delete(id);
    for (const id of ids) if (!this.#darkSinceMs.has(id)) this.#darkSinceMs.set(id, clock.monotonicMs());
  }
}
