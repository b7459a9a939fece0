import { AppError, messageOf } from '../../core/errors.js';

export function hasCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code));
}

/** The error, with its cure, for a file that could not be written: `DISK_FULL` on a full disk, else `INTERNAL`. */
export function writeError(file: string, cause: unknown): AppError {
  if (hasCode(cause, 'ENOSPC', 'EDQUOT')) {
    return new AppError('DISK_FULL', `The disk is full: ${file} could not be written and was left as it was.`, {
      cure: 'Free some space on the disk that holds it; camlease tries again by itself.',
      cause,
    });
  }
  return new AppError('INTERNAL', `${file} could not be written (${messageOf(cause)}).`, {
    cure: 'Allow the user that runs the relay to write the file.',
    cause,
  });
}
