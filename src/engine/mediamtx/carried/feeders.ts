import { sameTracks, type StreamTracks } from '../../../core/camera/tracks.js';
import type { Clock } from '../../../core/clock.js';
import type { StreamState } from '../../mediaEngine.js';
import type { PathReply } from '../api/replies.js';
import { seenTracks } from '../api/seenTracks.js';
import type { KeyFrameTimes } from '../write/keyFrameMoment.js';

/** A stream whose bytes did not grow for this time has stopped; MediaMTX retries a dead source after 5 s. */
export const STOPPED_AFTER_MS = 5_000;
/** How long a new source may take until its first picture. */
const STARTS_WITHIN_MS = 15_000;
/** How long a measured rhythm counts: the clocks of camera and machine drift apart. */
const RHYTHM_KEPT_MS = 300_000;

interface Known {
  readonly sinceMs: number;
  tracks: StreamTracks | null;
  /** The byte count of the latest poll; null: not polled yet. */
  bytes: number | null;
  grewMs: number | null;
  keyFrames: KeyFrameTimes | null;
}

/** Remembers the state of feeders from poll to poll, since MediaMTX's API gives byte counts and not whether they grow. */
export class Feeders {
  readonly #clock: Clock;
  readonly #onNews: () => void;
  readonly #known = new Map<string, Known>();

  /** `onNews`: called when a feeder shows other tracks than known. */
  constructor(clock: Clock, onNews: () => void) {
    this.#clock = clock;
    this.#onNews = onNews;
  }

  /** Watches these feeders and forgets all others. */
  keep(names: Iterable<string>): void {
    const kept = new Set(names);
    for (const name of this.#known.keys()) if (!kept.has(name)) this.#known.delete(name);
    for (const name of kept) this.#know(name);
  }

  /** Takes in a path's state as just polled; ignores paths that are not kept. */
  see(path: PathReply): void {
    const known = this.#known.get(path.name);
    if (!known) return;
    const tracks = seenTracks(path);
    // The first poll proves no growth: its bytes may have come long ago.
    const grew = known.bytes !== null && path.inboundBytes > 0 && path.inboundBytes !== known.bytes;
    if (tracks && grew) known.grewMs = this.#clock.monotonicMs();
    // The source was opened again, so its key frames have another rhythm.
    if (!tracks || path.inboundBytes < (known.bytes ?? 0)) known.keyFrames = null;
    known.bytes = path.inboundBytes;
    if (!tracks) return;
    const isNews = known.tracks === null || !sameTracks(known.tracks, tracks);
    known.tracks = tracks;
    if (isNews) this.#onNews();
  }

  /** Records the feeder's key frame rhythm, as a read of its pictures measured it. */
  seeKeyFrames(name: string, keyFrames: KeyFrameTimes): void {
    const known = this.#known.get(name);
    if (known) known.keyFrames = keyFrames;
  }

  /** The feeder's key frame rhythm; null: not measured, or too long ago. */
  keyFramesOf(name: string): KeyFrameTimes | null {
    const keyFrames = this.#known.get(name)?.keyFrames ?? null;
    if (keyFrames && this.#clock.monotonicMs() - keyFrames.lastKeyFrameMs > RHYTHM_KEPT_MS) return null;
    return keyFrames;
  }

  /** The tracks that the feeder carries or carried last; null: not seen yet. */
  tracksOf(name: string): StreamTracks | null {
    return this.#known.get(name)?.tracks ?? null;
  }

  flowOf(name: string): Extract<StreamState['flow'], 'flowing' | 'starting' | 'stopped'> {
    const known = this.#known.get(name);
    const nowMs = this.#clock.monotonicMs();
    if (known && known.grewMs !== null && nowMs - known.grewMs <= STOPPED_AFTER_MS) return 'flowing';
    return !known || this.isNew(name) ? 'starting' : 'stopped';
  }

  /** True while the feeder may still be waiting for its first picture. */
  isNew(name: string): boolean {
    const known = this.#known.get(name);
    return known?.grewMs === null && this.#clock.monotonicMs() - known.sinceMs < STARTS_WITHIN_MS;
  }

  #know(name: string): void {
    if (!this.#known.has(name))
      this.#known.set(name, {
        sinceMs: this.#clock.monotonicMs(),
        tracks: null,
        bytes: null,
        grewMs: null,
        keyFrames: null,
      });
  }
}
