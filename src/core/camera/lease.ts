import type { StreamTracks } from './tracks.js';

/** Which of a camera's two streams: `main` (HD) or `sub` (fluent, nearly always H.264). */
export type StreamQuality = 'main' | 'sub';

/**
 * What is known of a lease's picture.
 * - `pending`: not proven yet; a first lease is in force in this state.
 * - `proven`: a proof saw tracks, growing bytes and one decoded picture.
 * - `failed`: a proof found no picture of this camera.
 * - `unproven`: promoted without a proof at the last safe moment (an offline camera cannot be proven).
 */
export type ProofState = 'pending' | 'proven' | 'failed' | 'unproven';

/** The right to pull one cloud URL until `expiresAt`. */
export interface Lease {
  /** 1, 2, 3 … per camera; never goes down, never used twice. */
  readonly revision: number;
  /** The cloud's live URL. Secret: never leaves the store and the engine. */
  readonly url: string;
  /** The vendor's id of this URL, for giving it back; null when the vendor named none. */
  readonly urlId: string | null;
  readonly quality: StreamQuality;
  readonly obtainedAt: Date;
  readonly expiresAt: Date;
  /** When to renew, jitter included: drawn once, at obtaining, and stored. */
  readonly renewAt: Date;
  readonly proof: ProofState;
  /** When `proof` was last decided; null while pending. */
  readonly provenAt: Date | null;
  /** The tracks that the proof saw; null: none yet. */
  readonly tracks: StreamTracks | null;
}
