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

/** The mode of files with secrets: only their owner may read them. */
export const PRIVATE_MODE = 0o600;

export interface AtomicWrite {
  readonly path: string;
  readonly text: string | Buffer;
  readonly mode?: number;
  /** The file's owner; the write throws `EPERM` when this process may not set it. Absent: this process's user. */
  readonly owner?: FileOwner;
  /** The temporary file, in the same folder; absent: `<path>.tmp`. Two processes must not use the same one. */
  readonly temporary?: string;
  /** Called right before the rename, when all bytes are on disk; false cancels the write. */
  readonly proceed?: () => boolean;
  /** Called right after the rename, in the same turn: every read of the file finds the new text from now on. */
  readonly renamed?: () => void;
  /** Writes the bytes; absent: `writeFileSync`. Tests pass one that fails. */
  readonly writeTo?: (file: number, text: string | Buffer) => void;
}

export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

const sync = promisify(fsync);

/**
 * Writes a temporary file in the same folder, syncs and renames it: a reader sees the old text or the new one, never a half-written
 * one. False: `proceed` returned false. Throws `DISK_FULL` and other errors of the system; the old file is intact then.
 *
 * Only the syncs run asynchronously. All other calls take microseconds, while each trip to another thread may take milliseconds for
 * which a renewal would wait.
 */
export async function writeAtomically(write: AtomicWrite): Promise<boolean> {
  const { path, text, mode = PRIVATE_MODE, temporary = `${path}.tmp`, writeTo = writeFileSync } = write;
  const { proceed, renamed, owner } = write;
  try {
    // Private until it has its final owner, so that no other user reads it before.
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

/** Creates the temporary file; replaces one that a crash in the middle of a write left. */
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

/** A failure does not matter: the next write replaces a temporary file that was left. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The first error says why the write failed.
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
