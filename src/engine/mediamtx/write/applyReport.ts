import { type CameraId, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { ApplyReport, MovedStream, RefusedStream } from '../../mediaEngine.js';
import { camerasOf, movedStreams } from '../paths/moved.js';
import { cameraOfPath, type PathConfigs } from '../paths/pathConfig.js';
import { onePerCamera, refusedBy } from './refusals.js';
import type { WriteReport } from './writer.js';

export interface Applied {
  readonly streams: DesiredStreams;
  /** The reports of the call's writes, in their order. */
  readonly reports: readonly [WriteReport, ...WriteReport[]];
  /** Our paths as they are now. */
  readonly own: PathConfigs;
  /** The revision that each fed camera showed before, where that is known (see `LastShownRevisions`). */
  readonly shown: ReadonlyMap<CameraId, number>;
  /** Cameras that the relay moved to their new lease. */
  readonly relayed: readonly MovedStream[];
  /** Cameras for which no path could be written. */
  readonly refused: readonly RefusedStream[];
}

/** What one `apply` did, camera by camera. */
export function applyReport({ streams, reports, own, shown, relayed, refused }: Applied): ApplyReport {
  const written = reports.find(({ by }) => by !== 'none');
  // The last write compared all paths again, so its refusals are the ones that still hold.
  const last = reports.at(-1) ?? reports[0];
  const left = [...refused, ...refusedBy(last)].filter(({ cameraId }) => streams.has(cameraId));
  // An internal path counts as a change of its camera only if the camera is pulled all the time: then it is its feeder. Others belong to
  // proofs and bridges.
  const isServed = (name: string): boolean => {
    const mode = streams.get(cameraOfPath(name))?.mode;
    return !name.startsWith('_') || (mode !== undefined && isAlwaysPulled(mode));
  };
  const names = reports.flatMap((report) => report.changed);
  const moved = [...movedStreams(streams, names, reports[0].before, own, shown), ...relayed];
  return {
    changed: camerasOf(names.filter(isServed)),
    by: written?.by ?? 'none',
    ...(moved.length > 0 && { moved }),
    refused: onePerCamera(left),
  };
}
