import { sameTracks, type StreamTracks } from '../../../core/camera/tracks.js';
import type { Clock } from '../../../core/clock.js';
import type { StreamState } from '../../mediaEngine.js';
import type { PathReply } from '../api/replies.js';
import { seenTracks } from '../api/seenTracks.js';
import type { KeyFrameTimes } from '../write/keyFrameMoment.js';

/** Bytes that did not grow for so long have stopped; MediaMTX tries a dead source again after 5 s. */
export const STOPPED_AFTER_MS = 5_000;
/** A source that is new may take so long until its first picture. */
const STARTS_WITHIN_MS = 15_000;
/** Two clocks drift apart: then a camera's key frames are not where they were. */
const RHYTHM_KEPT_MS = 300_000;

interface Known {
  readonly sinceMs: number;
  tracks: StreamTracks | null;
  /** null: not looked at yet. */
  bytes: number | null;
  grewMs: number | null;
  keyFrames: KeyFrameTimes | null;
}

/** What was seen of the paths that pull all the time, look by look: MediaMTX tells counts, not whether they grow. */
export class Feeders {
  readonly #clock: Clock;
  readonly #onNews: () => void;
  readonly #known = new Map<string, Known>();

  /** `onNews`: other tracks than known are there. */
  constructor(clock: Clock, onNews: () => void) {
    this.#clock = clock;
    this.#onNews = onNews;
  }

  /** Begins to know these and forgets all others. */
  keep(names: Iterable<string>): void {
    const kept = new Set(names);
    for (const name of this.#known.keys()) if (!kept.has(name)) this.#known.delete(name);
    for (const name of kept) this.#know(name);
  }

  /** Takes in a look at a path; others than kept ones are passed over. */
  see(path: PathReply): void {
    const known = this.#known.get(path.name);
    if (!known) return;
    const tracks = seenTracks(path);
    // What the first look finds may have come long ago, and stand still since.
    const grew = known.bytes !== null && path.inboundBytes > 0 && path.inboundBytes !== known.bytes;
    if (tracks && grew) known.grewMs = this.#clock.monotonicMs();
    // It was opened anew, and begins where it likes.
    if (!tracks || path.inboundBytes < (known.bytes ?? 0)) known.keyFrames = null;
    known.bytes = path.inboundBytes;
    if (!tracks) return;
    const isNews = known.tracks === null || !sameTracks(known.tracks, tracks);
    known.tracks = tracks;
    if (isNews) this.#onNews();
  }

  /** A look at its pictures told when its key frames come. */
  seeKeyFrames(name: string, keyFrames: KeyFrameTimes): void {
    const known = this.#known.get(name);
    if (known) known.keyFrames = keyFrames;
  }

  /** null: not known, or too long ago. */
  keyFramesOf(name: string): KeyFrameTimes | null {
    const keyFrames = this.#known.get(name)?.keyFrames ?? null;
    if (keyFrames && this.#clock.monotonicMs() - keyFrames.lastKeyFrameMs > RHYTHM_KEPT_MS) return null;
    return keyFrames;
  }

  /** What it carries, or carried last; null: not seen yet. */
  tracksOf(name: string): StreamTracks | null {
    return this.#known.get(name)?.tracks ?? null;
  }

  flowOf(name: string): Extract<StreamState['flow'], 'flowing' | 'starting' | 'stopped'> {
    const known = this.#known.get(name);
    const nowMs = this.#clock.monotonicMs();
    if (known && known.grewMs !== null && nowMs - known.grewMs <= STOPPED_AFTER_MS) return 'flowing';
    return !known || this.isNew(name) ? 'starting' : 'stopped';
  }

  /** True while it may still be on its way to its first picture. */
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
