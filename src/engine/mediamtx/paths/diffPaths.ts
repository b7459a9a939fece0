import {
  forwards,
  isSameButForward,
  isSamePath,
  sameForward,
  type PathConfig,
  type PathConfigs,
} from './pathConfig.js';

export type PathChange =
  | { readonly action: 'add' | 'replace'; readonly name: string; readonly config: PathConfig }
  /** Only where the path forwards to: MediaMTX does not close it for that. */
  | { readonly action: 'forward'; readonly name: string; readonly config: PathConfig }
  | { readonly action: 'remove'; readonly name: string };

/** What turns the paths of ours that are configured into the ones we want; removals first, so that no URL is pulled twice. */
export function diffPaths(current: PathConfigs, desired: PathConfigs): readonly PathChange[] {
  const removals: PathChange[] = [];
  for (const name of current.keys()) if (!desired.has(name)) removals.push({ action: 'remove', name });
  const writes: PathChange[] = [];
  for (const [name, config] of desired) {
    const now = current.get(name);
    if (!now) writes.push({ action: 'add', name, config });
    else if (isSamePath(now, config)) continue;
    else writes.push({ action: isSameButForward(now, config) ? 'forward' : 'replace', name, config });
  }
  return [...removals, ...writes];
}

/** True when one feeder takes over from another: in one rewrite of the file the picture stands still for the shortest time. */
export function movesForward(current: PathConfigs, changes: readonly PathChange[]): boolean {
  return changes.some((change) => {
    const now = current.get(change.name);
    if (change.action === 'remove') return now !== undefined && forwards(now);
    return now ? !sameForward(now, change.config) : forwards(change.config);
  });
}
