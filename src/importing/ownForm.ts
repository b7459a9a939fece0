import type { OldPath } from './oldMediamtx.js';

const FEEDER = /^_lease\/(.+)\/\d+$/;

/** An old path, under the name that viewers use. */
export interface ShownPath extends OldPath {
  /** True for a camera of camlease's that is pulled all the time. */
  readonly isAlwaysOn: boolean;
}

/**
 * The paths that people watch. A file that camlease wrote also has internal paths: a feeder's address belongs to the camera
 * whose name the feeder holds, and of several feeders of one camera each counts, so that the longest life is found.
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

/** True when the path has no address of its own. */
function isFedPath(paths: readonly OldPath[], name: string): boolean {
  const source = paths.find((path) => path.name === name)?.source ?? null;
  return source === null || source === 'publisher' || source.includes(`/_lease/${name}/`);
}
