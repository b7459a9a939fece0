import { sleep, type Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import type { MediaMtxClient } from '../api/client.js';
import { MARK_PATH, type FileMark } from '../file/fileMark.js';
import type { PathChange } from '../paths/diffPaths.js';
import { isSamePath, type PathConfigs } from '../paths/pathConfig.js';
import type { ReloadPace } from './reloadPace.js';

export interface ConfirmDeps {
  readonly client: MediaMtxClient;
  readonly clock: Clock;
}

const API_BOUND_MS = 10_000;
/** A reload takes 0.3 s for 1,000 paths and 2.7 s for 10,000 on a small machine. */
const FILE_BOUND_MS = 2_000;
const FILE_BOUND_PER_PATH_MS = 0.5;
/** The next poll comes after this part of the time waited so far, so that a reload of any size is noticed at most that part too late. */
const WAIT_PART = 1 / 40;
const SHORTEST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 100;

/**
 * Resolves when the change is in force, since MediaMTX's 200 means accepted, not applied. Throws `ENGINE_REFUSED` when it is not in
 * force after 10 s.
 */
export async function confirmPath({ client, clock }: ConfirmDeps, change: PathChange): Promise<void> {
  const isInForce = async (): Promise<boolean> => {
    const config = await client.pathConfig(change.name);
    if (change.action === 'remove') return config === null;
    return config !== null && isSamePath(config, change.config) && (await client.path(change.name)) !== null;
  };
  if (await until(clock, API_BOUND_MS, isInForce)) return;
  throw new AppError('ENGINE_REFUSED', `MediaMTX accepted a change of path ${change.name} but did not make it.`, {
    cure: 'See the log of MediaMTX, and restart it if it does not react.',
  });
}

export interface FileWrite {
  readonly paths: PathConfigs;
  readonly mark: FileMark;
  /** From 1. The first write may precede MediaMTX's file watcher (its API answers earlier), so its wait is the shorter one. */
  readonly attempt: number;
  /** True once the MediaMTX that should read the file is gone, so that waiting longer is useless. */
  readonly isOver: () => boolean;
  readonly pace: ReloadPace;
  /** When (monotonic, ms) MediaMTX could first see the file: the time of its reload counts from here. */
  readonly renamedAtMs: number;
}

/** True as soon as MediaMTX has read the file with this mark; false when it has not within a bound that grows with the paths. */
export async function confirmFile({ client, clock }: ConfirmDeps, write: FileWrite): Promise<boolean> {
  const { paths, mark, attempt, isOver, pace, renamedAtMs } = write;
  const isRead = async (): Promise<boolean> => {
    try {
      return (await client.path(MARK_PATH))?.source?.type === mark;
    } catch (thrown) {
      // While the path of the former mark closes, MediaMTX answers 500 `terminated`: poll again.
      if (thrown instanceof AppError && thrown.code === 'ENGINE_REFUSED') return false;
      throw thrown;
    }
  };
  const restMs = renamedAtMs + pace.leastMs(paths.size) - clock.monotonicMs();
  if (restMs > 0) await sleep(clock, restMs);
  if (!(await until(clock, attempt * (FILE_BOUND_MS + paths.size * FILE_BOUND_PER_PATH_MS), isRead, isOver)))
    return false;
  pace.took(paths.size, clock.monotonicMs() - renamedAtMs);
  return true;
}

async function until(
  clock: Clock,
  boundMs: number,
  isSo: () => Promise<boolean>,
  isOver = (): boolean => false,
): Promise<boolean> {
  const beganMs = clock.monotonicMs();
  for (;;) {
    if (await isSo()) return true;
    const takenMs = clock.monotonicMs() - beganMs;
    if (isOver() || takenMs >= boundMs) return false;
    await sleep(clock, Math.min(Math.max(takenMs * WAIT_PART, SHORTEST_WAIT_MS), LONGEST_WAIT_MS));
  }
}
