import type { StreamTracks } from '../camera/tracks.js';
import type { PullTarget } from './pullTarget.js';
import type { PullReason } from './relay.js';

/** A source that was pulled once and showed a picture. */
export interface Opened {
  readonly tracks: StreamTracks;
  /** The first key frame as an Annex B stream, its parameter sets in front: a decoder makes one picture of it. */
  readonly keyFrame: Buffer;
}

/** A source that showed no picture. */
export interface NotOpened {
  readonly reason: PullReason;
  /** A code of the system or of a protocol that is safe to log, such as `ECONNREFUSED`; null: there is none. */
  readonly code: string | null;
}

export interface OpeningOptions {
  /** True: a person asks for it, so that a login which the camera refused lately is tried once more. */
  readonly again?: boolean;
}

/** Looks whether a source shows a picture, before or while anybody watches. */
export interface SourceOpening {
  /**
   * Pulls the target once, for 10 s at most; where the camera is pulled already, that pull is looked at. Rejects with an
   * `AppError` when the relay cannot answer (`RELAY_UNREACHABLE`, `RELAY_BUSY`), and with the signal's reason when it is
   * aborted, which also ends the pull.
   */
  open(target: PullTarget, signal: AbortSignal, options?: OpeningOptions): Promise<Opened | NotOpened>;
}

export function isOpened(outcome: Opened | NotOpened): outcome is Opened {
  return 'tracks' in outcome;
}
