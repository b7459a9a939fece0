import type { StreamTracks } from '../camera/tracks.js';

/** What a relay pulls for one camera: the lease in force, or an address that a person gave. */
export interface PullTarget {
  /** Secret: it never reaches a log or a page. */
  readonly url: string;
  /** Another number for each URL; on a new one the relay changes to its URL without a reader noticing. */
  readonly revision: number;
  /** No pull begins after this time. null: the URL does not expire. */
  readonly endsAt: Date | null;
  /** As a proof saw them; null: not proven yet. The relay goes by the tracks that arrive. */
  readonly tracks: StreamTracks | null;
}
