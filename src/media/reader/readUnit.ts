import type { READ_PICTURES, READ_SOUNDS } from '../../core/streams/readerFrames.js';

/** What a source gives, in the order of its decoding times. Times are milliseconds on the source's clock. */
export type ReadUnit =
  /** `config`: the decoder configuration record; empty where parameter sets come with the pictures. */
  | { readonly kind: 'picture-track'; readonly codec: (typeof READ_PICTURES)[number]; readonly config: Buffer }
  | {
      readonly kind: 'picture';
      readonly timeMs: number;
      readonly offsetMs: number;
      readonly isAnnexB: boolean;
      readonly data: Buffer;
    }
  /** `config`: an AudioSpecificConfig; empty where AAC comes with ADTS headers. */
  | {
      readonly kind: 'sound-track';
      readonly codec: (typeof READ_SOUNDS)[number];
      readonly sampleRate: number;
      readonly channels: number;
      readonly config: Buffer;
    }
  | { readonly kind: 'sound'; readonly timeMs: number; readonly data: Buffer }
  | { readonly kind: 'left-out'; readonly track: 'picture' | 'sound'; readonly codec: string };
