import { isSamePath, type PathConfig, type PathConfigs } from './pathConfig.js';

export type PathChange =
  | { readonly action: 'add' | 'replace'; readonly name: string; readonly config: PathConfig }
  | { readonly action: 'remove'; readonly name: string };

/** What turns the paths of ours that are configured into the ones we want; removals first, so that no URL is pulled twice. */
export function diffPaths(current: PathConfigs, desired: PathConfigs): readonly PathChange[] {
  const removals: PathChange[] = [];
  for (const name of current.keys()) if (!desired.has(name)) removals.push({ action: 'remove', name });
  const writes: PathChange[] = [];
  for (const [name, config] of desired) {
    const now = current.get(name);
    if (!now) writes.push({ action: 'add', name, config });
    else if (!isSamePath(now, config)) writes.push({ action: 'replace', name, config });
  }
  return [...removals, ...writes];
}
