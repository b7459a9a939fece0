import type { Clock } from '../../src/core/clock.js';
import type { PictureSpec } from '../clips/clip.js';

export type PictureCodec = PictureSpec['codec'];

/** The sound of a stream: beeps in step with the picture's seconds (AAC-LC, 16 kHz, mono), or no track at all. */
export type Sound = 'aac' | 'none';

/** The simulated cloud's decision about one play request. */
export interface StreamVerdict {
  /**
   * - `camera`: the camera's test picture.
   * - `error-clip`: a success whose picture is the vendor's error clip (an H.265 camera).
   * - `nothing`: the play is accepted and no packet ever comes.
   * - `refuse`: no such stream, expired, wrong signature, over the stream cap …; `reason` says which.
   */
  readonly play: 'camera' | 'error-clip' | 'nothing' | 'refuse';
  readonly cameraName: string;
  /** Which clip to play; equal keys may share one encoding. */
  readonly clipKey: string;
  /** Absent: H.264. */
  readonly codec?: PictureCodec;
  /** Whole seconds between key frames; a divisor of 60. Absent: the origin's. */
  readonly keyFrameSeconds?: number;
  /** B-frames between two others (H.264 alone). Absent: none. */
  readonly bFrames?: number;
  /** Absent: none. */
  readonly sound?: Sound;
  readonly reason?: string;
  /** The connection is cut at this moment of the clock; null or absent: it plays on. */
  readonly cutAt?: Date | null;
  /** The connection is cut this long after it began to play; null or absent: never. */
  readonly sessionLimitMs?: number | null;
}

export interface OriginOptions {
  readonly clock: Clock;
  /** `app` is `v3/openlive`, `streamName` is `<SERIAL>_<channel>_<quality>?expire=…&id=…&t=…`, exactly as they came. */
  readonly lookup: (app: string, streamName: string) => StreamVerdict;
  /**
   * `onOpen` is called once for every accepted play, in the same turn as its `lookup` (the stream cap is counted by it), `onClose` once when
   * the play ends. `streamId`: the stream name that `lookup` got.
   */
  readonly onOpen?: (streamId: string) => void;
  readonly onClose?: (streamId: string) => void;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** The clock by which frames are sent: pass a real one when `clock` is a `TurnedClock`. Absent: `clock`. */
  readonly mediaClock?: Clock;
  /** Called with a plain sentence when test pictures cannot be made (node-av is missing, say). */
  readonly onProblem?: (sentence: string) => void;
  /** Whole seconds between key frames; a divisor of 60. Absent: 1. */
  readonly keyFrameSeconds?: number;
  /** A client for which more than this waits is cut. */
  readonly maxBacklogBytes?: number;
}

/** A play-only RTMP server on 127.0.0.1. */
export interface Origin {
  readonly port: number;
  rtmpUrl(app: string, stream: string): string;
  /** Connections that play right now. */
  pulls(): number;
  /** Cuts every connection whose stream name matches, as the cloud does now and then; returns how many. */
  cut(matches: (streamName: string) => boolean): number;
  stop(): Promise<void>;
}
