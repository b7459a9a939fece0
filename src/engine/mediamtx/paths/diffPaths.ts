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
  /** Only the path's `forward` changes, for which MediaMTX does not close it. */
  | { readonly action: 'forward'; readonly name: string; readonly config: PathConfig }
  | { readonly action: 'remove'; readonly name: string };

/** The changes that turn our current paths into the desired ones; removals first, so that no URL is pulled twice. */
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

/**
 * True when these changes begin, end or move a feeder's forwarding. Such a handover is better written into the file: one rewrite
 * freezes the picture for the shortest time.
 */
export function movesForward(current: PathConfigs, changes: readonly PathChange[]): boolean {
  return changes.some((change) => {
    const now = current.get(change.name);
    if (change.action === 'remove') return now !== undefined && forwards(now);
    return now ? !sameForward(now, change.config) : forwards(change.config);
  });
}
