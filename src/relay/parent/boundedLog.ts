import { appendFileSync, renameSync, statSync } from 'node:fs';

const MOST_BYTES = 1_000_000;

/** Appends lines to a file, which is put aside as `<file>.1` when it is full. A disk that takes nothing stops nobody. */
export function boundedLog(file: string): (line: string) => void {
  return (line) => {
    try {
      if (sizeOf(file) + line.length > MOST_BYTES) renameSync(file, `${file}.1`);
      appendFileSync(file, line, { mode: 0o600 });
    } catch {
      // The relay serves on without a log.
    }
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
