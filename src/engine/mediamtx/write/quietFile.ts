import { sleep, type Clock } from '../../../core/clock.js';
import type { ConfigFile } from '../file/configFile.js';
import type { FileMark } from '../file/fileMark.js';
import { patienceMs } from '../file/standstill.js';
import { movesForward, type PathChange } from '../paths/diffPaths.js';
import type { PathConfigs } from '../paths/pathConfig.js';

export interface QuietFileDeps {
  readonly file: ConfigFile;
  readonly clock: Clock;
  /** Milliseconds that are left of the shortest lease that is served; null: none is. Absent: nobody knows. */
  readonly shortestLeaseMs?: () => number | null;
}

/** Up to so many changes go by API: a file reload costs about two patches at any size. A handover never does when it need not. */
const MOST_API_CHANGES = 2;
/** So many go by API while somebody else is at work on the file; more wait until he is done. */
const MOST_API_CHANGES_MEANWHILE = 50;
const LOOK_AGAIN_MS = 100;

/** True: these changes are better written into the file than made by API. */
export function goesByFile(own: PathConfigs, changes: readonly PathChange[], { leftMs }: ConfigFile): boolean {
  const isMany = leftMs > 0 ? !isFewForApi(changes) : changes.length > MOST_API_CHANGES;
  return isMany || movesForward(own, changes);
}

/** True: by API they take a second or two. */
export function isFewForApi({ length }: readonly PathChange[]): boolean {
  return length <= MOST_API_CHANGES_MEANWHILE;
}

/**
 * Waits until nobody else is at work on the file. False: it cannot be written, or it took longer than a change may wait, which is said;
 * the change has to go by API then. `givesUp` is asked all the time.
 */
export async function standsStill(deps: QuietFileDeps, givesUp: () => boolean): Promise<boolean> {
  const { file, clock, shortestLeaseMs } = deps;
  const endMs = clock.monotonicMs() + patienceMs(shortestLeaseMs?.() ?? null);
  while (file.isWritable && file.leftMs > 0) {
    if (givesUp() || file.isRestless) return false;
    if (clock.monotonicMs() >= endMs) {
      file.tellRestless();
      return false;
    }
    await sleep(clock, LOOK_AGAIN_MS);
    await file.refresh();
  }
  return file.isWritable;
}

export interface QuietWrite {
  readonly paths: PathConfigs;
  readonly mark: FileMark;
  readonly givesUp: () => boolean;
}

/**
 * Writes the file, waiting again when somebody changes it meanwhile; resolves with the moment (monotonic) from which MediaMTX could see
 * it. null: see `standsStill`.
 */
export async function writeWhenStill(
  deps: QuietFileDeps,
  { paths, mark, givesUp }: QuietWrite,
): Promise<number | null> {
  while (await standsStill(deps, givesUp)) {
    const renamedAtMs = await deps.file.write(paths, mark);
    if (renamedAtMs !== null) return renamedAtMs;
    // Somebody replaced it within this moment: the next look sees it.
    await sleep(deps.clock, LOOK_AGAIN_MS);
  }
  return null;
}
