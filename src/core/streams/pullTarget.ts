import type { StreamTracks } from '../camera/tracks.js';

/** What a relay pulls for one camera: the lease in force, or an address that somebody gave. */
export interface PullTarget {
  /** Secret: it never reaches a log or a page. */
  readonly url: string;
  /** Another number for each address; the relay goes over to it without a reader noticing. */
  readonly revision: number;
  /** No pull begins after it. null: the address does not end. */
  readonly endsAt: Date | null;
  /** As a proof saw them; null: nobody looked yet. What arrives decides. */
  readonly tracks: StreamTracks | null;
}
