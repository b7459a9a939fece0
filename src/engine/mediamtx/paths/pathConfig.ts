import { OVERRIDE_FIELDS, OVERRIDES, type PathOverrides } from './pathOverrides.js';

/** A track as MediaMTX's `alwaysAvailableTracks` names it. */
export interface DeclaredTrack {
  readonly codec: string;
  readonly sampleRate?: number;
  readonly channelCount?: number;
  readonly muLaw?: boolean;
}

/**
 * The fields of a MediaMTX path that are ours; all others are its operator's. Absent ones are at MediaMTX's default, and overrides are
 * there only where the operator's defaults make them necessary.
 */
export interface PathConfig extends PathOverrides {
  readonly source: string;
  readonly sourceOnDemand: boolean;
  readonly sourceOnDemandStartTimeout: string;
  readonly sourceOnDemandCloseAfter: string;
  /** How a source that is RTSP is pulled. */
  readonly rtspTransport?: string;
  /** Where a feeder sends what it pulls; absent: nowhere. */
  readonly forward?: readonly { readonly dest: string }[];
  readonly overridePublisher?: boolean;
  readonly alwaysAvailable?: boolean;
  /** An MP4 with the picture that stands between publishers; instead of `alwaysAvailableTracks`. */
  readonly alwaysAvailableFile?: string;
  readonly alwaysAvailableTracks?: readonly DeclaredTrack[];
}

export const OWN_FIELDS: ReadonlySet<string> = new Set<keyof PathConfig>([
  'source',
  'sourceOnDemand',
  'sourceOnDemandStartTimeout',
  'sourceOnDemandCloseAfter',
  'rtspTransport',
  'forward',
  'overridePublisher',
  'alwaysAvailable',
  'alwaysAvailableFile',
  'alwaysAvailableTracks',
]);

export type PathConfigs = ReadonlyMap<string, PathConfig>;

/** What a public path that is always there shows without a publisher, and so which tracks a publisher must bring. */
export type Declaration = { readonly file: string } | { readonly tracks: readonly DeclaredTrack[] };

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

/** A camera's public path that reads one of its feeders (at `source`) instead of the cloud, while somebody watches. */
export function bridgePath(source: string): PathConfig {
  // By UDP, which MediaMTX tries first, packets get lost.
  return { ...pullPath(source, 'watched'), rtspTransport: 'tcp' };
}

/** A path that pulls all the time and, when `forwardTo` is given, publishes what it pulls there. */
export function feederPath(source: string, forwardTo: string | null): PathConfig {
  const pull = pullPath(source, 'always');
  return forwardTo === null ? pull : { ...pull, forward: [{ dest: forwardTo }] };
}

/** A path that takes what is published to it, and always has something to show. */
export function publicPath(declared: Declaration): PathConfig {
  return {
    ...pullPath('publisher', 'always'),
    overridePublisher: true,
    alwaysAvailable: true,
    ...('file' in declared ? { alwaysAvailableFile: declared.file } : { alwaysAvailableTracks: declared.tracks }),
  };
}

/** True when the path that is there (`a`) needs no change to be the wanted one (`b`). */
export function isSamePath(a: PathConfig, b: PathConfig): boolean {
  return isSameButForward(a, b) && sameForward(a, b);
}

/** True when MediaMTX can turn one into the other without closing it. */
export function isSameButForward(a: PathConfig, b: PathConfig): boolean {
  return (
    a.source === b.source &&
    a.sourceOnDemand === b.sourceOnDemand &&
    a.sourceOnDemandStartTimeout === b.sourceOnDemandStartTimeout &&
    a.sourceOnDemandCloseAfter === b.sourceOnDemandCloseAfter &&
    (a.rtspTransport ?? 'automatic') === (b.rtspTransport ?? 'automatic') &&
    // Means nothing for a path that pulls, and is MediaMTX's default.
    (a.overridePublisher ?? true) === (b.overridePublisher ?? true) &&
    (a.alwaysAvailable ?? false) === (b.alwaysAvailable ?? false) &&
    (a.alwaysAvailableFile ?? '') === (b.alwaysAvailableFile ?? '') &&
    sameTrackList(a.alwaysAvailableTracks ?? [], b.alwaysAvailableTracks ?? []) &&
    OVERRIDE_FIELDS.every((field) => b[field] === undefined || (a[field] ?? OVERRIDES[field].value) === b[field])
  );
}

