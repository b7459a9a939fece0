/** What the process of the readers is told. `reset`: counts begin anew. */
export type ReadersOrder = { readonly read: readonly string[] } | 'counts' | 'reset';

/** Since the last reset, of all readers together. */
export interface Counts {
  readonly playing: number;
  readonly closed: number;
  /** First lines of the latest answers that were refusals. */
  readonly refusals: readonly string[];
  readonly packets: number;
  /** By gaps in RTP's sequence numbers. */
  readonly lostPackets: number;
  readonly pictures: number;
  /** By gaps in what the pictures of one pull count. */
  readonly lostPictures: number;
  /** Readers whose pictures come of another pull than before. */
  readonly changed: number;
  /** The longest time without a new picture at any reader. */
  readonly longestMs: number;
}
