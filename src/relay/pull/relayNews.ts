import type { PullReason } from '../../core/streams/relay.js';
import type { PictureCodec } from '../units/nalUnits.js';
import type { RelayState } from './relayState.js';

/** An event of a stream, for the relay's log and for tests. It contains no address, no stream key and no text of a server. */
export type RelayNews =
  | { readonly kind: 'state'; readonly state: RelayState }
  | { readonly kind: 'taken-over'; readonly revision: number }
  | { readonly kind: 'pull-over'; readonly revision: number; readonly reason: PullReason; readonly code: string | null }
  /** The next source sends another codec than the readers know: it does not take over while the source in force goes on. */
  | { readonly kind: 'refused'; readonly revision: number; readonly codec: PictureCodec }
  /** The readers were ended since the codec of the picture has changed; when they come again they get the new one. */
  | { readonly kind: 'rebuilt'; readonly revision: number }
  | { readonly kind: 'left-out'; readonly track: 'picture' | 'sound'; readonly codec: string }
  /** A candidate's pull began, for its proof. */
  | { readonly kind: 'candidate'; readonly revision: number }
  /** The server allows no second stream: the pull of revision `closed` was ended, so that `revision` can begin. */
  | { readonly kind: 'no-room'; readonly revision: number; readonly closed: number }
  /** The limit of the group is reached: this camera waits until another one is no longer pulled. */
  | { readonly kind: 'over-cap' }
  /** The slate now replaces the repeated last key frame. */
  | { readonly kind: 'slate' }
  /** Pictures of a source go out again, after `gapMs` ms without. */
  | { readonly kind: 'bridged'; readonly gapMs: number };
