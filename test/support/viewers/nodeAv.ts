import { createRequire } from 'node:module';
import process from 'node:process';

/** False when the optional package node-av is not installed; a printed line then says which tests are skipped. */
export function nodeAvFor(what: string): boolean {
  try {
    createRequire(import.meta.url).resolve('node-av/lib');
    return true;
  } catch {
    process.stderr.write(`Skipped: ${what} (node-av is not installed).\n`);
    return false;
  }
}
