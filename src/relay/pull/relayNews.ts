import type { PictureCodec } from '../rtmp/nalUnits.js';
import type { PullReason } from '../rtmp/pullReason.js';
import type { RelayState } from './relayState.js';

/** What happens to a stream, for those who watch over it. No address, stream key or sentence of a server stands in it. */
export type RelayNews =
  | { readonly kind: 'state'; readonly state: RelayState }
  | { readonly kind: 'taken-over'; readonly revision: number }
  | { readonly kind: 'pull-over'; readonly revision: number; readonly reason: PullReason; readonly code: string | null }
  /** Another codec than the readers were told: it is not taken while the source of before goes on. */
  | { readonly kind: 'refused'; readonly revision: number; readonly codec: PictureCodec }
  /** The readers were ended since the picture's codec is another now; they find it when they come again. */
  | { readonly kind: 'rebuilt'; readonly revision: number }
  | { readonly kind: 'left-out'; readonly track: 'picture' | 'sound'; readonly codec: string }
  /** A candidate's pull began, so that it can be looked at before it is in force. */
  | { readonly kind: 'candidate'; readonly revision: number }
  /** The server allows no second stream beside the first: the pull of `closed` ended, so that `revision` can begin. */
  | { readonly kind: 'no-room'; readonly revision: number; readonly closed: number }
  /** Another camera of the group has to leave before this one is pulled. */
  | { readonly kind: 'over-cap' }
  /** The slate takes the place of the last key frame. */
  | { readonly kind: 'slate' }
  /** Pictures go out again after so long (ms) without. */
  | { readonly kind: 'bridged'; readonly gapMs: number };
