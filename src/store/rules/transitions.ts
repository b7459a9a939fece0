import { isDeepStrictEqual } from 'node:util';
import type { Camera, CameraSource, Failure, UrlSource } from '../../core/camera/camera.js';
import { NOTHING_ABOUT, withAbout } from '../../core/camera/cameraAbout.js';
import { isCloudCamera, isUrlCamera, neverKind } from '../../core/camera/cameraSource.js';
import type { Lease } from '../../core/camera/lease.js';
import type { DiscoveredChange } from '../../core/discovery/discovery.js';
import type { NewCamera, OpeningResult, ProofResult, Promotion } from '../cameraStore.js';
import type { CameraRecord } from '../reading/cameraRecord.js';
import { retire } from '../reading/retiredUrls.js';
import type { CameraChange, NewAddress } from '../../core/camera/cameraChange.js';

/** The record after a change; null: no change. Called again with a fresh record when another writer was faster. */
export type Transition = (record: CameraRecord) => CameraRecord | null;

type Fields = Partial<Omit<Camera, 'id'>>;

function changed(record: CameraRecord, fields: Fields, now: Date): CameraRecord {
  return { ...record, camera: { ...record.camera, ...fields, updatedAt: now } };
}

function withoutClaim(record: CameraRecord): CameraRecord {
  return { ...record, claimOwner: null };
}

/** Another program's URL may have taken the revision while the cloud was asked. */
function numbered(lease: Lease, lastRevision: number): Lease {
  return lease.revision > lastRevision ? lease : { ...lease, revision: lastRevision + 1 };
}

export function withLease(record: CameraRecord, lease: Lease, now: Date): CameraRecord {
  return withoutClaim({ ...record, camera: leasedCamera(record.camera, lease, now) });
}

/** The camera with this lease in force at once. */
export function leasedCamera(camera: Camera, lease: Lease, now: Date): Camera {
  const newLease = numbered(lease, camera.lastRevision);
  return {
    ...camera,
    lease: newLease,
    // A candidate that still waits is older than this lease.
    candidate: null,
    lastRevision: newLease.revision,
    failure: null,
    retiredUrlIds: retire(camera.retiredUrlIds, [camera.lease, camera.candidate], [newLease]),
    updatedAt: now,
  };
}

export function withCandidate(record: CameraRecord, lease: Lease, now: Date): CameraRecord {
  return withoutClaim({ ...record, camera: candidateCamera(record.camera, lease, now) });
}

/** The camera with this lease as its candidate, which waits for its proof. */
export function candidateCamera(camera: Camera, lease: Lease, now: Date): Camera {
  const candidate = numbered(lease, camera.lastRevision);
  return {
    ...camera,
    candidate,
    lastRevision: candidate.revision,
    failure: isPictureFailure(camera.failure) ? camera.failure : null,
    retiredUrlIds: retire(camera.retiredUrlIds, [camera.candidate], [camera.lease, candidate]),
    updatedAt: now,
  };
}

/** A failure of the cloud is over once it gave a URL; one of the picture (`STREAM_…`) only once a picture came. */
function isPictureFailure(failure: Failure | null): boolean {
  return failure?.code.startsWith('STREAM_') ?? false;
}

export function withFailure(record: CameraRecord, failure: Failure, now: Date): CameraRecord {
  return withoutClaim(changed(record, { failure }, now));
}

export function promoted(record: CameraRecord, promotion: Promotion, now: Date): CameraRecord | null {
  const camera = promotedCamera(record.camera, promotion, now);
  return camera && { ...record, camera };
}

/** null: the camera has another candidate. */
export function promotedCamera(camera: Camera, { revision, proof, tracks }: Promotion, now: Date): Camera | null {
  const { candidate, lease, retiredUrlIds } = camera;
  if (candidate?.revision !== revision) return null;
  const newLease: Lease = { ...candidate, proof, provenAt: now, tracks };
  const retired = retire(retiredUrlIds, [lease], [newLease]);
  return { ...camera, lease: newLease, candidate: null, failure: null, retiredUrlIds: retired, updatedAt: now };
}

