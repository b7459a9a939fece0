import type { RelayState } from './relayState.js';
import type { PictureCodec } from './rtmp/nalUnits.js';
import type { PullEnd } from './rtmp/rtmpPull.js';

/** What happens to a stream, for those who watch over it. Descriptions come from the server that is pulled. */
export type RelayNews =
  | { readonly kind: 'state'; readonly state: RelayState }
  | { readonly kind: 'taken-over'; readonly revision: number }
  | { readonly kind: 'pull-over'; readonly revision: number; readonly end: PullEnd | 'no-key-frame' }
  /** Another codec than the readers were told: it is not taken while the source of before goes on. */
  | { readonly kind: 'refused'; readonly revision: number; readonly codec: PictureCodec }
  /** The readers were ended since the picture's codec is another now; they find it when they come again. */
  | { readonly kind: 'rebuilt'; readonly revision: number }
  | { readonly kind: 'left-out'; readonly track: 'picture' | 'sound'; readonly codec: string };
