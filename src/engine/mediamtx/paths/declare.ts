import type { StreamTracks } from '../../../core/camera/tracks.js';
import { declaredTracks, fitsSlate, keyOfSlate, tracksKey } from './declaredTracks.js';
import { sameTrackList, type Declaration, type PathConfig } from './pathConfig.js';

/** `unknown`: no proof saw the stream yet, or its slate is being made. `impossible`: MediaMTX cannot keep a path for such tracks. */
export type Declared = Declaration | 'unknown' | 'impossible';

export interface DeclareFacts {
  /** False: no lease is in force, so nothing is published; the path and its slate stay. */
  readonly isServed: boolean;
  /** The tracks that the feeder will publish; null: not known. */
  readonly tracks: StreamTracks | null;
  /** The camera's public path as it is now. */
  readonly current: PathConfig | undefined;
  /** A slate of the camera that MediaMTX can open, for these tracks (for any tracks while nothing is published); null: there is none. */
  readonly slate: string | null;
  /** True when camlease can still make such a slate. */
  readonly slateMayCome: boolean;
}

/**
 * How a camera's public path is declared. A path that takes these tracks already stays as it is, since any change of it drops its
 * viewers. The name of a slate's file tells which tracks are in it.
 */
export function declare({ isServed, tracks, current, slate, slateMayCome }: DeclareFacts): Declared {
  const now = current && declarationOf(current);
  if (!isServed) return now ?? (slate === null ? 'unknown' : { file: slate });
  if (tracks === null) return now ?? 'unknown';
  if (now && takes(now, tracks)) return now;
  if (slate !== null) return { file: slate };
  if (slateMayCome && fitsSlate(tracks)) return 'unknown';
  const declared = declaredTracks(tracks);
  return declared ? { tracks: declared } : 'impossible';
}

/** null: the path is not `alwaysAvailable`. */
export function declarationOf({
  alwaysAvailable,
  alwaysAvailableFile,
  alwaysAvailableTracks,
}: PathConfig): Declaration | null {
  if (alwaysAvailable !== true) return null;
  return alwaysAvailableFile === undefined || alwaysAvailableFile === ''
    ? { tracks: alwaysAvailableTracks ?? [] }
    : { file: alwaysAvailableFile };
}

function takes(declaration: Declaration, tracks: StreamTracks): boolean {
  if ('file' in declaration) return keyOfSlate(declaration.file) === tracksKey(tracks);
  return sameTrackList(declaration.tracks, declaredTracks(tracks) ?? []);
}
