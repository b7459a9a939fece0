import { stat, statfs } from 'node:fs/promises';
import { platform } from 'node:os';

/** A fault at start that does no harm yet: a sentence and its cure. */
export interface StartWarning {
  readonly message: string;
  readonly cure: string;
}

const LEAST_FREE_BYTES = 200 * 1024 * 1024;

/** Free bytes that this user may use; null: cannot be read. */
export async function freeDiskBytes(folder: string): Promise<number | null> {
  const disk = await statfs(folder).catch(() => null);
  return disk && disk.bavail * disk.bsize;
}

/** Warns before the disk of the data folder is full; null when there is room or the disk cannot be read. */
export async function checkDisk(folder: string, leastFreeBytes = LEAST_FREE_BYTES): Promise<StartWarning | null> {
  const freeBytes = await freeDiskBytes(folder);
  if (freeBytes === null || freeBytes >= leastFreeBytes) return null;
  return {
    message: `Only ${Math.floor(freeBytes / 1024 / 1024)} MB are free on the disk of ${folder}.`,
    cure: 'Free some space: leases and the configuration of MediaMTX can no longer be saved once the disk is full.',
  };
}

/** Permission bits by which every user of the machine may read or write. */
const OPEN_TO_ALL = 0o006;

/** Warns when every user of this machine can read a file with keys (`.env`, `camlease.yml`). A missing file is no fault. */
export async function checkSecretFile(file: string): Promise<StartWarning | null> {
  const found = await stat(file).catch(() => null);
  // Windows has no such bits, and always shows them set.
  if (found === null || (found.mode & OPEN_TO_ALL) === 0 || platform() === 'win32') return null;
  return {
    message: `${file} holds keys, and every user of this machine can read it.`,
    cure: `Run: chmod o-rw '${file}'`,
  };
}

/** Files and sockets that a process needs besides those of its cameras. */
const HANDLES_AT_REST = 256;
/** Files and sockets of a watched camera: its source, a few viewers, a segment file. */
const HANDLES_PER_CAMERA = 4;

/** `softLimit` is the process's open-file limit; null where the system does not tell. */
export function checkFileHandles(softLimit: number | null, cameras: number): StartWarning | null {
  const wanted = HANDLES_AT_REST + cameras * HANDLES_PER_CAMERA;
  if (softLimit === null || softLimit >= wanted) return null;
  return {
    message: `This process may open only ${softLimit} files and sockets; ${cameras} cameras can need ${wanted}.`,
    cure: `Raise the limit: LimitNOFILE=${wanted} in the systemd unit, 'ulimits' in compose, or 'ulimit -n ${wanted}'.`,
  };
}

/** A clock that is wrong by more than this would renew leases at the wrong moment. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Compares this machine's clock with the Date header of a cloud's reply. */
export function checkClock(now: Date, cloudTime: Date | null, account: string): StartWarning | null {
  if (!cloudTime) return null;
  const aheadMs = now.getTime() - cloudTime.getTime();
  if (Math.abs(aheadMs) <= CLOCK_TOLERANCE_MS) return null;
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  return {
    message: `This machine's clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the cloud of account '${account}'.`,
    cure: 'Turn on time synchronisation (timedatectl set-ntp true): leases end by the cloud’s clock.',
  };
}
