import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { compileStale } from './support/installation/compileStale.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder for what test files make once for all of them; it goes with the run. */
    readonly commonDir: string;
  }
}

/** Runs once before all tests: child processes are forked from `dist/`, so what is stale there is compiled. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  await compileStale(fileURLToPath(new URL('..', import.meta.url)));
  const commonDir = mkdtempSync(path.join(tmpdir(), 'camlease-tests-'));
  provide('commonDir', commonDir);
  return () => rmSync(commonDir, { recursive: true, force: true });
}
