import type { CameraId } from '../../core/camera/camera.js';
import type { Claim } from '../cameraStore.js';
import type { StoreDriver } from '../driver.js';
import type { CameraRecord, RawDocument } from '../reading/cameraRecord.js';
import { isDocumentRefused } from '../refusals.js';
import type { CameraDocuments, Understood } from './cameraDocuments.js';
import type { OwnerWatch } from './ownerWatch.js';

/** How many claims are written at a time. */
const BATCH = 50;

type ClaimsDriver = Pick<StoreDriver, 'readByIds' | 'readClaimedBy'>;

/** Gives out claims, and lets only the holder of the newest claim write. */
export class Claims {
  readonly #driver: ClaimsDriver;
  readonly #documents: CameraDocuments;
  readonly #owners: OwnerWatch;
  /** Claims that this process works on, or is about to write: an owner may take its own earlier claims at once, but not these. */
  readonly #busy = new Set<string>();

  constructor(driver: ClaimsDriver, documents: CameraDocuments, owners: OwnerWatch) {
    this.#driver = driver;
    this.#documents = documents;
    this.#owners = owners;
  }

  async claim(owner: string, ids: readonly CameraId[]): Promise<Claim[]> {
    const living = await this.#owners.livingOthers(owner);
    const documents = await this.#driver.readByIds([...new Set(ids)]);
    return this.#take(documents, owner, living);
  }

  async release(claims: readonly Claim[]): Promise<void> {
    for (const batch of batches(claims)) {
      await Promise.all(batch.map((claim) => this.changeUnder(claim, (record) => ({ ...record, claimOwner: null }))));
    }
  }

  /** Releases the claims in this owner's name that this process is not busy with. */
  async releaseStray(owner: string): Promise<void> {
    const documents = await this.#driver.readClaimedBy(owner);
    const isStray = (id: CameraId, { claimOwner }: CameraRecord): boolean =>
      claimOwner === owner && !this.#busy.has(keyOf(owner, id));
    for (const { id } of documents)
      await this.#documents.change(id, (record) => (isStray(id, record) ? { ...record, claimOwner: null } : null));
  }

  /** Changes the claimed camera; null: the claim was lost. The claim ends in any case. */
  async changeUnder(claim: Claim, transition: (record: CameraRecord) => CameraRecord): Promise<CameraRecord | null> {
    try {
      return await this.#documents.change(claim.camera.id, (record) =>
        record.fence === claim.fence && record.claimOwner === claim.owner ? transition(record) : null,
      );
    } finally {
      this.#busy.delete(keyOf(claim.owner, claim.camera.id));
    }
  }

  async #take(documents: readonly RawDocument[], owner: string, living: ReadonlySet<string>): Promise<Claim[]> {
    const isFree = ({ camera, claimOwner }: CameraRecord): boolean =>
      !this.#busy.has(keyOf(owner, camera.id)) &&
      (claimOwner === null || claimOwner === owner || !living.has(claimOwner));
    const free = documents
      .map((document) => this.#documents.understand(document))
      .filter((one) => one !== null)
      .filter(({ record }) => record.deletedAt === null && isFree(record));
    // Before the first await: a second call of this process must not take for free what this one is about to write.
    for (const { record } of free) this.#busy.add(keyOf(owner, record.camera.id));
    const claims: Claim[] = [];
    try {
      for (const batch of batches(free)) {
        const taken = await Promise.allSettled(batch.map((one) => this.#takeOne(one, owner)));
        // A document that the database refuses was logged and stops no other; a caller that asks for one camera gets the error.
        const serious = taken.find(
          (one) => one.status === 'rejected' && (free.length === 1 || !isDocumentRefused(one.reason)),
        );
        if (serious?.status === 'rejected') throw serious.reason as Error;
        for (const one of taken) if (one.status === 'fulfilled' && one.value) claims.push(one.value);
      }
      return claims;
    } finally {
      const kept = new Set(claims.map(({ camera }) => camera.id));
      for (const { record } of free) {
        if (!kept.has(record.camera.id)) this.#busy.delete(keyOf(owner, record.camera.id));
      }
    }
  }

  async #takeOne(understood: Understood, owner: string): Promise<Claim | null> {
    const record = await this.#documents.tryChange(understood, (current) => ({
      ...current,
      claimOwner: owner,
      fence: current.fence + 1,
    }));
    return record && { camera: record.camera, owner, fence: record.fence };
  }
}

function keyOf(owner: string, id: CameraId): string {
  return `${owner} ${id}`;
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += BATCH) yield all.slice(start, start + BATCH);
}
