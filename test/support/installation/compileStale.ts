import { mkdir, readFile, readdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';

const FOLDERS = ['src', 'simulator'];

/**
 * Compiles every source that is newer than its file in `dist/`, so that tests can fork child processes (Node 20 does not run TypeScript).
 * Each file is written whole, so that a second test run at the same time never reads half a file. There are no type checks, which
 * `npm run types` does, so that tests need not wait for a whole build. Resolves to the number of files written.
 */
export async function compileStale(root: string): Promise<number> {
  const stale = await staleSources(root);
  if (stale.length === 0) return 0;
  const { default: ts } = await import('typescript');
  const config: unknown = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  // TypeScript does not see for a single file that the package is ESM, so `nodenext` would emit CommonJS here.
  const module = ts.ModuleKind.ESNext;
  const moduleResolution = ts.ModuleResolutionKind.Bundler;
  const compilerOptions = { ...options, module, moduleResolution, noEmit: false, sourceMap: false };
  for (const { source, output, changed } of stale) {
    const { outputText } = ts.transpileModule(await readFile(source, 'utf8'), { compilerOptions, fileName: source });
    await mkdir(dirname(output), { recursive: true });
    const temporary = `${output}.${process.pid}`;
    await writeFile(temporary, outputText);
    await utimes(temporary, changed, changed); // a source that was edited meanwhile stays stale
    await rename(temporary, output);
  }
  return stale.length;
}

interface StaleSource {
  readonly source: string;
  readonly output: string;
  readonly changed: Date;
}

async function staleSources(root: string): Promise<StaleSource[]> {
  const stale: StaleSource[] = [];
  for (const folder of FOLDERS) {
    for (const entry of await readdir(join(root, folder), { recursive: true })) {
      if (!entry.endsWith('.ts') || entry.endsWith('.test.ts') || entry.endsWith('.d.ts')) continue;
      const source = join(root, folder, entry);
      const output = join(root, 'dist', folder, entry.replace(/\.ts$/, '.js'));
      const changed = await changedAt(source);
      if ((await changedAt(output)) < changed) stale.push({ source, output, changed });
    }
  }
  return stale;
}

async function changedAt(path: string): Promise<Date> {
  return stat(path).then(
    (found) => found.mtime,
    () => new Date(0),
  );
}
