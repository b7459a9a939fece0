import type { CameraId } from '../../core/camera.js';
import type { DesiredStreams, StreamState } from '../mediaEngine.js';
import { forwardingRevisions } from './carriedCameras.js';
import type { Feeders } from './feeders.js';
import { leasePathName, type PathConfigs } from './pathConfig.js';
import type { PathReply } from './replies.js';
import type { ServedLeases } from './servedLeases.js';

export interface SeenStreams {
  readonly streams: DesiredStreams;
  /** Our paths; null: not known. */
  readonly own: PathConfigs | null;
  readonly leases: ServedLeases;
  /** The lease that the splice carries; null: none. */
  readonly spliced: (cameraId: CameraId) => { readonly revision: number } | null;
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
  const forwarding = forwardingRevisions(seen.own ?? new Map());
  const states = new Map<CameraId, StreamState>();
  for (const [cameraId, { mode, inForce }] of seen.streams) {
    const state =
      mode === 'on-demand'
        ? onDemandState(seen, cameraId, byName.get(cameraId))
        : carriedState(seen, cameraId, inForce?.revision ?? null, forwarding.get(cameraId), byName);
    states.set(cameraId, state);
  }
  return states;
}

function onDemandState(seen: SeenStreams, cameraId: CameraId, path: PathReply | undefined): StreamState {
  const viewers = seen.viewers.get(cameraId) ?? 0;
  return {
    revision: seen.leases.revisionOf(cameraId, seen.own),
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
  forwarded: number | undefined,
  byName: ReadonlyMap<string, PathReply>,
): StreamState {
  const spliced = seen.spliced(cameraId);
  const carried = spliced?.revision ?? forwarded;
  // Before the first picture nothing is carried yet, and what is wanted is on its way.
  const revision = carried ?? wanted;
  const feeder = revision === null ? null : leasePathName(cameraId, revision);
  const flow = feeder === null ? 'stopped' : seen.feeders.flowOf(feeder);
  return {
    revision: carried ?? null,
    flow: seen.paths === null ? 'unknown' : flow,
    carrier: spliced ? 'splice' : 'forward',
    bytesReceived: (feeder === null ? undefined : byName.get(feeder))?.inboundBytes ?? 0,
    viewers: seen.viewers.get(cameraId) ?? 0,
  };
}
