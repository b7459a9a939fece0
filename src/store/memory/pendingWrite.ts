import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import type { CameraStore, Claim, ProofResult, Promotion } from '../cameraStore.js';
import { candidateCamera, leasedCamera, promotedCamera, provenCamera, rejectedCamera } from '../rules/transitions.js';
import type { HeldLease, JournalEntry } from './journal.js';

/** A write that is in force in memory and not in the database yet. */
export interface PendingWrite {
  readonly ids: readonly CameraId[];
  /**
   * The camera after this write; the same object when the write changes nothing, because the database is as far already or
   * further.
   */
  apply(camera: Camera): Camera;
  /**
   * Writes to the database and returns the cameras as they are there. null: another process works on one of them; try again
   * later.
   */
  write(store: ReplayStore): Promise<readonly Camera[] | null>;
  readonly promotions?: readonly Promotion[];
  /** A later write with the same `replaces` takes the place of this one. */
  readonly replaces?: string;
}

/** The methods of the store that pending writes use. */
export type ReplayStore = Pick<
  CameraStore,
  'claim' | 'get' | 'promote' | 'recordProof' | 'reject' | 'release' | 'saveCandidate' | 'saveLease' | 'update'
>;

/** The pending write of a journal entry that an earlier process left behind. */
export function pendingOf(entry: JournalEntry, owner: string): PendingWrite {
  if ('held' in entry) return heldWrite(entry.held, entry.at, owner);
  return promotionWrite(entry.promotions, entry.at);
}

/** Promotions that reach the database later; a camera whose candidate has another revision stays as it is. */
export function promotionWrite(promotions: readonly Promotion[], at: Date): PendingWrite {
  const byCamera = new Map<CameraId, Promotion[]>();
  for (const promotion of promotions) {
    const former = byCamera.get(promotion.id);
    if (former) former.push(promotion);
    else byCamera.set(promotion.id, [promotion]);
  }
  return {
    ids: promotions.map(({ id }) => id),
    promotions,
    apply(camera) {
      const wanted = byCamera.get(camera.id) ?? [];
      return wanted.reduce((before, promotion) => promotedCamera(before, promotion, at) ?? before, camera);
    },
    write: (store) => store.promote(promotions, at),
  };
}

/** The outcome of a proof of the lease in force; no change if the lease has another revision. */
export function proofWrite(id: CameraId, revision: number, result: ProofResult, at: Date): PendingWrite {
  return {
    ids: [id],
    apply: (camera) => provenCamera(camera, revision, result, at) ?? camera,
    write: async (store) => asList((await store.recordProof(id, revision, result, at)) ?? (await store.get(id))),
  };
}

/** A rejection; no change if the candidate has another revision. */
export function rejectionWrite(id: CameraId, revision: number, failure: Failure, at: Date): PendingWrite {
  return {
    ids: [id],
    apply: (camera) => rejectedCamera(camera, revision, failure, at) ?? camera,
    write: async (store) => asList((await store.reject(id, revision, failure, at)) ?? (await store.get(id))),
  };
}

/**
 * A failure while the database is away. It keeps the back-off in memory and is never written: `write` only reads the camera
 * again.
 */
export function failureWrite(id: CameraId, failure: Failure): PendingWrite {
  return {
    ids: [id],
    replaces: `failure ${id}`,
    apply: (camera) => (isLater(camera, failure) ? camera : { ...camera, failure }),
    write: async (store) => asList(await store.get(id)),
  };
}

function isLater(camera: Camera, failure: Failure): boolean {
  const obtainedAt = camera.candidate?.obtainedAt ?? camera.lease?.obtainedAt;
  return obtainedAt !== undefined && obtainedAt > failure.at;
}

/** A lease that was obtained while the database was away. */
export function heldWrite(held: HeldLease, at: Date, owner: string): PendingWrite {
  return {
    ids: [held.id],
    apply: (camera) => (camera.lastRevision >= held.lease.revision ? camera : heldCamera(camera, held, at)),
    write: (store) => replay(store, held, at, owner),
  };
}

function heldCamera(camera: Camera, { as, lease }: HeldLease, at: Date): Camera {
  return as === 'lease' ? leasedCamera(camera, lease, at) : candidateCamera(camera, lease, at);
}

/** Writes the held lease under a claim, so that no other process changes the camera between the check and the write. */
async function replay(store: ReplayStore, held: HeldLease, at: Date, owner: string): Promise<Camera[] | null> {
  const [claim] = await store.claim(owner, [held.id]);
  // Another process renews the camera now, or the camera was deleted.
  if (!claim) return (await store.get(held.id)) === null ? [] : null;
  if (claim.camera.lastRevision >= held.lease.revision) return asList(await giveWay(store, claim, held, at));
  const { as, lease } = held;
  return [await (as === 'lease' ? store.saveLease(claim, lease, at) : store.saveCandidate(claim, lease, at))];
}

/**
 * The database has this revision or a later one: of this very lease (an earlier replay, or a write whose answer got lost), or of
 * another. If of another, the held lease is given up and its URL id retired.
 */
async function giveWay(store: ReplayStore, claim: Claim, { lease }: HeldLease, at: Date): Promise<Camera | null> {
  const { camera } = claim;
  await store.release([claim]);
  const { urlId } = lease;
  const isHere = camera.lease?.url === lease.url || camera.candidate?.url === lease.url;
  if (urlId === null || isHere || camera.retiredUrlIds.includes(urlId)) return camera;
  return store.update(camera.id, { retiredUrlIds: [...camera.retiredUrlIds, urlId] }, at);
}

function asList(camera: Camera | null): Camera[] {
  return camera === null ? [] : [camera];
}
