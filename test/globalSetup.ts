import { fileURLToPath } from 'node:url';
import { compileStale } from './support/compileStale.js';

/** Runs once before all tests: child processes are forked from `dist/`, so what is stale there is compiled. */
export default async function setup(): Promise<void> {
  await compileStale(fileURLToPath(new URL('..', import.meta.url)));
}
