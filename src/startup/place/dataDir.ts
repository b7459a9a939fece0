import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AppError, messageOf } from '../../core/errors.js';
import { lockFile } from './lockFile.js';

export interface DataDir {
  readonly path: string;
  /** The name under which this installation claims cameras. The folder keeps it, so that the next run takes these claims over at once. */
  readonly owner: string;
  /** Ends the lock, so that another camlease may use the folder. */
  unlock(): void;
}

/**
 * Makes the folder (for our user only, since it holds live URLs) and locks it. Throws DATA_DIR_LOCKED, DISK_FULL or
 * CONFIG_INVALID with a cure.
 */
export function openDataDir(folder: string, pid: number, newOwner: () => string): DataDir {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const probe = path.join(folder, '.write-test');
    writeFileSync(probe, 'x'.repeat(4096));
    rmSync(probe);
  } catch (cause) {
    throw folderError(folder, cause);
  }
  const unlock = lock(folder, pid);
  return { path: folder, owner: readOwner(folder, newOwner), unlock };
}

function lock(folder: string, pid: number): () => void {
  const pidFile = path.join(folder, 'camlease.pid');
  const unlock = lockFile(path.join(folder, 'camlease.lock'));
  if (unlock === null) {
    throw new AppError('DATA_DIR_LOCKED', `Another camlease${runningPid(pidFile)} already uses the folder ${folder}.`, {
      cure: 'Stop it first, or give this camlease its own folder with DATA_DIR.',
    });
  }
  writeFileSync(pidFile, `${pid}\n`);
  return () => {
    rmSync(pidFile, { force: true });
    unlock();
  };
}

function runningPid(pidFile: string): string {
  try {
    return ` (process ${readFileSync(pidFile, 'utf8').trim()})`;
  } catch {
    return '';
  }
}

function readOwner(folder: string, newOwner: () => string): string {
  const file = path.join(folder, 'owner');
  try {
    const owner = readFileSync(file, 'utf8').trim();
    if (/^[0-9a-zA-Z-]{8,64}$/.test(owner)) return owner;
  } catch {
    // There is no such file at the first start in this folder.
  }
  const owner = newOwner();
  writeFileSync(file, `${owner}\n`);
  return owner;
}

function folderError(folder: string, cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOSPC') {
    return new AppError('DISK_FULL', `The disk that holds ${folder} is full.`, {
      cure: 'Free some space and start again.',
      cause,
    });
  }
  return new AppError('CONFIG_INVALID', `The folder ${folder} cannot be written to (${messageOf(cause)}).`, {
    cure: 'Make it writable for the user that runs camlease, or name another folder with DATA_DIR.',
    cause,
  });
}
