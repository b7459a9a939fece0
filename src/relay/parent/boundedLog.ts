import { appendFileSync, renameSync, statSync } from 'node:fs';

const MOST_BYTES = 1_000_000;

/** Appends lines to a file, which is renamed to `<file>.1` when it is full. A write that fails is ignored. */
export function boundedLog(file: string): (line: string) => void {
  return (line) => {
    try {
      if (sizeOf(file) + line.length > MOST_BYTES) renameSync(file, `${file}.1`);
      appendFileSync(file, line, { mode: 0o600 });
    } catch {
      // A full disk must not stop the relay: it serves on without a log.
    }
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
