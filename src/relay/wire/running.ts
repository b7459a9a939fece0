import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeError } from './writeError.js';

const FILE = 'running.json';

/** Where a running relay's control port is. Only a way to find the relay: what it is comes from its own status. */
const schema = z.object({
  pid: z.int().positive(),
  controlPort: z.int().min(1).max(65_535),
  /** The host under which processes of this machine reach that port. */
  host: z.string().min(1).default('127.0.0.1'),
  /** True: camlease started the relay, and may end it. Older relays leave this out; most of those were started by camlease. */
  byCamlease: z.boolean().default(true),
});
export type Running = z.infer<typeof schema>;

/** The host under which processes of this machine reach a server that listens on `listening`. */
export function localHostOf(listening: string): string {
  if (listening === '0.0.0.0') return '127.0.0.1';
  return listening === '::' ? '::1' : listening;
}

/** Throws `AppError`: `DISK_FULL` on a full disk. */
export function writeRunning(folder: string, running: Running): void {
  const file = path.join(folder, FILE);
  const temporary = `${file}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify(running)}\n`, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw writeError(file, thrown);
  }
}

export function removeRunning(folder: string): void {
  rmSync(path.join(folder, FILE), { force: true });
}

/** null: the file is missing or cannot be read. */
export function readRunning(folder: string): Running | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path.join(folder, FILE), 'utf8')));
  } catch {
    return null;
  }
}