export function rejected(record: CameraRecord, revision: number, failure: Failure, now: Date): CameraRecord | null {
  const camera = rejectedCamera(record.camera, revision, failure, now);
  return camera && { ...record, camera };
}

/** null: the camera has another candidate. */
export function rejectedCamera(camera: Camera, revision: number, failure: Failure, now: Date): Camera | null {
  const { candidate, lease, retiredUrlIds } = camera;
  if (candidate?.revision !== revision) return null;
  const retired = retire(retiredUrlIds, [candidate], [lease]);
  return { ...camera, candidate: null, failure, retiredUrlIds: retired, updatedAt: now };
}

export function withProof(record: CameraRecord, revision: number, result: ProofResult, now: Date): CameraRecord | null {
  const camera = provenCamera(record.camera, revision, result, now);
  return camera && { ...record, camera };
}

/** null: the camera has another lease. */
export function provenCamera(camera: Camera, revision: number, said: ProofResult, now: Date): Camera | null {
  const { lease } = camera;
  if (lease?.revision !== revision) return null;
  const { proof, failure, tracks } = said;
  const provenAt = proof === 'pending' ? null : now;
  return { ...camera, lease: { ...lease, proof, provenAt, tracks: tracks ?? lease.tracks }, failure, updatedAt: now };
}

/** Applies a change that `CameraStore.update` asks for; a failure that waits for it is looked at again. */
export function withChange(record: CameraRecord, change: CameraChange, now: Date): CameraRecord {
  const { lease, failure, about, ...fields } = change;
  const leased = lease !== undefined && isCloudCamera(record.camera);
  const camera = leased ? leasedCamera(record.camera, lease, now) : record.camera;
  const status = change.status ?? camera.status;
  const next: Camera = {
    ...camera,
    ...defined({ ...fields, account: undefined, resourceId: undefined }),
    source: changedSource(camera.source, change),
    about: about ? withAbout(camera.about, about) : camera.about,
    ...statusFields(camera, status, now),
  };
  const told = isUrlCamera(camera) && failure !== undefined ? failure : reconsidered(camera, next, now);
  return { ...record, camera: { ...next, failure: told, updatedAt: now } };
}

function changedSource(source: CameraSource, { account, resourceId, source: address }: CameraChange): CameraSource {
  switch (source.kind) {
    case 'cloud':
      return { ...source, ...defined({ account, resourceId }) };
    case 'url':
      return address === undefined ? source : readdressed(source, address);
    default:
      return neverKind(source);
  }
}

/** A new address or login gets a new revision, by which the relay goes over to it. */
function readdressed(source: UrlSource, address: NewAddress): UrlSource {
  const { url, login, otherLogin, tracks, openedAt } = address;
  if (url === source.url && isDeepStrictEqual(login, source.login)) return source;
  const other = otherLogin && { otherLogin };
  return { kind: 'url', url, login, ...other, tracks, openedAt, revision: source.revision + 1 };
}

export function withOpening(
  record: CameraRecord,
  revision: number,
  { failure, tracks, login }: OpeningResult,
  now: Date,
): CameraRecord | null {
  const { camera } = record;
  if (!isUrlCamera(camera) || camera.source.revision !== revision) return null;
  if (failure !== null) return changed(record, { failure }, now);
  const { kind, url, login: before, tracks: known } = camera.source;
  const source = { kind, url, login: login ?? before, openedAt: now, tracks: tracks ?? known };
  // Another login makes another URL of it, to which the relay goes over by its revision.
  return changed(record, { source: { ...source, revision: login ? revision + 1 : revision }, failure }, now);
}

/** Applies what a listing changed; null: nothing differs. Never takes back the operator's `disabled`. */
export function withDiscovered(record: CameraRecord, change: DiscoveredChange, now: Date): CameraRecord | null {
  const { camera } = record;
  // A listing is a cloud's, and this camera is in none.
  if (!isCloudCamera(camera)) return null;
  const name = change.name ?? camera.name;
  const source = change.source ?? camera.source;
  const status = camera.status === 'disabled' ? 'disabled' : (change.status ?? camera.status);
  if (name === camera.name && status === camera.status && isDeepStrictEqual(source, camera.source)) return null;
  const next: Camera = { ...camera, name, source, ...statusFields(camera, status, now) };
  return { ...record, camera: { ...next, failure: reconsidered(camera, next, now), updatedAt: now } };
}

