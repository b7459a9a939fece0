import type { CameraId } from '../camera/camera.js';
import type { WhenGone } from '../camera/whenGone.js';
import type { PullTarget } from './pullTarget.js';

/** What a relay is told of one camera. */
export interface RelayCamera {
  /** Pulled while somebody reads; null: no address is in force, so readers get the slate until one is. */
  readonly target: PullTarget | null;
  /** May be read beside the target while it is proven, and goes in force without being opened again. */
  readonly candidate: PullTarget | null;
  /** After a minute without pictures: `slate` goes on with the slate while somebody reads, `end` ends the stream. */
  readonly whenGone: WhenGone;
  /** Bounds the pulls of all cameras of one group (an account); null: nobody bounds them. */
  readonly cap: { readonly group: string; readonly most: number } | null;
}

/** What a relay says of one camera that somebody reads, or wants to. */
export interface RelayedCamera {
  /**
   * `opening`: no picture has come yet. `live`: pictures go out. `bridging`: the source is away, a stand-in goes out. `dark`: no picture
   * came in time, so readers are turned away, until a pull brings some or nobody has asked for a while.
   */
  readonly state: 'opening' | 'live' | 'bridging' | 'dark';
  /** Of the target whose pictures go out; null: none. */
  readonly revision: number | null;
  readonly readers: number;
  /** Of the pull in force and those before it, since the camera was first read; never of stand-ins. */
  readonly bytesReceived: number;
  /** How long ago (ms) the pull in force brought bytes; null: it has brought none. */
  readonly quietMs: number | null;
  /** Why the latest pull ended, or none may begin; null: nothing ended since pictures came. */
  readonly reason: RelayReason | null;
  /** How many pulls in a row ended by `protocol`, since pictures came last. */
  readonly protocolFailures: number;
}

/**
 * - `not-found`, `refused`: the server answered so. `ended`: it closed the stream. `silence`: it sent nothing for too long.
 * - `connection`: it could not be reached, or broke off. `protocol`: it speaks what the relay does not understand.
 * - `certificate`: it is encrypted, and its certificate is not trusted, out of date, or of another host.
 * - `codec`: its picture has one that the relay does not carry.
 * - `no-key-frame`: pictures came, but none that a decoder can begin with.
 * - `no-address`: no lease is in force. `over-cap`: its account may not have another stream.
 */
export const RELAY_REASONS = [
  'not-found',
  'refused',
  'ended',
  'silence',
  'connection',
  'protocol',
  'certificate',
  'codec',
  'no-key-frame',
  'no-address',
  'over-cap',
] as const;
export type RelayReason = (typeof RELAY_REASONS)[number];

/** What carries a camera's pictures to its public path, where the media server does not pull them by itself. */
export const STREAM_CARRIERS = ['forward', 'relay'] as const;
export type StreamCarrier = (typeof STREAM_CARRIERS)[number];

export type RelayCameras = ReadonlyMap<CameraId, RelayCamera>;

/** True when both order the same pulls. What a proof saw of the tracks does not count: a relay goes by what arrives. */
export function isSameRelayCamera(a: RelayCamera, b: RelayCamera): boolean {
  if (a === b) return true;
  if (a.whenGone !== b.whenGone || a.cap?.group !== b.cap?.group || a.cap?.most !== b.cap?.most) return false;
  return isSameTarget(a.target, b.target) && isSameTarget(a.candidate, b.candidate);
}

function isSameTarget(a: PullTarget | null, b: PullTarget | null): boolean {
  if (a === null || b === null) return a === b;
  return a.url === b.url && a.revision === b.revision && a.endsAt?.getTime() === b.endsAt?.getTime();
}
