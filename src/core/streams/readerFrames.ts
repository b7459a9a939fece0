import type { SoundFormat } from './secondSound.js';

/**
 * What a relay's worker and its reader child say to each other: frames over one pipe, each a JSON head and bytes behind it. Both sides check the heads
 * that they get.
 */

/** To the reader child. `id` numbers the pulls and transcodes of one worker. */
export type ReaderOrder =
  | { readonly op: 'open'; readonly id: number; readonly url: string }
  /** Begins a transcode of sound. The bytes behind it: the AudioSpecificConfig of AAC, else nothing. */
  | { readonly op: 'make-sound'; readonly id: number; readonly from: SoundFormat; readonly to: SoundFormat }
  /** Begins a transcode of pictures to H.264. */
  | { readonly op: 'make-picture'; readonly id: number; readonly from: (typeof READ_PICTURES)[number] }
  /** The bytes behind it: one piece of sound, or one access unit with start codes, for a transcode. */
  | { readonly op: 'give'; readonly id: number; readonly timeMs: number; readonly isKey: boolean }
  /** The answer to `transcode`, where there is a place. */
  | { readonly op: 'transcode'; readonly id: number }
  | { readonly op: 'stop'; readonly id: number };

/** Codecs that the reader child passes on as they are. */
export const READ_PICTURES = ['h264', 'h265'] as const;
export const READ_SOUNDS = ['aac', 'pcma', 'pcmu'] as const;

/** Why the reader child ended a pull: a relay's reason. */
export const READER_ENDS = [
  'not-found',
  'refused',
  'login',
  'too-many',
  'forbidden',
  'ended',
  'silence',
  'connection',
  'certificate',
  'protocol',
  'not-a-stream',
  'codec',
] as const;
export type ReaderEnd = (typeof READER_ENDS)[number];

/** From the reader child. Times are milliseconds on the source's own clock and may jump. */
export type ReaderReport =
  /** Sent once, first. `problem`: why this child can read nothing; null: it reads. */
  | { readonly kind: 'ready'; readonly problem: string | null }
  /** The source has to be transcoded: after its first picture the child waits for the order, or for `stop`. */
  | { readonly kind: 'transcode'; readonly id: number }
  /** Bytes arrived of the source's pictures and sound. */
  | { readonly kind: 'bytes'; readonly id: number; readonly count: number }
  /** The bytes behind it: the decoder's configuration record, or nothing where parameter sets come with the pictures. */
  | { readonly kind: 'picture-track'; readonly id: number; readonly codec: (typeof READ_PICTURES)[number] }
  /** The bytes behind it: one access unit, with start codes (`isAnnexB`) or with lengths of four bytes. */
  | {
      readonly kind: 'picture';
      readonly id: number;
      readonly decodeMs: number;
      readonly offsetMs: number;
      readonly isAnnexB: boolean;
    }
  /** The bytes behind it: an AudioSpecificConfig, or nothing where AAC comes with ADTS headers, and for G.711. */
  | {
      readonly kind: 'sound-track';
      readonly id: number;
      readonly codec: (typeof READ_SOUNDS)[number];
      readonly sampleRate: number;
      readonly channels: number;
    }
  | { readonly kind: 'sound'; readonly id: number; readonly timeMs: number }
  | { readonly kind: 'left-out'; readonly id: number; readonly track: 'picture' | 'sound'; readonly codec: string }
  /** The bytes behind it: what a transcode has made, on the clock of what was given. Pictures have start codes, key frames their parameter sets. */
  | { readonly kind: 'made'; readonly id: number; readonly timeMs: number; readonly isKey: boolean }
  /** Nothing follows for this pull. `code`: safe to log; null: none. */
  | { readonly kind: 'end'; readonly id: number; readonly why: ReaderEnd; readonly code: string | null };

/** A picture of a camera is far smaller; the limit bounds what one side can make the other hold. */
const MOST_FRAME_BYTES = 32 * 1_024 * 1_024;
const MOST_HEAD_BYTES = 64 * 1_024;
const PREFIX_BYTES = 8;

/** One frame: its whole length and its head's length in four bytes each, the head, the bytes. */
export function frameOf(head: ReaderOrder | ReaderReport, bytes?: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(PREFIX_BYTES + text.length + (bytes?.length ?? 0), 0);
  prefix.writeUInt32BE(text.length, 4);
  return Buffer.concat(bytes ? [prefix, text, bytes] : [prefix, text]);
}

/** What the other side sent is no frame; the connection is of no use any more. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Cuts received bytes into frames. */
export class FrameCutter {
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #wantedBytes = PREFIX_BYTES;

  /** Returns the frames that are complete now, in order. Throws `FrameError`; nothing may be taken afterwards. */
  take(chunk: Buffer): { readonly head: unknown; readonly bytes: Buffer }[] {
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
    // Joined only once a frame is complete: a large frame comes in many chunks.
    if (this.#keptBytes < this.#wantedBytes) return [];
    const all = this.#kept.length === 1 ? chunk : Buffer.concat(this.#kept);
    const frames: { readonly head: unknown; readonly bytes: Buffer }[] = [];
    let at = 0;
    this.#wantedBytes = PREFIX_BYTES;
    while (all.length - at >= PREFIX_BYTES) {
      const length = all.readUInt32BE(at);
      const headBytes = all.readUInt32BE(at + 4);
      if (length > MOST_FRAME_BYTES || headBytes > MOST_HEAD_BYTES || length < PREFIX_BYTES + headBytes)
        throw new FrameError('A frame is longer than any that is sent.');
      if (all.length - at < length) {
        this.#wantedBytes = length;
        break;
      }
      const begin = at + PREFIX_BYTES + headBytes;
      frames.push({
        head: headOf(all.toString('utf8', at + PREFIX_BYTES, begin)),
        bytes: all.subarray(begin, at + length),
      });
      at += length;
    }
    this.#kept = at < all.length ? [all.subarray(at)] : [];
    this.#keptBytes = all.length - at;
    return frames;
  }
}

function headOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FrameError('The head of a frame is no JSON.');
  }
}
