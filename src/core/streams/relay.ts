import type { CameraId, SoundSetting } from '../camera/camera.js';
import type { WhenGone } from '../camera/whenGone.js';
import type { PullTarget } from './pullTarget.js';

/** What a relay gets for one camera. */
export interface RelayCamera {
  /** Pulled while the camera has readers; null: no URL is in force, so readers get the slate until one is. */
  readonly target: PullTarget | null;
  /** May be pulled beside the target while it is proven; when it becomes the target, that pull goes on. */
  readonly candidate: PullTarget | null;
  /** After a minute without pictures: `slate` goes on with the slate while the camera has readers, `end` ends the stream. */
  readonly whenGone: WhenGone;
  /** The most pulls at once of all cameras of one group (an account); null: no bound. */
  readonly cap: { readonly group: string; readonly most: number } | null;
  /** `off`: readers get the picture alone; absent: the sound too. */
  readonly sound?: SoundSetting;
}

/** What a relay reports of one camera that has readers, or has turned some away. */
export interface RelayedCamera {
  /**
   * `opening`: no picture has come yet. `live`: pictures go out. `bridging`: the source is away, a stand-in goes out.
   * `dark`: no picture came in time, so readers are turned away, until a pull brings one or no reader has asked for a
   * while.
   */
  readonly state: 'opening' | 'live' | 'bridging' | 'dark';
  /** The revision of the target whose pictures go out; null: none. */
  readonly revision: number | null;
  readonly readers: number;
  /** Bytes of the pull in force and those before it, since the camera was first read; never of stand-ins. */
  readonly bytesReceived: number;
  /** How long ago (ms) the pull in force brought bytes; null: it has brought none. */
  readonly quietMs: number | null;
  /** Why the latest pull ended, or why none may begin; null: no pull has ended since pictures came. */
  readonly reason: RelayReason | null;
  /** How many pulls in a row have ended by `protocol` since pictures last came. */
  readonly protocolFailures: number;
  /** How many pulls have ended since the camera was first read; absent: none, or an older relay. */
  readonly endedPulls?: number;
  /** The usual time (ms) between two pictures of a source that sends one in a second or fewer; absent: it sends more, or it is not known. */
  readonly slowStepMs?: number;
}

/** A pull that has been quiet for longer brings no picture any more. */
const STOPPED_AFTER_MS = 5_000;
/** For a slow source: after so many of its steps, if that is later, within a bound. */
const STOPPED_AFTER_STEPS = 3;
const MOST_STOPPED_AFTER_MS = 60_000;

/** True: pictures of the camera's source go out, by the rhythm that the source has shown. */
export function isFlowing({ state, quietMs, slowStepMs = 0 }: RelayedCamera): boolean {
  if (state !== 'live' || quietMs === null) return false;
  return quietMs <= Math.max(STOPPED_AFTER_MS, Math.min(MOST_STOPPED_AFTER_MS, STOPPED_AFTER_STEPS * slowStepMs));
}

/**
 * Why a pull ended, or why none begins.
 * - `not-found`, `refused`: the server answered so. `ended`: it closed the stream. `silence`: it sent nothing for too long.
 * - `login`: it refuses user or password. `too-many`: it has no free session. `not-a-stream`: it speaks another protocol, or
 *   sends no video.
 * - `forbidden`: a person gave the address, and it leads to a network that the relay may not connect to.
 * - `reader-missing`: the source is one that only node-av reads, which is not installed where the relay runs. `reader-lost`: the
 *   process that reads it ended.
 * - `connection`: it could not be reached, or the connection broke off. `protocol`: the relay does not understand what it
 *   sends.
 * - `certificate`: its certificate is not trusted, out of date, or of another host.
 * - `codec`: the picture's codec is one that the relay does not carry.
 * - `no-key-frame`: pictures came, but none that a decoder can begin with.
 * - `no-transcode`: its pictures have to be transcoded, and as many streams are as TRANSCODES_MAX allows.
 * - `no-address`: no lease is in force. `over-cap`: the account may not have another stream.
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
  'login',
  'forbidden',
  'too-many',
  'not-a-stream',
  'reader-missing',
  'reader-lost',
  'no-transcode',
] as const;
export type RelayReason = (typeof RELAY_REASONS)[number];
/** Why a pull that had begun ended, or may not begin. */
export type PullReason = Exclude<RelayReason, 'no-address' | 'over-cap'>;

/** What carries a camera's pictures to its public path (`forward`: a feeder), unless the media server pulls them by itself. */
export const STREAM_CARRIERS = ['forward', 'relay'] as const;
export type StreamCarrier = (typeof STREAM_CARRIERS)[number];

export type RelayCameras = ReadonlyMap<CameraId, RelayCamera>;

/** True when both ask for the same pulls. The tracks that a proof saw do not count: a relay goes by what arrives. */
export function isSameRelayCamera(a: RelayCamera, b: RelayCamera): boolean {
  if (a === b) return true;
  if ((a.sound ?? 'on') !== (b.sound ?? 'on')) return false;
  if (a.whenGone !== b.whenGone || a.cap?.group !== b.cap?.group || a.cap?.most !== b.cap?.most) return false;
  return isSameTarget(a.target, b.target) && isSameTarget(a.candidate, b.candidate);
}

function isSameTarget(a: PullTarget | null, b: PullTarget | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.url !== b.url || a.givenBy !== b.givenBy || a.revision !== b.revision) return false;
  return a.endsAt?.getTime() === b.endsAt?.getTime();
}
