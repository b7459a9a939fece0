import { isDeepStrictEqual } from 'node:util';
import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import type { DiscoveryPlan } from '../../core/discovery/discovery.js';
import type { Lease } from '../../core/camera/lease.js';
import type { CameraEvent } from '../../core/camera/cameraEvent.js';
import { CameraMemory } from './cameraMemory.js';
import { CameraWrites } from './cameraWrites.js';
import type { CameraStore, Claim, NewCamera, OpeningResult, ProofResult, Promotion } from '../cameraStore.js';
import type { HeldLease } from './journal.js';
import { PendingWrites, type PendingWritesParts } from './pendingWrites.js';
import { isStoreAway } from '../storeAway.js';
import type { CameraChange } from '../../core/camera/cameraChange.js';

/** `isAlone`: no other process writes to this database. */
export type JournalParts = Pick<PendingWritesParts, 'journal' | 'clock' | 'log' | 'owner' | 'isAlone'>;

/** After a bulk write, up to this many cameras are read one by one; if more changed, all cameras are read. */
const FEW = 20;

/**
 * Keeps every camera in memory and writes through: reads cost nothing and work while the database is away. What other processes
 * and people write appears with the next `refresh`.
 */
export class CachedCameraStore implements CameraStore {
  readonly #store: CameraStore;
  readonly #memory = new CameraMemory();
  readonly #writes = new CameraWrites();
  readonly #pendingWrites: PendingWrites | null;
  #refreshing: Promise<void> | null = null;
  #refreshAgain: Promise<void> | null = null;

  /** With `journal`, a write that cannot wait for the database is in force once it is in the journal. */
  constructor(store: CameraStore, journal: JournalParts | null = null) {
    this.#store = store;
    this.#pendingWrites =
      journal &&
      new PendingWrites({
        ...journal,
        store,
        peek: (id) => this.peek(id),
        isBusy: (id) => this.#writes.isBusy(id),
        set: (camera) => this.#set(camera.id, camera),
        // Not awaited: a write of the same camera may be waiting for this settling, and the read would wait for that write.
        onBehind: (promotions, promoted) => void this.#rereadUnpromoted(promotions, promoted),
      });
  }

  /** The camera as it was last read or written; null: no such camera. */
  peek(id: CameraId): Camera | null {
    return this.#memory.peek(id);
  }

  /** All cameras, sorted by name, then id. The array is not changed later. */
  peekAll(): readonly Camera[] {
    return this.#memory.peekAll();
  }

  get count(): number {
    return this.#memory.count;
  }

  /** Calls `listener` for every change, once memory has it. The returned function ends that. */
  onChange(listener: (event: CameraEvent) => void): () => void {
    return this.#memory.onChange(listener);
  }

  /**
   * Reads all cameras and reports what changed. A refresh that already runs may have missed the latest writes, so another
   * follows it.
   */
  refresh(): Promise<void> {
    if (!this.#refreshing) {
      this.#refreshing = this.#readAll().finally(() => (this.#refreshing = null));
      return this.#refreshing;
    }
    this.#refreshAgain ??= this.#refreshing
      .catch(() => undefined)
      .then(() => {
        this.#refreshAgain = null;
        return this.refresh();
      });
    return this.#refreshAgain;
  }

