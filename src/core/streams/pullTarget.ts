import type { Camera, UrlSource } from '../camera/camera.js';
import { neverKind } from '../camera/cameraSource.js';
import { urlWithLogin } from '../camera/sourceUrl.js';
import type { Lease } from '../camera/lease.js';
import type { StreamTracks } from '../camera/tracks.js';

export const GIVEN_BY = ['cloud', 'person'] as const;
export type GivenBy = (typeof GIVEN_BY)[number];

/** What an engine and a relay pull for one camera: a lease, or an address that a person gave. */
export interface PullTarget {
  /** Secret: it never reaches a log or a page. */
  readonly url: string;
  /** Who gave the URL: where a person did, its host is checked at each dial, because it may be any host. */
  readonly givenBy: GivenBy;
  /** Another number for each URL; on a new one the relay changes to its URL without a reader noticing. */
  readonly revision: number;
  /** No pull begins after this time. null: the URL does not expire. */
  readonly endsAt: Date | null;
  /** As a proof saw them; null: not proven yet. The relay goes by the tracks that arrive. */
  readonly tracks: StreamTracks | null;
}

const made = new WeakMap<Lease | UrlSource, PullTarget>();

/** What the camera's pictures are pulled from, ended or not; null: a cloud has leased no URL yet. */
export function targetOf({ source, lease }: Pick<Camera, 'source' | 'lease'>): PullTarget | null {
  switch (source.kind) {
    case 'cloud':
      return lease && leaseTarget(lease);
    case 'url':
      return urlTarget(source);
    default:
      return neverKind(source);
  }
}

/** The revision of `targetOf`, without making the target: `/live` asks for it at each request. */
export function targetRevision({ source, lease }: Pick<Camera, 'source' | 'lease'>): number | null {
  switch (source.kind) {
    case 'cloud':
      return lease === null ? null : lease.revision;
    case 'url':
      return source.revision;
    default:
      return neverKind(source);
  }
}

/** Who gives the URLs that the camera is pulled from. */
export function giverOf({ source }: Pick<Camera, 'source'>): GivenBy {
  switch (source.kind) {
    case 'cloud':
      return 'cloud';
    case 'url':
      return 'person';
    default:
      return neverKind(source);
  }
}

/** The target of a lease. The same lease gives the same object, so that what an engine remembers of a target stays right. */
export function leaseTarget(lease: Lease): PullTarget {
  const { url, revision, expiresAt, tracks } = lease;
  return made.get(lease) ?? remembered(lease, { url, givenBy: 'cloud', revision, endsAt: expiresAt, tracks });
}

function urlTarget(source: UrlSource): PullTarget {
  const { revision, tracks } = source;
  const known = made.get(source);
  if (known) return known;
  return remembered(source, { url: urlWithLogin(source), givenBy: 'person', revision, endsAt: null, tracks });
}

function remembered(from: Lease | UrlSource, target: PullTarget): PullTarget {
  made.set(from, target);
  return target;
}

/** True until the target ends; always for one without an end. */
export function isPullable({ endsAt }: PullTarget, now: Date): boolean {
  return endsAt === null || endsAt > now;
}
