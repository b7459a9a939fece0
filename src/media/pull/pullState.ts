import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayReason } from '../../core/streams/relay.js';

export interface PullState {
  /** The revision whose pictures come; null: none yet. */
  readonly revision: number | null;
  readonly flowing: boolean;
  /** True: a stand-in is shown. */
  readonly standsIn: boolean;
  /** Bytes from the camera's sources, without those of stand-ins. */
  readonly bytesReceived: number;
  /** Time in ms since the last picture of the camera; null: none has come. */
  readonly pictureMsAgo: number | null;
  readonly sessions: number;
  /** Why the last try of the wanted source ended; null: no try has ended. */
  readonly problem: Error | null;
  /** Why no picture comes; null: pictures come, the source is being opened, or the reason is not known. */
  readonly reason: RelayReason | null;
}

/** What the media process pulls. */
export type PulledUrl = Pick<PullTarget, 'url' | 'revision'> & {
  /** True: viewers get the picture alone; absent: false. */
  readonly withoutSound?: boolean;
};
