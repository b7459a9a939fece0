import type { PullReason } from '../rtmp/pullReason.js';
import type { DescribedTracks } from './sdp.js';

/**
 * One access unit on the timeline of a stream; all times are its milliseconds. Its bytes are in memory that is used again: they are its own
 * until whoever gets it returns.
 */
export type StreamFrame =
  | {
      readonly kind: 'picture';
      readonly presentMs: number;
      /** A decoder may begin here. */
      readonly isKey: boolean;
      readonly units: readonly Buffer[];
    }
  | { readonly kind: 'sound'; readonly timeMs: number; readonly data: Buffer };

/** The stay of one reader at a stream, from its first question to its end. */
export interface Visit {
  /** What the stream is made of, at once when it is known. null: no picture came in time. */
  tracks(): Promise<DescribedTracks | null>;
  /** After `tracks` was null: why the pull ended that this reader waited for. Absent or null: no pull ended. */
  readonly whyNone?: () => PullReason | null;
  /** Hands over every frame from the latest key frame on. Only pictures and sound of the described tracks come. */
  play(onFrame: (frame: StreamFrame) => void): void;
  /** The reader is gone. May be called again. */
  leave(): void;
}

/** A stream that readers may visit. */
export interface ServedStream {
  /** `onEnd`: the stream ends this visit; called at most once, and never after `leave`. */
  visit(onEnd: () => void): Visit;
}
