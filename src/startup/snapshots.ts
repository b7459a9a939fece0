import path from 'node:path';
import type { Config } from '../config/config.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../observe/logger.js';
import { SNAPSHOTS_FOLDER, SnapshotFolder } from '../store/snapshots/snapshotFolder.js';

/** Keeps pictures by day below this folder; null: the settings keep only the latest. */
export function createSnapshots(
  { snapshotKeepDays, snapshotsMaxBytes }: Pick<Config, 'snapshotKeepDays' | 'snapshotsMaxBytes'>,
  { folder, clock, log }: { readonly folder: string; readonly clock: Clock; readonly log: Log },
): SnapshotFolder | null {
  if (snapshotKeepDays === 0) return null;
  return new SnapshotFolder({
    folder: path.join(folder, SNAPSHOTS_FOLDER),
    keepDays: snapshotKeepDays,
    maxBytes: snapshotsMaxBytes,
    clock,
    log: log.child({ part: 'snapshots' }),
  });
}
