import type { PictureFormat } from './pictureEncoder.js';

interface Loop {
  readonly id: number;
  /** A filter graph without inputs whose one output is of this format and rate, of at least the length of its groups. */
  readonly graph: string;
  readonly groups: number;
  readonly framesPerGroup: number;
}

/** yuv420p of this size and rate. */
export type PictureJob = Loop & PictureFormat;
/** Blocks of `fltp`, mono. */
export type SoundJob = Loop & { readonly codec: 'aac' };

/** A request to the encoder process: a piece of a clip. */
export type EncodeJob = PictureJob | SoundJob;

/** A report of the encoder process. */
export type EncoderEvent =
  /** The body of the FLV tag that opens the stream. */
  | { readonly type: 'header'; readonly id: number; readonly body: Buffer }
  /** The next group of frames: FLV tag bodies one after the other, with the length of each. */
  | { readonly type: 'group'; readonly id: number; readonly bodies: Buffer; readonly lengths: readonly number[] }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  /** node-av does not load here: no clip can be made at all. */
  | { readonly type: 'unavailable' };