  /** Learns what other processes wrote until now; costs little when nothing changed. Waits for a refresh that already runs. */
  async refreshChanges(): Promise<void> {
    while (this.#refreshing) await this.#refreshing.catch(() => undefined);
    this.#refreshing = this.#readChanges().finally(() => (this.#refreshing = null));
    await this.#refreshing;
  }

  async open(): Promise<void> {
    await this.#store.open();
    await this.#pendingWrites?.open();
    await this.refresh();
  }

  async close(): Promise<void> {
    await this.#pendingWrites?.close();
    await this.#store.close();
  }

  /** Reads the database; `peekAll` costs nothing instead. */
  async all(): Promise<Camera[]> {
    await this.refresh();
    return [...this.peekAll()];
  }

  get(id: CameraId): Promise<Camera | null> {
    return this.#answering(id, () => this.#store.get(id));
  }

  ping(): Promise<void> {
    return this.#store.ping();
  }

  leftOut(): ReturnType<CameraStore['leftOut']> {
    return this.#store.leftOut();
  }

  refusedWrites(): ReturnType<CameraStore['refusedWrites']> {
    return this.#store.refusedWrites();
  }

  changes(): ReturnType<CameraStore['changes']> {
    return this.#store.changes();
  }

  async create(camera: NewCamera, now: Date): Promise<Camera> {
    const created = await this.#store.create(camera, now);
    this.#set(created.id, created);
    return created;
  }

  update(id: CameraId, change: CameraChange, now: Date): Promise<Camera | null> {
    return this.#answering(id, () => this.#store.update(id, change, now));
  }

  remove(id: CameraId, now: Date): Promise<boolean> {
    return this.#writing([id], async () => {
      const isRemoved = await this.#store.remove(id, now);
      this.#set(id, null);
      return isRemoved;
    });
  }

  async saveDiscovered(plan: DiscoveryPlan, now: Date): ReturnType<CameraStore['saveDiscovered']> {
    await this.#pendingWrites?.settle();
    const saved = await this.#store.saveDiscovered(plan, now);
    await this.#readAgain([...saved.created, ...saved.updated, ...saved.missing]);
    return saved;
  }

  tombstones(): ReturnType<CameraStore['tombstones']> {
    return this.#store.tombstones();
  }

  deletedFeedKeys(): ReturnType<CameraStore['deletedFeedKeys']> {
    return this.#store.deletedFeedKeys();
  }

  async claim(owner: string, ids: readonly CameraId[]): Promise<Claim[]> {
    await this.#pendingWrites?.settleThese(ids);
    return this.#claimed(await this.#store.claim(owner, ids));
  }

  heartbeat(owner: string): Promise<void> {
    return this.#store.heartbeat(owner);
  }

  release(claims: readonly Claim[]): Promise<void> {
    return this.#store.release(claims);
  }

  releaseStray(owner: string): Promise<void> {
    return this.#store.releaseStray(owner);
  }

  livingOthers(owner: string): Promise<ReadonlySet<string>> {
    return this.#store.livingOthers(owner);
  }

  saveLease(claim: Claim, lease: Lease, now: Date): Promise<Camera> {
    return this.#answering(claim.camera.id, () => this.#store.saveLease(claim, lease, now));
  }

  saveCandidate(claim: Claim, lease: Lease, now: Date): Promise<Camera> {
    return this.#answering(claim.camera.id, () => this.#store.saveCandidate(claim, lease, now));
  }

  saveFailure(claim: Claim, failure: Failure, now: Date): Promise<Camera> {
    return this.#answering(claim.camera.id, () => this.#store.saveFailure(claim, failure, now));
  }

  async promote(promotions: readonly Promotion[], now: Date): Promise<Camera[]> {
    const early = this.#pendingWrites?.promote(promotions, now);
    if (early) return early;
    const ids = [...new Set(promotions.map(({ id }) => id))];
    try {
      const promoted = await this.#writing(ids, async () => {
        const cameras = await this.#store.promote(promotions, now);
        for (const camera of cameras) this.#set(camera.id, camera);
        return cameras;
      });
      await this.#rereadUnpromoted(promotions, promoted);
      return promoted;
    } catch (thrown) {
      if (!this.#pendingWrites || !isStoreAway(thrown)) throw thrown;
      return this.#pendingWrites.promoteAway(promotions, now);
    }
  }

  /** Reads the cameras again that were not promoted: they have another revision, or are gone. */
  async #rereadUnpromoted(promotions: readonly Promotion[], promoted: readonly Camera[]): Promise<void> {
    const done = new Set(promoted.map(({ id }) => id));
    const left = new Set(promotions.map(({ id }) => id).filter((id) => !done.has(id)));
    // If this fails, the next refresh reads them; the promoted cameras must reach the caller.
    await this.#readAgain([...left]).catch(() => undefined);
  }

  reject(id: CameraId, revision: number, failure: Failure, now: Date): Promise<Camera | null> {
    const write = async (): Promise<Camera | null> => this.#store.reject(id, revision, failure, now);
    return this.#swapping(id, write, (pending) => pending.holdRejection(id, revision, failure, now));
  }

  recordProof(id: CameraId, revision: number, result: ProofResult, now: Date): Promise<Camera | null> {
    const write = (): Promise<Camera | null> => this.#store.recordProof(id, revision, result, now);
    return this.#swapping(id, write, (pending) => pending.holdProof(id, revision, result, now));
  }

  recordOpening(id: CameraId, revision: number, result: OpeningResult, now: Date): Promise<Camera | null> {
    return this.#writing([id], async () => {
      const camera = await this.#store.recordOpening(id, revision, result, now);
      this.#set(id, camera ?? (await this.#store.get(id)));
      return camera;
    });
  }

  /**
   * Keeps a lease that was obtained while the database is away: in the journal, then in memory as if it were stored. It reaches
   * the database once that is back, unless another process has gone further by then. null: there is no such camera, or no
   * journal.
   */
  holdLease(held: HeldLease, now: Date): Camera | null {
    return this.#pendingWrites?.holdLease(held, now) ?? null;
  }

  /** Keeps a failure in memory while the database is away, for the back-off. */
  holdFailure(id: CameraId, failure: Failure, now: Date): void {
    this.#pendingWrites?.holdFailure(id, failure, now);
  }

  async #readAll(isRepeated = false): Promise<void> {
    await this.#pendingWrites?.settle();
    const touched = await this.#writes.reading(async (isTouched) => {
      const read = new Set<CameraId>();
      for (const camera of await this.#store.all()) {
        read.add(camera.id);
        if (!isTouched.has(camera.id)) this.#memory.set(camera.id, this.#pendingWrites?.overlaid(camera) ?? camera);
      }
      for (const id of this.#memory.ids()) if (!read.has(id) && !isTouched.has(id)) this.#memory.set(id, null);
    });
    // The skipped cameras may also have changed elsewhere. Read after their pending writes, the answer is the newest.
    if (touched.size > FEW && !isRepeated) {
      // For example, half a fleet was promoted during the read.
      await this.#writes.settled();
      return this.#readAll(true);
    }
    for (const id of touched) await this.get(id);
  }

  async #readChanges(): Promise<void> {
    const touched = await this.#writes.reading(async (isTouched) => {
      const { changed, ids } = await this.#store.changes();
      for (const camera of changed)
        if (!isTouched.has(camera.id)) this.#memory.set(camera.id, this.#pendingWrites?.overlaid(camera) ?? camera);
      for (const id of this.#memory.ids()) if (!ids.has(id) && !isTouched.has(id)) this.#memory.set(id, null);
    });
    for (const id of touched) await this.get(id);
  }

  async #readAgain(ids: readonly CameraId[]): Promise<void> {
    if (ids.length > FEW) await this.refresh();
    else for (const id of ids) await this.get(id);
  }

  #writing<T>(ids: readonly CameraId[], write: () => Promise<T>): Promise<T> {
    return this.#writes.writing(ids, async () => {
      await this.#pendingWrites?.settleThese(ids);
      return write();
    });
  }

  /** Runs a write (or read) that returns the camera as it is now, and puts that into memory. */
  #answering<T extends Camera | null>(id: CameraId, write: () => Promise<T>): Promise<T> {
    return this.#writing([id], async () => {
      const camera = await write();
      this.#set(id, camera);
      return camera;
    });
  }

  /**
   * When `write` returns null, the revision was another one or the camera is gone: memory is behind, and the camera is read
   * again.
   */
  async #swapping(
    id: CameraId,
    write: () => Promise<Camera | null>,
    hold: (pending: PendingWrites) => Camera | null,
  ): Promise<Camera | null> {
    try {
      return await this.#writing([id], async () => {
        const camera = await write();
        this.#set(id, camera ?? (await this.#store.get(id)));
        return camera;
      });
    } catch (thrown) {
      if (!this.#pendingWrites || !isStoreAway(thrown)) throw thrown;
      return hold(this.#pendingWrites);
    }
  }

  /**
   * A claimed camera that differs from memory is read again: another process changed it, or a later write overtook the claim's
   * answer.
   */
  async #claimed(claims: Claim[]): Promise<Claim[]> {
    const unlike = claims.filter(({ camera }) => !isDeepStrictEqual(this.peek(camera.id), camera));
    // If this fails, the next refresh reads the camera; the claims are taken and must reach their owner.
    for (const { camera } of unlike) await this.get(camera.id).catch(() => undefined);
    return claims;
  }

  #set(id: CameraId, camera: Camera | null): void {
    this.#writes.touch(id);
    this.#memory.set(id, camera && (this.#pendingWrites?.overlaid(camera) ?? camera));
  }
}
