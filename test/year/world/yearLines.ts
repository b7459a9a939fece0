import type { CameraId } from '../../../src/core/camera/camera.js';
import { desiredPaths, type RelayWorld } from '../../../src/engine/mediamtx/paths/desiredPaths.js';
import { forwards, leaseOfPath, type PathConfigs } from '../../../src/engine/mediamtx/paths/pathConfig.js';
import { isRelayLine } from '../../../src/engine/mediamtx/paths/relayLine.js';
import type { DesiredStreams } from '../../../src/core/streams/streams.js';
import type { Loss } from './engineEvents.js';

/** How the media server gets a camera's picture, as its paths say: from the relay, or from this source itself (null: from nowhere now). */
export interface Line {
  readonly by: 'relay' | 'itself';
  readonly source: string | null;
  /** It is open all the time, and not only while somebody watches. */
  readonly isKept: boolean;
}

const NOWHERE: Line = { by: 'itself', source: null, isKept: true };

/** What the engine works out for them; cameras that are pulled all the time go over to a new lease at once, and have a slate. */
export function pathsFor(
  streams: DesiredStreams,
  now: Date,
  facts: { readonly own: PathConfigs; readonly relay: RelayWorld | null },
): PathConfigs {
  return desiredPaths(streams, now, {
    ...facts,
    forwardTo: (id) => `rtsp://media.test/${id}`,
    declare: () => ({ tracks: [{ codec: 'H264' }] }),
    leaving: () => null,
    bridge: () => 'keep',
    bridgeFrom: null,
  }).paths;
}

/** A line for each camera that has paths; of one that is pulled all the time its source is that of the feeder which forwards. */
export function linesOf(paths: PathConfigs): Map<CameraId, Line> {
  const lines = new Map<CameraId, Line>();
  for (const [name, config] of paths) {
    const feeds = leaseOfPath(name)?.cameraId;
    if (feeds !== undefined) {
      if (forwards(config)) lines.set(feeds, { by: 'itself', source: config.source, isKept: true });
    } else if (isRelayLine(name, config))
      lines.set(name, { by: 'relay', source: null, isKept: !config.sourceOnDemand });
    else if (config.source !== 'publisher') lines.set(name, { by: 'itself', source: config.source, isKept: false });
    else if (!lines.has(name)) lines.set(name, NOWHERE);
  }
  return lines;
}

export function isSameLine(a: Line | undefined, b: Line | undefined): boolean {
  return a?.by === b?.by && a?.source === b?.source && a?.isKept === b?.isKept;
}

/** Why somebody who watched this line, which is changed, has to come again. `hasRelay`: whoever changes it knows of no problem of the relay. */
export function lossOf(before: Line, after: Line | undefined, hasRelay: boolean, isSameLease: boolean): Loss {
  if (before.by === 'relay') return hasRelay ? 'relayed-line' : 'fallback';
  if (!after) return 'gone';
  if (after.by === 'itself') return 'swap';
  return isSameLease ? 'moved-early' : 'moved-over';
}
