import type { PullReason } from '../../core/streams/relay.js';
import type { DescribedTracks } from './sdp.js';

/**
 * One access unit on the timeline of a stream; times are milliseconds on that timeline. Its bytes are valid only until the receiver returns:
 * their memory is used again.
 */
export type StreamFrame =
  | {
      readonly kind: 'picture';
      readonly presentMs: number;
      /** A decoder can begin with this picture. */
      readonly isKey: boolean;
      readonly units: readonly Buffer[];
    }
  | { readonly kind: 'sound'; readonly timeMs: number; readonly data: Buffer };

/** One reader's use of a stream, from its request for the tracks to its end. */
export interface Visit {
  /** Resolves with the tracks of the stream, at once when they are known; null: no picture came in time. */
  tracks(): Promise<DescribedTracks | null>;
  /** After `tracks` gave null: why the pull ended for which this reader waited. Absent or null: no pull ended. */
  readonly whyNone?: () => PullReason | null;
  /** Calls `onFrame` with every frame from the latest key frame on; only frames of the described tracks come. */
  play(onFrame: (frame: StreamFrame) => void): void;
  /** Must be called when the reader has left. May be called again. */
  leave(): void;
}

/** A stream that readers may visit. */
export interface VisitedStream {
  /** `onEnd`: called when the stream ends this visit; once at most, and never after `leave`. */
  visit(onEnd: () => void): Visit;
}
