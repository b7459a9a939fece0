import type { SdpTrack } from './sdp.js';

/** Turns 32-bit timestamps that wrap around into numbers that do not. */
class Unwrapped {
  #last: number | null = null;

  at(timestamp: number): number {
    // The difference as a signed 32-bit number is the shorter way round.
    this.#last = this.#last === null ? timestamp : this.#last + ((timestamp - this.#last) | 0);
    return this.#last;
  }
}

interface Report {
  readonly wallSeconds: number;
  readonly timestamp: number;
}

/**
 * The clocks of one connection to a source: each track counts from a number of its own, and the sender reports, which the
 * media server sends right after the first key frame and the first sound, say which timestamps belong together.
 */
export class SourceClock {
  readonly #tracks: { readonly unwrapped: Unwrapped; readonly rate: number; report: Report | null }[];

  constructor(tracks: readonly SdpTrack[]) {
    this.#tracks = tracks.map(({ clockRate }) => ({ unwrapped: new Unwrapped(), rate: clockRate, report: null }));
  }

  unwrap(track: number, timestamp: number): number {
    return this.#tracks[track]?.unwrapped.at(timestamp) ?? timestamp;
  }

  report(track: number, wallSeconds: number, timestamp: number): void {
    const known = this.#tracks[track];
    if (known) known.report = { wallSeconds, timestamp: known.unwrapped.at(timestamp) };
  }

  /** The sound's timestamp (track 1) of the moment that the picture's (track 0) names; null: not known yet. */
  soundAt(picture: number): number | null {
    const [video, audio] = this.#tracks;
    if (!video?.report || !audio?.report) return null;
    const wallSeconds = video.report.wallSeconds + (picture - video.report.timestamp) / video.rate;
    return audio.report.timestamp + (wallSeconds - audio.report.wallSeconds) * audio.rate;
  }
}
