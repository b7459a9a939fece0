import type { PictureSetup } from './nalUnits.js';
import type { SoundSetup } from './sound.js';

/**
 * One access unit, or the setup that a decoder needs for the units that follow. Times are milliseconds on the connection's own clock and
 * may jump. The bytes of an access unit are valid only until the receiver returns: their memory is used again.
 */
export type RelayUnit =
  | { readonly kind: 'picture-setup'; readonly setup: PictureSetup }
  | {
      readonly kind: 'picture';
      readonly decodeMs: number;
      /** Presentation minus decoding time; not 0 with B-frames. */
      readonly offsetMs: number;
      /** A decoder may begin here. */
      readonly isKey: boolean;
      readonly units: readonly Buffer[];
    }
  | { readonly kind: 'sound-setup'; readonly setup: SoundSetup }
  | { readonly kind: 'sound'; readonly timeMs: number; readonly data: Buffer }
  /** A track is left out because the relay does not carry its codec; reported once. */
  | { readonly kind: 'left-out'; readonly track: 'picture' | 'sound'; readonly codec: string };
