/**
 * The JavaScript file of a child process's module that lies beside its parent's. Node 20 runs no TypeScript, so a parent
 * that runs from its source (under vitest) starts the child from `dist/`; one that runs from `dist/` starts its neighbour.
 * `parentUrl` is the parent's `import.meta.url`, `fileName` the child's name ending in `.js`.
 */
export function childModuleUrl(parentUrl: string, fileName: string): URL {
  const url = new URL(fileName, parentUrl);
  if (!new URL(parentUrl).pathname.endsWith('.ts')) return url;
  const source = /^(.*)\/(src|simulator)\/(.*)$/.exec(url.pathname);
  if (source) url.pathname = `${source[1] ?? ''}/dist/${source[2] ?? ''}/${source[3] ?? ''}`;
  return url;
}
