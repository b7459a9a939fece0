import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeError } from './writeError.js';

const FILE = 'running.json';

/** Where a running relay can be reached; what it says itself counts, once it is. */
const schema = z.object({
  pid: z.int().positive(),
  controlPort: z.int().min(1).max(65_535),
  /** Under which a process of this machine reaches that port. */
  host: z.string().min(1).default('127.0.0.1'),
  /** camlease started it, and may end it. Relays of before do not say, and most of them were. */
  byCamlease: z.boolean().default(true),
});
export type Running = z.infer<typeof schema>;

/** The host under which a process of this machine reaches what listens on this one. */
export function localHostOf(listening: string): string {
  if (listening === '0.0.0.0') return '127.0.0.1';
  return listening === '::' ? '::1' : listening;
}

/** Throws `DISK_FULL`. */
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

/** null: nothing there that can be read. */
export function readRunning(folder: string): Running | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path.join(folder, FILE), 'utf8')));
  } catch {
    return null;
  }
}
