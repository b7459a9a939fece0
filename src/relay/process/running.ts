import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const FILE = 'running.json';

/** Where a running relay can be reached; what it says itself counts, once it is. */
const schema = z.object({ pid: z.int().positive(), controlPort: z.int().min(1).max(65_535) });
export type Running = z.infer<typeof schema>;

export function writeRunning(folder: string, running: Running): void {
  const file = path.join(folder, FILE);
  writeFileSync(`${file}.tmp`, `${JSON.stringify(running)}\n`, { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
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
