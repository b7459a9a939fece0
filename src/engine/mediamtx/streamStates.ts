import type { CameraId } from '../../core/camera.js';
import type { DesiredStreams, StreamState } from '../mediaEngine.js';
import type { Feeders } from './feeders.js';
import { leasePathName } from './pathConfig.js';
import type { PathReply } from './replies.js';

export interface SeenStreams {
  readonly streams: DesiredStreams;
  /** The lease that an on-demand camera's path pulls. */
  readonly revisionOf: (cameraId: CameraId) => number | null;
  /** The lease that a camera that is pulled all the time shows, and how it is carried. */
  readonly carriedBy: (cameraId: CameraId) => { revision: number; carrier: 'forward' | 'splice' } | null;
  readonly feeders: Feeders;
  /** null: could not be read. */
  readonly paths: readonly PathReply[] | null;
  readonly viewers: ReadonlyMap<string, number>;
}

/**
 * What MediaMTX's paths say about the cameras. An idle on-demand path says `online` too, so only tracks and readers tell
 * whether something flows or is about to; a public path that is always there tells nothing, so its feeder is asked.
 */
export function streamStates(seen: SeenStreams): Map<CameraId, StreamState> {
  const byName = new Map(seen.paths?.map((path) => [path.name, path]));
  for (const path of byName.values()) seen.feeders.see(path);
  const states = new Map<CameraId, StreamState>();
  for (const [cameraId, { mode, inForce }] of seen.streams) {
    const state =
      mode === 'on-demand'
        ? onDemandState(seen, cameraId, byName.get(cameraId))
        : carriedState(seen, cameraId, inForce?.revision ?? null, byName);
    states.set(cameraId, state);
  }
  return states;
}

function onDemandState(seen: SeenStreams, cameraId: CameraId, path: PathReply | undefined): StreamState {
  const viewers = seen.viewers.get(cameraId) ?? 0;
  return {
    revision: seen.revisionOf(cameraId),
    flow: seen.paths === null ? 'unknown' : onDemandFlow(path, viewers),
    bytesReceived: path?.inboundBytes ?? 0,
    viewers,
  };
}

function onDemandFlow(path: PathReply | undefined, viewers: number): StreamState['flow'] {
  if (!path) return 'idle';
  if (path.available && path.tracks2.length > 0) return 'flowing';
  return viewers > 0 || path.readers.length > 0 ? 'starting' : 'idle';
}

function carriedState(
  seen: SeenStreams,
  cameraId: CameraId,
  wanted: number | null,
  byName: ReadonlyMap<string, PathReply>,
): StreamState {
  const now = seen.carriedBy(cameraId);
  // Before the first picture nothing is carried yet, and what is wanted is on its way.
  const revision = now?.revision ?? wanted;
  const feeder = revision === null ? null : leasePathName(cameraId, revision);
  const flow = feeder === null ? 'stopped' : seen.feeders.flowOf(feeder);
  return {
    revision: now?.revision ?? null,
    flow: seen.paths === null ? 'unknown' : flow,
    carrier: now?.carrier ?? 'forward',
    bytesReceived: (feeder === null ? undefined : byName.get(feeder))?.inboundBytes ?? 0,
    viewers: seen.viewers.get(cameraId) ?? 0,
  };
}
