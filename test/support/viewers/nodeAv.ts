import { createRequire } from 'node:module';
import process from 'node:process';

/** False, and a line that says what is left out, when the optional package node-av is not there. */
export function nodeAvFor(what: string): boolean {
  try {
    createRequire(import.meta.url).resolve('node-av/lib');
    return true;
  } catch {
    process.stderr.write(`Skipped: ${what} (node-av is not installed).\n`);
    return false;
  }
}
