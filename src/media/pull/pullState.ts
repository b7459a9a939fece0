import type { RelayReason } from '../../core/streams/relay.js';

export interface PullState {
  /** The revision whose pictures come; null: none yet. */
  readonly revision: number | null;
  readonly flowing: boolean;
  /** The last picture is shown in the camera's place. */
  readonly standsIn: boolean;
  /** Of the camera's own streams, never of what stands in. */
  readonly bytesReceived: number;
  /** Since the last picture of the camera came; null: none has. */
  readonly pictureMsAgo: number | null;
  readonly sessions: number;
  /** Why the last try of the wanted source ended; null: it has not. */
  readonly problem: Error | null;
  /** Why no picture comes, where it is known; null: one does, or it is being opened. */
  readonly reason: RelayReason | null;
}

export interface PullSource {
  readonly url: string;
  readonly revision: number;
}
