import { sleep, type Clock } from '../../../core/clock.js';
import type { ConfigFile } from '../file/configFile.js';
import type { FileMark } from '../file/fileMark.js';
import { patienceMs } from '../file/standstill.js';
import { movesForward, type PathChange } from '../paths/diffPaths.js';
import type { PathConfigs } from '../paths/pathConfig.js';

export interface QuietFileDeps {
  readonly file: ConfigFile;
  readonly clock: Clock;
  /** Milliseconds until the first of the served leases ends; null: no lease is served. Absent: not known. */
  readonly shortestLeaseMs?: () => number | null;
}

/** Up to this many changes go through the API: a file reload costs as much as about two patches, at any size. A handover goes by file. */
const MOST_API_CHANGES = 2;
/** While another program edits the file: up to this many changes go through the API, and more wait until it is done. */
const MOST_API_CHANGES_MEANWHILE = 50;
const LOOK_AGAIN_MS = 100;

/** True: write these changes into the file. False: make them through the API. */
export function goesByFile(own: PathConfigs, changes: readonly PathChange[], { leftMs }: ConfigFile): boolean {
  const isMany = leftMs > 0 ? !isFewForApi(changes) : changes.length > MOST_API_CHANGES;
  return isMany || movesForward(own, changes);
}

/** True: few enough changes to take a second or two through the API. */
export function isFewForApi({ length }: readonly PathChange[]): boolean {
  return length <= MOST_API_CHANGES_MEANWHILE;
}

/**
 * Waits until no other program edits the file. False: the file is not writable, `givesUp` turned true, or the edits went on for longer
 * than a change may wait (which is reported); the change has to go through the API then.
 */
export async function standsStill(deps: QuietFileDeps, givesUp: () => boolean): Promise<boolean> {
  const { file, clock, shortestLeaseMs } = deps;
  const endMs = clock.monotonicMs() + patienceMs(shortestLeaseMs?.() ?? null);
  while (file.isWritable && file.leftMs > 0) {
    if (givesUp() || file.isRestless) return false;
    if (clock.monotonicMs() >= endMs) {
      file.reportRestless();
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
 * Writes the file, and waits again whenever another program changes it meanwhile. Returns the moment (monotonic, ms) from which MediaMTX
 * can see the new file; null: not written, for the reasons of `standsStill`.
 */
export async function writeWhenStill(
  deps: QuietFileDeps,
  { paths, mark, givesUp }: QuietWrite,
): Promise<number | null> {
  while (await standsStill(deps, givesUp)) {
    const renamedAtMs = await deps.file.write(paths, mark);
    if (renamedAtMs !== null) return renamedAtMs;
    // Another program replaced the file just now: the next `refresh` sees that.
    await sleep(deps.clock, LOOK_AGAIN_MS);
  }
  return null;
}
