import { AppError, messageOf } from '../../core/errors.js';
import type { DocumentRefusal } from '../refusals.js';

/** Turns an error of SQLite into an `AppError` with a cure. `file` is shown: it is the operator's own path. */
export function sqliteError(cause: unknown, file: string): AppError {
  if (cause instanceof AppError) return cause;
  const code = codeOf(cause);
  if (code.startsWith('SQLITE_FULL')) {
    return new AppError('DISK_FULL', `The disk that holds ${file} is full.`, { cure: 'Free some space.', cause });
  }
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return new AppError('STORE_REFUSED', `${file} is damaged or not a database.`, {
      cure: 'Move it away and put a backup in its place; without one, camlease finds the cameras again by itself.',
      cause,
    });
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new AppError('STORE_UNREACHABLE', `Another program has locked ${file}.`, {
      cure: 'Close the other program that has this file open.',
      cause,
    });
  }
  if (code.startsWith('SQLITE_CONSTRAINT')) {
    return new AppError('STORE_REFUSED', `${file} refused a write: it breaks a rule of its tables.`, { cause });
  }
  return new AppError('STORE_UNREACHABLE', `${file} cannot be used (${code || messageOf(cause)}).`, {
    cure: 'Check that the folder exists and that the user who runs camlease may write to it.',
    cause,
  });
}

/**
 * Why the write of one row was refused: `exists` (another row has its id or identity), or a rule that a person added to the
 * table. null: the error says nothing about this row alone.
 */
export function rowRefusalOf(error: unknown): 'exists' | DocumentRefusal | null {
  const cause = error instanceof AppError ? error.cause : error;
  if (!codeOf(cause).startsWith('SQLITE_CONSTRAINT')) return null;
  const rule = /^(\w+) constraint failed: ([\w., ']{1,120})$/.exec(messageOf(cause));
  if (rule?.[2] === 'cameras.identity' || rule?.[2] === 'cameras.id') return 'exists';
  const which = rule ? ` (${rule[1]} on ${rule[2]})` : '';
  return {
    message: `A rule of the table cameras that camlease did not make refuses the row${which}.`,
    cure: 'Drop the index, trigger or check that was added to the table: a device has several channels, and each is a camera of its own.',
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
