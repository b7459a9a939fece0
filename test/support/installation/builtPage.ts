import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { inject } from 'vitest';
import { packageRoot } from './programs.js';

let built: Promise<string> | null = null;

/**
 * The folder of our page as `npm run build` makes it, built once in a run of the tests, by the file that asks first. The one in
 * `dist/` may change under tests that run beside a build. Nothing may be written there.
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
    // Another process built it meanwhile.
    if (!existsSync(page)) throw thrown;
  }
  return page;
}
