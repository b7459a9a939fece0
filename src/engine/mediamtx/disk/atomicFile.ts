import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../../core/errors.js';

/** Secrets are in these files: nobody but their owner reads them. */
export const PRIVATE_MODE = 0o600;

export interface AtomicWrite {
  readonly path: string;
  readonly text: string | Buffer;
  readonly mode?: number;
  /** Whose it is to be. Throws `EPERM` when this process may not give it away. Absent: this process's. */
  readonly owner?: FileOwner;
  /** Where it is written first, in the same folder; absent: `<path>.tmp`. Two processes must not have the same. */
  readonly temporary?: string;
  /** Asked right before the rename, when everything is on disk; false gives the write up. */
  readonly proceed?: () => boolean;
  /** Told right after it, before anything else can happen: whoever reads the file from now on finds the new text. */
  readonly renamed?: () => void;
  /** Absent: the machine's disk. */
  readonly writeTo?: (file: number, text: string | Buffer) => void;
}

export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

const sync = promisify(fsync);

/**
 * Writes a temporary file in the same folder, syncs and renames it: a reader sees the old text or the new one, never half
 * of one. False: `proceed` said no. Throws `DISK_FULL`; the old file is intact then.
 *
 * Only the syncs are waited for elsewhere: all the rest is in memory and takes microseconds, where each trip to another thread
 * may take milliseconds that a renewal waits for.
 */
export async function writeAtomically(write: AtomicWrite): Promise<boolean> {
  const { path, text, mode = PRIVATE_MODE, temporary = `${path}.tmp`, writeTo = writeFileSync } = write;
  const { proceed, renamed, owner } = write;
  try {
    // Nobody else reads it before it belongs to whom it is meant for.
    const file = openNew(temporary, PRIVATE_MODE);
    try {
      writeTo(file, text);
      if (owner) giveTo(file, owner);
      if (mode !== PRIVATE_MODE) fchmodSync(file, mode);
      await sync(file);
    } finally {
      closeSync(file);
    }
    if (proceed && !proceed()) {
      rmSync(temporary, { force: true });
      return false;
    }
    renameSync(temporary, path);
    renamed?.();
    await syncFolder(dirname(path));
    return true;
  } catch (thrown) {
    removeIfThere(temporary);
    throw inPlainWords(thrown, path);
  }
}

/** What a death in the middle of a write left is replaced. */
function openNew(path: string, mode: number): number {
  try {
    return openSync(path, 'wx', mode);
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown;
    rmSync(path, { force: true });
    return openSync(path, 'wx', mode);
  }
}

function giveTo(file: number, { uid, gid }: FileOwner): void {
  const made = fstatSync(file);
  if (made.uid !== uid || made.gid !== gid) fchownSync(file, uid, gid);
}

/** Left over, it is in nobody's way. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What was thrown first says why.
  }
}

/** Makes the rename itself survive a power cut; some file systems cannot. */
async function syncFolder(folder: string): Promise<void> {
  let file: number;
  try {
    file = openSync(folder, 'r');
  } catch {
    return;
  }
  await sync(file).catch(() => undefined);
  closeSync(file);
}

function inPlainWords(thrown: unknown, path: string): unknown {
  const code = systemCode(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('DISK_FULL', `The disk is full: ${path} could not be written and was left as it was.`, {
      cure: 'Free some space on the disk that holds it; camlease tries again by itself.',
      cause: thrown,
    });
  }
  return thrown;
}

/** `ENOENT`, `EACCES`, … of a failed system call; null when it was something else. */
export function systemCode(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}
