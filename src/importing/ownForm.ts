import type { OldPath } from './oldMediamtx.js';

const FEEDER = /^_lease\/(.+)\/\d+$/;

/** An old path and what it is called for people who watch. */
export interface ShownPath extends OldPath {
  /** A camera of camlease that is pulled all the time. */
  readonly isAlwaysOn: boolean;
}

/**
 * The paths that people watch. A file that camlease wrote has internal ones beside them: a feeder's address is that of the camera whose
 * name it holds, and where several feed one camera each counts, so that the longest life is found.
 */
export function shownPaths(paths: readonly OldPath[]): ShownPath[] {
  const cameraOf = (name: string): string | null => FEEDER.exec(name)?.[1] ?? null;
  const fed = new Set(paths.flatMap(({ name }) => cameraOf(name) ?? []));
  const always = new Set(paths.filter(({ isAlwaysAvailable }) => isAlwaysAvailable).map(({ name }) => name));
  return paths
    .filter(({ name }) => !name.startsWith('_camlease/') && !(fed.has(name) && isFedPath(paths, name)))
    .map((path) => {
      const name = cameraOf(path.name) ?? path.name;
      return { ...path, name, isAlwaysOn: fed.has(name) && always.has(name) };
    });
}

/** It has no address itself. */
function isFedPath(paths: readonly OldPath[], name: string): boolean {
  const source = paths.find((path) => path.name === name)?.source ?? null;
  return source === null || source === 'publisher' || source.includes(`/_lease/${name}/`);
}
