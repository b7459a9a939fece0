import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

/** Runs once before all tests: compiles what child processes run, since Node 20 runs no TypeScript. */
export default function setup(): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  // Incremental, with its notes inside dist/: only what changed is written, and a deleted dist/ is written anew.
  const options = ['-p', 'tsconfig.build.json', '--incremental', '--tsBuildInfoFile', 'dist/.tsbuildinfo'];
  const run = spawnSync(process.execPath, [tsc, ...options], { encoding: 'utf8', timeout: 120_000 });
  if (run.status !== 0) process.stderr.write(`The build before the tests complained:\n${run.stdout}${run.stderr}\n`);
}