export function sameForward({ forward: a = [] }: PathConfig, { forward: b = [] }: PathConfig): boolean {
  return a.length === b.length && a.every(({ dest }, index) => dest === b[index]?.dest);
}

export function forwards({ forward }: PathConfig): boolean {
  return forward !== undefined && forward.length > 0;
}

export function sameTrackList(a: readonly DeclaredTrack[], b: readonly DeclaredTrack[]): boolean {
  return (
    a.length === b.length &&
    a.every((track, index) => {
      const other = b[index];
      return (
        track.codec === other?.codec &&
        (track.sampleRate ?? 0) === (other.sampleRate ?? 0) &&
        (track.channelCount ?? 0) === (other.channelCount ?? 0) &&
        (track.muLaw ?? false) === (other.muLaw ?? false)
      );
    })
  );
}

/** Every field of ours, those at their default too: what a change of an existing path must say. `defaults`: of its operator. */
export function allFields(config: PathConfig, defaults: Partial<PathConfig> = {}): Partial<PathConfig> {
  return {
    rtspTransport: 'automatic',
    forward: [],
    overridePublisher: true,
    alwaysAvailable: false,
    alwaysAvailableFile: '',
    alwaysAvailableTracks: [],
    ...defaults,
    ...config,
  };
}

/** What MediaMTX v1.20 takes as a path name; a leading `~` (a regular expression) is not among it. */
const NAME = /^[0-9A-Za-z_\-/.]+$/;
const RESERVED = new Set(['all', 'all_others']);

export function isPathName(name: string): boolean {
  if (!NAME.test(name) || name.startsWith('/') || name.endsWith('/') || RESERVED.has(name)) return false;
  return name.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** Names that begin with `_` are internal: the shipped configuration lets nobody but camlease read them. */
export function isPublicPathName(name: string): boolean {
  return isPathName(name) && !name.startsWith('_');
}

/** Where one lease is pulled beside the camera's public path. */
export function leasePathName(cameraId: string, revision: number): string {
  return `_lease/${cameraId}/${revision}`;
}

const LEASE_PATH = /^_lease\/(.+)\/(\d+)$/;

/** Which lease a path pulls; null: it is no such path. */
export function leaseOfPath(name: string): { readonly cameraId: string; readonly revision: number } | null {
  const [, cameraId, revision] = LEASE_PATH.exec(name) ?? [];
  return cameraId === undefined ? null : { cameraId, revision: Number(revision) };
}

/** A login stands in it. It had none once, and a query instead. */
const BRIDGE_SOURCE = /^rtsp:\/\/(?:[^/@]+@)?([^/@]+)\/(_lease\/[^?]+)(?:\?camlease=own)?$/;

/** The lease whose feeder the camera's public path reads; null: it is no bridge. */
export function bridgedRevision(cameraId: string, { source }: PathConfig): number | null {
  const [, , name = ''] = BRIDGE_SOURCE.exec(source) ?? [];
  const lease = leaseOfPath(name);
  return lease?.cameraId === cameraId ? lease.revision : null;
}

/** True when both read the same feeder at the same server, whoever they log in as: then nobody has to be dropped. */
export function isSameBridge({ source: a }: PathConfig, { source: b }: PathConfig): boolean {
  const [, hostA, nameA] = BRIDGE_SOURCE.exec(a) ?? [];
  const [, hostB, nameB] = BRIDGE_SOURCE.exec(b) ?? [];
  return nameA !== undefined && hostA === hostB && nameA === nameB;
}

/** The camera that a path of ours belongs to. */
export function cameraOfPath(name: string): string {
  return leaseOfPath(name)?.cameraId ?? name;
}
