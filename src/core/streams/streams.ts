import { type Camera, type CameraId, type CameraMode, goesByRelay, isAlwaysPulled } from '../camera/camera.js';
import { accountOf, neverKind } from '../camera/cameraSource.js';
import type { Lease } from '../camera/lease.js';
import { lifeMs } from '../renewal/renewal.js';
import { isPullable, leaseTarget, targetOf, type PullTarget } from './pullTarget.js';
import type { RelayCamera } from './relay.js';

const HOUR_MS = 3_600_000;

/** What the media loop asks an engine to serve for one camera. */
export interface DesiredStream {
  readonly mode: CameraMode;
  /**
   * The lease to pull; null: none is alive. A camera that is pulled all the time, or by a relay, keeps its public path then, and its
   * slate if the engine has one.
   */
  readonly inForce: PullTarget | null;
  /**
   * The candidate while it is being proven; null: none is. An engine that can only prove a running pull pulls it beside the one in
   * force.
   */
  readonly candidate: PullTarget | null;
  /** How the relay treats the camera; absent: the slate stands in for ever, and the relay does not limit the account's pulls. */
  readonly relaying?: Pick<RelayCamera, 'whenGone' | 'cap' | 'sound'>;
}

/** True for a stream that goes through the relay where there is one. */
export function isForRelay(stream: Pick<DesiredStream, 'mode' | 'inForce' | 'relaying'>): boolean {
  return goesByRelay(stream.mode) || isForRelayAlone(stream) || isSilent(stream);
}

/** True for a stream whose sound is to be left out, which no media server does. */
export function isSilent({ relaying }: Pick<DesiredStream, 'relaying'>): boolean {
  return relaying?.sound === 'off';
}

/**
 * True for a stream whose URL a person gave: the relay alone may pull it, in each mode, because the relay checks each address that it dials.
 * (MediaMTX resolves the host anew and follows redirects, and its file may be read by others.)
 */
export function isForRelayAlone({ inForce }: Pick<DesiredStream, 'inForce'>): boolean {
  return inForce?.givenBy === 'person';
}

export type DesiredStreams = ReadonlyMap<CameraId, DesiredStream>;

/** What the streams depend on beside the cameras. */
export interface StreamsContext {
  /** True when this candidate is being proven, so that it needs a stream; absent: none is. */
  readonly proving?: (camera: Camera, revision: number) => boolean;
  /** How many streams the vendor allows an account at once; null: not known, or no cap; absent: null for all. */
  readonly capOf?: (account: string) => number | null;
}

/**
 * What an engine has to serve now: the unexpired lease of every enabled camera that has not been missing for longer than
 * the grace, and the address of every enabled camera that has one of its own. When a lease expires, the camera keeps its path without a lease, unless the media server pulls it directly.
 */
export function desiredStreams(
  cameras: Iterable<Camera>,
  now: Date,
  context: StreamsContext = {},
): Map<CameraId, DesiredStream> {
  const streams = new Map<CameraId, DesiredStream>();
  for (const camera of cameras) {
    const stream = servedStream(camera, now, context);
    if (stream) streams.set(camera.id, stream);
  }
  return streams;
}

/** When `desiredStreams` next loses something because time passes; null: never. */
export function nextStreamEnd(cameras: Iterable<Camera>, now: Date): Date | null {
  // In numbers: each step of the media loop goes through the whole fleet, and comparing dates takes ten times as long.
  const nowMs = now.getTime();
  let nextMs = Number.POSITIVE_INFINITY;
  for (const camera of cameras) {
    const leaseEndMs = camera.lease?.expiresAt.getTime() ?? 0;
    const endMs = servedUntilMs(camera);
    if (leaseEndMs > nowMs && leaseEndMs < nextMs) nextMs = leaseEndMs;
    if (endMs > nowMs && endMs < nextMs) nextMs = endMs;
  }
  return nextMs === Number.POSITIVE_INFINITY ? null : new Date(nextMs);
}

function servedStream(camera: Camera, now: Date, context: StreamsContext): DesiredStream | null {
  const { candidate, mode } = camera;
  const target = targetOf(camera);
  if (target === null || servedUntilMs(camera) <= now.getTime()) return null;
  const inForce = isPullable(target, now) ? target : null;
  const isAlive = candidate !== null && candidate.expiresAt > now;
  const looked = isAlive && context.proving?.(camera, candidate.revision) === true ? leaseTarget(candidate) : null;
  const relaying = relayingOf(camera, context);
  return { mode, inForce, candidate: looked, ...(relaying && { relaying }) };
}

/** null: the defaults apply. The cap bounds viewers' pulls only: a camera that is pulled all the time is never refused. */
function relayingOf(camera: Camera, { capOf }: StreamsContext): DesiredStream['relaying'] | null {
  const { whenGone, mode, sound } = camera;
  const account = isAlwaysPulled(mode) ? null : accountOf(camera);
  const most = account === null ? null : (capOf?.(account) ?? null);
  if (whenGone === 'slate' && most === null && sound === 'on') return null;
  const cap = account === null || most === null ? null : { group: account, most };
  return { whenGone, cap, ...(sound === 'off' && { sound }) };
}

/** False for a direct camera: without its cloud URL the media server has nothing to serve. */
function outlivesItsLease(mode: CameraMode): boolean {
  return mode !== 'direct';
}

/** When the camera's path is removed (epoch ms); infinity: never; 0: it has none. */
function servedUntilMs(camera: Camera): number {
  if (!camera.enabled || camera.status === 'disabled') return 0;
  const { source, lease } = camera;
  switch (source.kind) {
    case 'url':
      return Number.POSITIVE_INFINITY;
    case 'cloud':
      return lease === null ? 0 : leaseServedUntilMs(camera, lease);
    default:
      return neverKind(source);
  }
}

function leaseServedUntilMs(camera: Camera, lease: Lease): number {
  const leaseEndMs = outlivesItsLease(camera.mode) ? Number.POSITIVE_INFINITY : lease.expiresAt.getTime();
  if (camera.status !== 'missing') return leaseEndMs;
  // A listing may miss a camera for a moment, so its viewers are not cut off at once.
  const missingSince = camera.missingSince ?? camera.updatedAt;
  // In whole milliseconds, like dates: else the end would lie behind the time that `nextStreamEnd` returns for it.
  const graceEndMs = missingSince.getTime() + Math.min(HOUR_MS, Math.floor(lifeMs(lease) / 7));
  return Math.min(graceEndMs, leaseEndMs);
}
