import { readDerivedPath } from '../../../core/streams/derivedPaths.js';
import { OVERRIDE_FIELDS, OVERRIDES, type PathOverrides } from './pathOverrides.js';

/** A track as MediaMTX's `alwaysAvailableTracks` names it. */
export interface DeclaredTrack {
  readonly codec: string;
  readonly sampleRate?: number;
  readonly channelCount?: number;
  readonly muLaw?: boolean;
}

/**
 * The fields of a MediaMTX path that camlease sets; all others belong to the operator. An absent field has MediaMTX's default. An
 * override is present only where the operator's `pathDefaults` make it necessary.
 */
export interface PathConfig extends PathOverrides {
  readonly source: string;
  readonly sourceOnDemand: boolean;
  readonly sourceOnDemandStartTimeout: string;
  readonly sourceOnDemandCloseAfter: string;
  /** The transport of an RTSP source (`tcp`, `udp`, `automatic` …). */
  readonly rtspTransport?: string;
  /** Where a feeder publishes what it pulls; absent: nowhere. */
  readonly forward?: readonly { readonly dest: string }[];
  readonly overridePublisher?: boolean;
  readonly alwaysAvailable?: boolean;
  /** The slate, an MP4 that MediaMTX shows while nothing is published; instead of `alwaysAvailableTracks`. */
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

/** Lines by path name. */
export type PathConfigs = ReadonlyMap<string, PathConfig>;

/** What an always available public path shows without a publisher, which decides the tracks that a publisher must bring. */
export type Declaration = { readonly file: string } | { readonly tracks: readonly DeclaredTrack[] };

/** Long enough for a cloud's first key frame, short enough for a viewer who waits for a dead camera. */
const START_TIMEOUT = '15s';
/** So that a viewer who switches between cameras and back does not open a new cloud stream each time. */
const CLOSE_AFTER = '10s';

/** A path that pulls `source` (a URL in MediaMTX's form, see `pathSource`), while somebody watches or always. */
export function pullPath(source: string, when: 'watched' | 'always'): PathConfig {
  return {
    source,
    sourceOnDemand: when === 'watched',
    sourceOnDemandStartTimeout: START_TIMEOUT,
    sourceOnDemandCloseAfter: CLOSE_AFTER,
  };
}

/** A bridge: the public path of an on-demand camera that reads one of its feeders (at `source`) instead of the cloud. */
export function bridgePath(source: string): PathConfig {
  // Over UDP, which MediaMTX tries first, packets get lost.
  return { ...pullPath(source, 'watched'), rtspTransport: 'tcp' };
}

/** A path that pulls all the time and, when `forwardTo` is given, publishes its stream to that URL. */
export function feederPath(source: string, forwardTo: string | null): PathConfig {
  const pull = pullPath(source, 'always');
  return forwardTo === null ? pull : { ...pull, forward: [{ dest: forwardTo }] };
}

/** A public path that feeders publish to, and that shows its slate while none does. */
export function publicPath(declared: Declaration): PathConfig {
  return {
    ...pullPath('publisher', 'always'),
    overridePublisher: true,
    alwaysAvailable: true,
    ...('file' in declared ? { alwaysAvailableFile: declared.file } : { alwaysAvailableTracks: declared.tracks }),
  };
}

/** True when the present path (`a`) needs no change to be the wanted one (`b`). */
export function isSamePath(a: PathConfig, b: PathConfig): boolean {
  return isSameButForward(a, b) && sameForward(a, b);
}

/** True when the two differ in `forward` at most, so that MediaMTX changes one into the other without closing it. */
export function isSameButForward(a: PathConfig, b: PathConfig): boolean {
  return (
    a.source === b.source &&
    a.sourceOnDemand === b.sourceOnDemand &&
    a.sourceOnDemandStartTimeout === b.sourceOnDemandStartTimeout &&
    a.sourceOnDemandCloseAfter === b.sourceOnDemandCloseAfter &&
    (a.rtspTransport ?? 'automatic') === (b.rtspTransport ?? 'automatic') &&
    // MediaMTX's default; a path that pulls ignores it.
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

/** True for a feeder that publishes its stream to the camera's public path. */
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

/** Every field of ours, also at its default: a PATCH of an existing path must name them all. `defaults`: from `pathDefaults`. */
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

/** What MediaMTX v1.20 accepts as a path name, without regular expressions (a leading `~`). */
const NAME = /^[0-9A-Za-z_\-/.]+$/;
const RESERVED = new Set(['all', 'all_others']);

export function isPathName(name: string): boolean {
  if (!NAME.test(name) || name.startsWith('/') || name.endsWith('/') || RESERVED.has(name)) return false;
  return name.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** True for a name that viewers may read. Names that begin with `_` are internal: in the shipped file only camlease may read them. */
export function isPublicPathName(name: string): boolean {
  return isPathName(name) && !name.startsWith('_');
}

/** The internal path that pulls one lease beside the camera's public path. */
export function leasePathName(cameraId: string, revision: number): string {
  return `_lease/${cameraId}/${revision}`;
}

const LEASE_PATH = /^_lease\/(.+)\/(\d+)$/;

/** Which lease an internal path pulls; null: it is not a `_lease/…` path. */
export function leaseOfPath(name: string): { readonly cameraId: string; readonly revision: number } | null {
  const [, cameraId, revision] = LEASE_PATH.exec(name) ?? [];
  return cameraId === undefined ? null : { cameraId, revision: Number(revision) };
}

/** A bridge's source holds camlease's login. Earlier versions wrote none, and `?camlease=own` instead. */
const BRIDGE_SOURCE = /^rtsp:\/\/(?:[^/@]+@)?([^/@]+)\/(_lease\/[^?]+)(?:\?camlease=own)?$/;

/** The revision whose feeder the camera's public path reads; null: the path is no bridge. */
export function bridgedRevision(cameraId: string, { source }: PathConfig): number | null {
  const [, , name = ''] = BRIDGE_SOURCE.exec(source) ?? [];
  const lease = leaseOfPath(name);
  return lease?.cameraId === cameraId ? lease.revision : null;
}

/** True when both read the same feeder at the same server, with any login: then the path need not change and keeps its viewers. */
export function isSameBridge({ source: a }: PathConfig, { source: b }: PathConfig): boolean {
  const [, hostA, nameA] = BRIDGE_SOURCE.exec(a) ?? [];
  const [, hostB, nameB] = BRIDGE_SOURCE.exec(b) ?? [];
  return nameA !== undefined && hostA === hostB && nameA === nameB;
}

/** The id of the camera that one of our paths belongs to. */
export function cameraOfPath(name: string): string {
  return leaseOfPath(name)?.cameraId ?? readDerivedPath(name)?.cameraId ?? name;
}
