import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { compileStale } from './support/installation/compileStale.js';
import { startMongo } from './support/store/startMongo.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder for what test files make once for all of them; it goes with the run. */
    readonly commonDir: string;
    /** The MongoDB of the tests; null where none can be had. A test makes a database of its own on it. */
    readonly mongodbUri: string | null;
  }
}

/**
 * Runs once before all tests, whatever their project: child processes are forked from `dist/`, so what is stale there is compiled, and
 * MongoDB is looked for where one of the files that run asks for it.
 */
export default async function setup({ provide, vitest }: TestProject): Promise<() => Promise<void>> {
  await compileStale(fileURLToPath(new URL('..', import.meta.url)));
  const commonDir = mkdtempSync(path.join(tmpdir(), 'camlease-tests-'));
  provide('commonDir', commonDir);
  const wantsMongo = vitest.state
    .getPaths()
    .some((file) => readFileSync(file, 'utf8').includes("inject('mongodbUri')"));
  const mongo = wantsMongo ? await startMongo() : null;
  provide('mongodbUri', mongo?.uri ?? null);
  return async () => {
    await mongo?.stop();
    rmSync(commonDir, { recursive: true, force: true });
  };
}
