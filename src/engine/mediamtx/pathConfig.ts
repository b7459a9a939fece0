/** The fields of a MediaMTX path that are ours; all others are its operator's. */
export interface PathConfig {
  readonly source: string;
  readonly sourceOnDemand: boolean;
  readonly sourceOnDemandStartTimeout: string;
  readonly sourceOnDemandCloseAfter: string;
}

export type PathConfigs = ReadonlyMap<string, PathConfig>;

/** Long enough for a cloud's first key frame, short enough for a viewer who waits for a dead camera. */
const START_TIMEOUT = '15s';
/** Zapping between cameras does not open a new cloud stream each time. */
const CLOSE_AFTER = '10s';

export function pullPath(source: string, when: 'watched' | 'always'): PathConfig {
  return {
    source,
    sourceOnDemand: when === 'watched',
    sourceOnDemandStartTimeout: START_TIMEOUT,
    sourceOnDemandCloseAfter: CLOSE_AFTER,
  };
}

export function isSamePath(a: PathConfig, b: PathConfig): boolean {
  return (
    a.source === b.source &&
    a.sourceOnDemand === b.sourceOnDemand &&
    a.sourceOnDemandStartTimeout === b.sourceOnDemandStartTimeout &&
    a.sourceOnDemandCloseAfter === b.sourceOnDemandCloseAfter
  );
}

/** What MediaMTX v1.20 takes as a path name; a leading `~` (a regular expression) is not among it. */
const NAME = /^[0-9A-Za-z_\-/.]+$/;
const RESERVED = new Set(['all', 'all_others']);

export function isPathName(name: string): boolean {
  if (!NAME.test(name) || name.startsWith('/') || name.endsWith('/') || RESERVED.has(name)) return false;
  return name.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** Names that begin with `_` are internal: the shipped configuration lets nobody but this machine read them. */
export function isPublicPathName(name: string): boolean {
  return isPathName(name) && !name.startsWith('_');
}

/** Where one lease is looked at before it is used. */
export function leasePathName(cameraId: string, revision: number): string {
  return `_lease/${cameraId}/${revision}`;
}