/** A failure that waits for a change is looked at again now: the camera is back, enabled, or is asked for in another way. */
function reconsidered(before: Camera, after: Camera, now: Date): Failure | null {
  const { failure } = after;
  if (failure === null || failure.code === 'SOURCE_HOST_REFUSED') return failure;
  const isBack = before.status !== after.status && after.status === 'active';
  const isEnabled = !before.enabled && after.enabled;
  const isAnother = before.quality !== after.quality || !isDeepStrictEqual(before.source, after.source);
  const isOverruled = failure.code === 'STREAM_ERROR_CLIP' && before.errorClipCheck && !after.errorClipCheck;
  return isBack || isEnabled || isAnother || isOverruled ? { ...failure, nextLookAt: now } : failure;
}

function statusFields(camera: Camera, status: Camera['status'], now: Date): Fields {
  return { status, missingSince: status === 'missing' ? (camera.missingSince ?? now) : null };
}

/** Makes a tombstone: it keeps the camera's identity and the revisions used, and nothing secret. */
export function buried(record: CameraRecord, now: Date): CameraRecord {
  const fields = {
    ...{ lease: null, candidate: null, failure: null, notice: null, retiredUrlIds: [] },
    source: withoutSecret(record.camera.source),
    feed: record.camera.feed && { name: record.camera.feed.name, key: record.camera.feed.key },
    about: NOTHING_ABOUT,
  };
  // A higher fence, so that a renewal in flight finds its claim lost.
  const fence = record.fence + 1;
  return { ...withoutClaim(changed(record, fields, now)), rtmpPath: '', deletedAt: now, fence };
}

function withoutSecret(source: CameraSource): CameraSource {
  switch (source.kind) {
    case 'cloud':
      return source;
    case 'url':
      return { kind: 'url', url: '', login: null, revision: source.revision, tracks: null, openedAt: null };
    default:
      return neverKind(source);
  }
}

/** A record for a camera that a person adds, or that takes the place of its own tombstone. */
export function created(id: string, camera: NewCamera, tombstone: CameraRecord | null, now: Date): CameraRecord {
  const lastRevision = tombstone?.camera.lastRevision ?? 0;
  const lease = camera.lease ? numbered(camera.lease, lastRevision) : null;
  const status = camera.status ?? 'active';
  return {
    camera: {
      id,
      name: camera.name,
      source: sourceAfter(camera.source, tombstone?.camera.source ?? null),
      enabled: camera.enabled ?? true,
      status,
      mode: camera.mode ?? 'on-demand',
      quality: camera.quality ?? 'auto',
      sound: camera.sound ?? 'on',
      learnedQuality: null,
      errorClipCheck: camera.errorClipCheck ?? true,
      whenGone: camera.whenGone ?? 'slate',
      labels: camera.labels ?? [],
      about: camera.about ? withAbout(NOTHING_ABOUT, camera.about) : NOTHING_ABOUT,
      origin: 'hand-made',
      feed: camera.feed ?? null,
      lease,
      candidate: null,
      lastRevision: lease?.revision ?? lastRevision,
      failure: camera.failure ?? null,
      notice: null,
      missingSince: status === 'missing' ? now : null,
      retiredUrlIds: [],
      createdAt: now,
      updatedAt: now,
    },
    aboutAsRead: tombstone?.camera.about ?? NOTHING_ABOUT,
    rtmpPath: '',
    claimOwner: null,
    fence: tombstone?.fence ?? 0,
    deletedAt: null,
    version: tombstone?.version ?? 0,
  };
}

/** A revision is never used twice, not even by a camera that takes the place of a deleted one. */
function sourceAfter(source: CameraSource, before: CameraSource | null): CameraSource {
  if (source.kind !== 'url' || before?.kind !== 'url') return source;
  return { ...source, revision: Math.max(source.revision, before.revision + 1) };
}

/** Leaves undefined fields out: `undefined` means "stays", and a spread would write it. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
