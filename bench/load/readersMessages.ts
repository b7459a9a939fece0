/** Orders to the process of the readers. `reset`: counting starts again. */
export type ReadersOrder = { readonly read: readonly string[] } | 'counts' | 'reset';

/** Counts of all readers together, since the last reset. */
export interface Counts {
  readonly playing: number;
  readonly closed: number;
  /** First lines of the latest refusals. */
  readonly refusals: readonly string[];
  readonly packets: number;
  /** Lost packets, by gaps in RTP's sequence numbers. */
  readonly lostPackets: number;
  readonly pictures: number;
  /** Lost pictures, by gaps in the numbers that the pictures of one pull carry. */
  readonly lostPictures: number;
  /** Readers whose pictures now come from another pull. */
  readonly changed: number;
  /** The longest time without a new picture at any reader. */
  readonly longestMs: number;
}
