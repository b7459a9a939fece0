import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import type { CameraStore, Claim, ProofSaid, Promotion } from '../cameraStore.js';
import { candidateCamera, leasedCamera, promotedCamera, provenCamera, rejectedCamera } from '../rules/transitions.js';
import type { HeldLease, JournalEntry } from './journal.js';

/** A write that holds in memory and is not in the database yet. */
export interface PendingWrite {
  readonly ids: readonly CameraId[];
  /** What it makes of one of its cameras; the same camera: nothing, the database is there already or further. */
  apply(camera: Camera): Camera;
  /** Writes it. The cameras as they are in the database then; null: another process is at work on one, ask again later. */
  write(store: ReplayStore): Promise<readonly Camera[] | null>;
  readonly promotions?: readonly Promotion[];
  /** An earlier one of the same name is needed no more. */
  readonly replaces?: string;
}

export type ReplayStore = Pick<
  CameraStore,
  'claim' | 'get' | 'promote' | 'recordProof' | 'reject' | 'release' | 'saveCandidate' | 'saveLease' | 'update'
>;

/** What a process that died had written down. */
export function pendingOf(entry: JournalEntry, owner: string): PendingWrite {
  if ('held' in entry) return heldWrite(entry.held, entry.at, owner);
  return promotionWrite(entry.promotions, entry.at);
}

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

export function proofWrite(id: CameraId, revision: number, said: ProofSaid, at: Date): PendingWrite {
  return {
    ids: [id],
    apply: (camera) => provenCamera(camera, revision, said, at) ?? camera,
    write: async (store) => asList((await store.recordProof(id, revision, said, at)) ?? (await store.get(id))),
  };
}

export function rejectionWrite(id: CameraId, revision: number, failure: Failure, at: Date): PendingWrite {
  return {
    ids: [id],
    apply: (camera) => rejectedCamera(camera, revision, failure, at) ?? camera,
    write: async (store) => asList((await store.reject(id, revision, failure, at)) ?? (await store.get(id))),
  };
}

/** For as long as the database is away: it keeps the back-off, and there is nothing to be written of it later. */
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

/** Under a claim, so that nobody else goes further between the look and the write. */
async function replay(store: ReplayStore, held: HeldLease, at: Date, owner: string): Promise<Camera[] | null> {
  const [claim] = await store.claim(owner, [held.id]);
  // Somebody renews it just now, or it was deleted.
  if (!claim) return (await store.get(held.id)) === null ? [] : null;
  if (claim.camera.lastRevision >= held.lease.revision) return asList(await giveWay(store, claim, held, at));
  const { as, lease } = held;
  return [await (as === 'lease' ? store.saveLease(claim, lease, at) : store.saveCandidate(claim, lease, at))];
}

/** The database went as far or further: by this very lease (an earlier replay, or a write whose answer got lost), or by another. */
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
