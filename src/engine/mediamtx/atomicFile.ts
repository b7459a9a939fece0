import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../core/errors.js';

/** Secrets are in these files: nobody but their owner reads them. */
export const PRIVATE_MODE = 0o600;

export interface AtomicWrite {
  readonly path: string;
  readonly text: string | Buffer;
  readonly mode?: number;
  /** Where it is written first, in the same folder; absent: `<path>.tmp`. Two processes must not have the same. */
  readonly temporary?: string;
  /** Asked right before the rename, when everything is on disk; false gives the write up. */
  readonly proceed?: () => Promise<boolean>;
  /** Absent: the machine's disk. */
  readonly openFile?: typeof open;
}

/**
 * Writes a temporary file in the same folder, syncs and renames it: a reader sees the old text or the new one, never half
 * of one. False: `proceed` said no. Throws `DISK_FULL`; the old file is intact then.
 */
export async function writeAtomically(write: AtomicWrite): Promise<boolean> {
  const { path, text, mode = PRIVATE_MODE, temporary = `${path}.tmp`, proceed, openFile = open } = write;
  try {
    const file = await openNew(temporary, mode, openFile);
    try {
      await file.writeFile(text);
      // The process's umask may have taken from it what a group was given.
      if (mode !== PRIVATE_MODE) await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    if (proceed && !(await proceed())) {
      await rm(temporary, { force: true });
      return false;
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return true;
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw inPlainWords(thrown, path);
  }
}

/** What a death in the middle of a write left is replaced. */
async function openNew(path: string, mode: number, openFile: typeof open): Promise<FileHandle> {
  try {
    return await openFile(path, 'wx', mode);
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown;
    await rm(path, { force: true });
    return openFile(path, 'wx', mode);
  }
}

/** Makes the rename itself survive a power cut; some file systems cannot. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  if (!handle) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
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
