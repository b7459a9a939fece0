import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { readLine } from './fileLines.js';
import { RELAY_FILE } from './relayFile.js';

const LONGEST_HEAD = 1_024;

/** The secret that a relay made for its control port, from the first line of its file; null: the file is missing or cannot be read. */
export function controlSecretIn(folder: string): string | null {
  let file: number | null = null;
  try {
    file = openSync(path.join(folder, RELAY_FILE), 'r');
    const bytes = Buffer.alloc(LONGEST_HEAD);
    const [first = ''] = bytes.toString('utf8', 0, readSync(file, bytes)).split('\n');
    const line = readLine(first);
    return line?.kind === 'head' ? line.control : null;
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}
