import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { inject } from 'vitest';
import { packageRoot } from './programs.js';

let built: Promise<string> | null = null;

/**
 * The folder of the page as `npm run build` makes it, built once in a run of the tests, by the test file that calls first. The page in
 * `dist/` could change while a build runs beside the tests. Tests must not write into the folder.
 */
export function builtPage(): Promise<string> {
  return (built ??= find(inject('commonDir')));
}

async function find(commonDir: string): Promise<string> {
  const page = path.join(commonDir, 'page');
  if (existsSync(page)) return page;
  const outDir = path.join(mkdtempSync(path.join(commonDir, 'page-')), 'page');
  await build({ root: path.join(packageRoot(), 'dashboard'), logLevel: 'error', build: { outDir, emptyOutDir: true } });
  try {
    renameSync(outDir, page);
  } catch (thrown) {
    // Another process may have built the page meanwhile.
    if (!existsSync(page)) throw thrown;
  }
  return page;
}
