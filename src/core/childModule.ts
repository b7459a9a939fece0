/** Two folders up: the project's folder when run from its sources, `dist/` when compiled. */
const ROOT = new URL('../../', import.meta.url).href;

/**
 * The compiled module that a child process is to run: Node 20 cannot run TypeScript. `path` is relative to the caller
 * (`./encoderProcess.js`), `callerUrl` its `import.meta.url`. Called from a source under vitest it points to `dist/`, which
 * the tests' global setup keeps up to date.
 */
export function childModule(path: string, callerUrl: string): URL {
  const target = new URL(path, callerUrl);
  if (!callerUrl.endsWith('.ts')) return target;
  return new URL(`dist/${target.href.slice(ROOT.length).replace(/\.ts$/, '.js')}`, ROOT);
}
