import { type CameraId, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { StreamState } from '../../mediaEngine.js';
import { forwardingRevisions } from '../paths/forwardingRevisions.js';
import { STOPPED_AFTER_MS, type Feeders } from '../carried/feeders.js';
import type { MovingBytes } from './movingBytes.js';
import { leasePathName, type PathConfigs } from '../paths/pathConfig.js';
import { relayedState, type SeenByRelay } from './relayedState.js';
import { isRelayLine } from '../paths/relayLine.js';
import type { PathReply } from '../api/replies.js';
import type { SourceLeases } from '../paths/sourceLeases.js';

export interface SeenStreams {
  readonly streams: DesiredStreams;
  /** Our paths; null: not known. */
  readonly own: PathConfigs | null;
  readonly leases: SourceLeases;
  readonly feeders: Feeders;
  /** The byte counts of public paths. */
  readonly moving: MovingBytes;
  /** Monotonic. */
  readonly nowMs: number;
  /** null: MediaMTX could not be asked. */
  readonly paths: readonly PathReply[] | null;
  readonly viewers: ReadonlyMap<string, number>;
  /** Names of paths whose source MediaMTX has opened for a reader, as far as known. */
  readonly opened: ReadonlySet<string>;
  /** null: MediaMTX pulls all cameras itself. */
  readonly relay: SeenByRelay | null;
}

/**
 * The state of each camera, from MediaMTX's paths and the relay. MediaMTX's flags `ready`, `available` and `online` do not decide: an
 * idle on-demand path is online too, and a path whose source hangs stays online for long. What counts is whether bytes grew since the
 * call before.
 */
export function streamStates(seen: SeenStreams): Map<CameraId, StreamState> {
  const byName = new Map(seen.paths?.map((path) => [path.name, path]));
  for (const path of byName.values()) seen.feeders.see(path);
  if (seen.paths !== null) for (const cameraId of seen.streams.keys()) noteBytes(seen.moving, cameraId, byName);
  const forwarding = forwardingRevisions(seen.own ?? new Map());
  const states = new Map<CameraId, StreamState>();
  for (const [cameraId, { mode, inForce }] of seen.streams) {
    const wanted = inForce?.revision ?? null;
    const byItself = (): StreamState =>
      isAlwaysPulled(mode)
        ? carriedState(seen, cameraId, wanted, forwarding.get(cameraId), byName)
        : onDemandState(seen, cameraId, byName.get(cameraId));
    states.set(cameraId, byRelay(seen, cameraId, wanted, byName.get(cameraId)) ?? byItself());
  }
  return states;
}

/** The state by the relay; null: the camera's line does not read the relay. */
function byRelay(
  seen: SeenStreams,
  cameraId: CameraId,
  inForce: number | null,
  path: PathReply | undefined,
): StreamState | null {
  const line = seen.own?.get(cameraId);
  if (!seen.relay || !line || !isRelayLine(cameraId, line)) return null;
  const viewers = seen.viewers.get(cameraId) ?? 0;
  const isServed = seen.paths !== null;
  const unread = line.sourceOnDemand ? 'idle' : path?.available === true ? 'unknown' : 'stopped';
  return relayedState(seen.relay, { cameraId, inForce, viewers, nowMs: seen.nowMs, isServed, unread });
}

/** Takes in a public path's bytes. An always available path has bytes from the camera only while it is `online`. */
function noteBytes(moving: MovingBytes, cameraId: CameraId, byName: ReadonlyMap<string, PathReply>): void {
  const path = byName.get(cameraId);
  moving.see(cameraId, path?.available && path.online ? path.inboundBytes : null);
}

function onDemandState(seen: SeenStreams, cameraId: CameraId, path: PathReply | undefined): StreamState {
  const viewers = seen.viewers.get(cameraId) ?? 0;
  const movedMs = seen.moving.movedMs(cameraId);
  // A viewer who waits for the first picture by HLS or RTSP is in no list of readers yet.
  const isAsked = viewers > 0 || (path?.readers.length ?? 0) > 0 || seen.opened.has(cameraId);
  return {
    revision: seen.leases.revisionOf(cameraId, seen.own),
    flow: seen.paths === null ? 'unknown' : onDemandFlow(path, isAsked, hasMoved(seen, movedMs)),
    bytesReceived: path?.inboundBytes ?? 0,
    ...(movedMs !== null && { movedMs }),
    ...(seen.relay?.isBeside(cameraId) && { reason: 'protocol' }),
    viewers,
  };
}

/** True: bytes grew in the last 5 s. null: they were never seen to grow. */
function hasMoved({ nowMs }: SeenStreams, movedMs: number | null): boolean | null {
  return movedMs === null ? null : nowMs - movedMs <= STOPPED_AFTER_MS;
}

function onDemandFlow(path: PathReply | undefined, isAsked: boolean, moves: boolean | null): StreamState['flow'] {
  if (!path) return 'idle';
  const isPulled = path.available && path.tracks2.length > 0;
  if (!isPulled) return isAsked ? 'starting' : 'idle';
  // The path was seen only once, or has brought nothing since it was opened.
  if (moves === null) return 'starting';
  return moves ? 'flowing' : 'stopped';
}

function carriedState(
  seen: SeenStreams,
  cameraId: CameraId,
  wanted: number | null,
  forwarded: number | undefined,
  byName: ReadonlyMap<string, PathReply>,
): StreamState {
  // Before the first picture no feeder forwards: take the one of the wanted lease.
  const revision = forwarded ?? wanted;
  const feeder = revision === null ? null : leasePathName(cameraId, revision);
  // The public path's bytes count: what a feeder pulls does not help viewers unless it arrives there.
  const movedMs = seen.moving.movedMs(cameraId);
  return {
    revision: forwarded ?? null,
    flow: seen.paths === null ? 'unknown' : carriedFlow(seen, feeder, hasMoved(seen, movedMs)),
    carrier: 'forward',
    bytesReceived: byName.get(cameraId)?.inboundBytes ?? 0,
    ...(movedMs !== null && { movedMs }),
    viewers: seen.viewers.get(cameraId) ?? 0,
  };
}

function carriedFlow({ feeders }: SeenStreams, feeder: string | null, moves: boolean | null): StreamState['flow'] {
  if (feeder === null) return 'stopped';
  if (moves === true) return 'flowing';
  const comes = feeders.flowOf(feeder);
  // The feeder flows: the public path was seen only once, or is about to get its stream.
  return comes === 'flowing' ? (moves === null ? 'starting' : 'stopped') : comes;
}
