import type { StreamTracks } from '../../../core/camera/tracks.js';
import { declaredTracks, fitsSlate, keyOfSlate, tracksKey } from './declaredTracks.js';
import { sameTrackList, type Declaration, type PathConfig } from './pathConfig.js';

/** `unknown`: nobody saw the stream yet, or its slate is being made. `impossible`: MediaMTX cannot keep a path for it. */
export type Declared = Declaration | 'unknown' | 'impossible';

export interface DeclareFacts {
  /** False: nothing is to be published now, the path and its slate just stay. */
  readonly isServed: boolean;
  /** What is to be published; null: not known. */
  readonly tracks: StreamTracks | null;
  /** The camera's path as it is now. */
  readonly current: PathConfig | undefined;
  /** The camera's slate for these tracks (any one when nothing is published) that MediaMTX can open; null: none. */
  readonly slate: string | null;
  /** True when such a slate can come to be. */
  readonly slateMayCome: boolean;
}

/**
 * How a camera's public path is declared. One that takes the tracks already stays as it is: any change of it drops those who
 * watch, and a file's name tells which tracks are in it.
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

/** null: it is no path that is always there. */
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
