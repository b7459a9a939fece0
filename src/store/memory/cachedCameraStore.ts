import { isDeepStrictEqual } from 'node:util';
import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import type { DiscoveryPlan } from '../../core/discovery/discovery.js';
import type { Lease } from '../../core/camera/lease.js';
import type { CameraEvent } from './cameraMemory.js';
import { CameraMemory } from './cameraMemory.js';
import { CameraWrites } from './cameraWrites.js';
import type { CameraChange, CameraStore, Claim, NewCamera, ProofSaid, Promotion } from '../cameraStore.js';
import { ForwardingStore } from './forwardingStore.js';
import type { HeldLease } from './journal.js';
import { JournaledWrites, type JournaledWritesParts } from './journaledWrites.js';
import { isStoreAway } from '../storeAway.js';

/** `isAlone`: no other process writes this database. */
export type JournalParts = Pick<JournaledWritesParts, 'journal' | 'clock' | 'log' | 'owner' | 'isAlone'>;

/** After a bulk write, this many are read one by one; for more, all are. */
const FEW = 20;

/**
 * Keeps every camera in memory and writes through: reads cost nothing and work while the database is away. What other
 * processes and people write is seen at the next `refresh`.
 */
export class CachedCameraStore extends ForwardingStore implements CameraStore {
  readonly #store: CameraStore;
  readonly #memory = new CameraMemory();
  readonly #writes = new CameraWrites();
  readonly #journaled: JournaledWrites | null;
  #refreshing: Promise<void> | null = null;
  #refreshAgain: Promise<void> | null = null;

  /** `journaled`: what cannot wait holds once it is in a journal. */
  constructor(store: CameraStore, journaled: JournalParts | null = null) {
    super(store);
    this.#store = store;
    this.#journaled =
      journaled &&
      new JournaledWrites({
        ...journaled,
        store,
        peek: (id) => this.peek(id),
        isBusy: (id) => this.#writes.isBusy(id),
        set: (camera) => this.#set(camera.id, camera),
        // Not waited for: who settles may be the one that is waited for here.
        onBehind: (promotions, promoted) => void this.#learnWhatElse(promotions, promoted),
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

  /** Calls for every change, once memory has it. The returned function ends that. */
  onChange(listener: (event: CameraEvent) => void): () => void {
    return this.#memory.onChange(listener);
  }

  /** The camera, once it (or its absence) is as wanted; rejects with the signal's reason. */
  waitFor(id: CameraId, isWanted: (camera: Camera | null) => boolean, signal?: AbortSignal): Promise<Camera | null> {
    return this.#memory.waitFor(id, isWanted, signal);
  }

  /** Reads everything again and tells what changed. One that runs may have missed the latest, so another follows it. */
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

  /** Learns what other processes wrote until now; costs little where nothing changed. One that runs already is waited for. */
  async refreshChanges(): Promise<void> {
    while (this.#refreshing) await this.#refreshing.catch(() => undefined);
    this.#refreshing = this.#readChanges().finally(() => (this.#refreshing = null));
    await this.#refreshing;
  }

  async open(): Promise<void> {
    await this.#store.open();
    await this.#journaled?.open();
    await this.refresh();
  }

  async close(): Promise<void> {
    await this.#journaled?.close();
    await this.#store.close();
  }

  /** Reads the database; `peekAll` is the one that costs nothing. */
  async all(): Promise<Camera[]> {
    await this.refresh();
    return [...this.peekAll()];
  }

  get(id: CameraId): Promise<Camera | null> {
    return this.#answering(id, () => this.#store.get(id));
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
    await this.#journaled?.settle();
    const saved = await this.#store.saveDiscovered(plan, now);
    await this.#readAgain([...saved.created, ...saved.updated, ...saved.missing]);
    return saved;
  }

  async claimDue(owner: string, now: Date, limit: number): Promise<Claim[]> {
    await this.#journaled?.settle();
    return this.#claimed(await this.#store.claimDue(owner, now, limit));
  }

  async claim(owner: string, ids: readonly CameraId[]): Promise<Claim[]> {
    await this.#journaled?.settleThese(ids);
    return this.#claimed(await this.#store.claim(owner, ids));
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
    const early = this.#journaled?.promote(promotions, now);
    if (early) return early;
    const ids = [...new Set(promotions.map(({ id }) => id))];
    try {
      const promoted = await this.#writing(ids, async () => {
        const cameras = await this.#store.promote(promotions, now);
        for (const camera of cameras) this.#set(camera.id, camera);
        return cameras;
      });
      await this.#learnWhatElse(promotions, promoted);
      return promoted;
    } catch (thrown) {
      if (!this.#journaled || !isStoreAway(thrown)) throw thrown;
      return this.#journaled.promoteAway(promotions, now);
    }
  }

  /** Those that were not promoted have another revision, or are gone. */
  async #learnWhatElse(promotions: readonly Promotion[], promoted: readonly Camera[]): Promise<void> {
    const done = new Set(promoted.map(({ id }) => id));
    const left = new Set(promotions.map(({ id }) => id).filter((id) => !done.has(id)));
    // Should it fail, the next refresh sees them; the promoted ones must reach whoever promotes.
    await this.#readAgain([...left]).catch(() => undefined);
  }

  reject(id: CameraId, revision: number, failure: Failure, now: Date): Promise<Camera | null> {
    const write = async (): Promise<Camera | null> => this.#store.reject(id, revision, failure, now);
    return this.#swapping(id, write, (journaled) => journaled.holdRejection(id, revision, failure, now));
  }

  recordProof(id: CameraId, revision: number, said: ProofSaid, now: Date): Promise<Camera | null> {
    const write = (): Promise<Camera | null> => this.#store.recordProof(id, revision, said, now);
    return this.#swapping(id, write, (journaled) => journaled.holdProof(id, revision, said, now));
  }

  /**
   * A lease that was obtained while the database is away: written to the journal, then in memory as if it were stored; in the
   * database once that is back, if nobody went further meanwhile. null: there is no such camera, or no journal.
   */
  holdLease(held: HeldLease, now: Date): Camera | null {
    return this.#journaled?.holdLease(held, now) ?? null;
  }

  /** A failure while the database is away: it keeps the back-off until that is back. */
  holdFailure(id: CameraId, failure: Failure, now: Date): void {
    this.#journaled?.holdFailure(id, failure, now);
  }

  async #readAll(isRepeated = false): Promise<void> {
    await this.#journaled?.settle();
    const touched = await this.#writes.reading(async (isTouched) => {
      const read = new Set<CameraId>();
      for (const camera of await this.#store.all()) {
        read.add(camera.id);
        if (!isTouched.has(camera.id)) this.#memory.set(camera.id, this.#journaled?.overlaid(camera) ?? camera);
      }
      for (const id of this.#memory.ids()) if (!read.has(id) && !isTouched.has(id)) this.#memory.set(id, null);
    });
    // What was passed over may also have changed elsewhere; asked for after the writes, the answer is the newest.
    if (touched.size > FEW && !isRepeated) {
      // Half a fleet was promoted meanwhile, say.
      await this.#writes.settled();
      return this.#readAll(true);
    }
    for (const id of touched) await this.get(id);
  }

  async #readChanges(): Promise<void> {
    const touched = await this.#writes.reading(async (isTouched) => {
      const { changed, ids } = await this.#store.changes();
      for (const camera of changed)
        if (!isTouched.has(camera.id)) this.#memory.set(camera.id, this.#journaled?.overlaid(camera) ?? camera);
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
      await this.#journaled?.settleThese(ids);
      return write();
    });
  }

  /** A write (or read) whose answer is the camera as it is now. */
  #answering<T extends Camera | null>(id: CameraId, write: () => Promise<T>): Promise<T> {
    return this.#writing([id], async () => {
      const camera = await write();
      this.#set(id, camera);
      return camera;
    });
  }

  /** null says that the revision was another one, or that the camera is gone: memory is behind, then. */
  async #swapping(
    id: CameraId,
    write: () => Promise<Camera | null>,
    hold: (journaled: JournaledWrites) => Camera | null,
  ): Promise<Camera | null> {
    try {
      return await this.#writing([id], async () => {
        const camera = await write();
        this.#set(id, camera ?? (await this.#store.get(id)));
        return camera;
      });
    } catch (thrown) {
      if (!this.#journaled || !isStoreAway(thrown)) throw thrown;
      return hold(this.#journaled);
    }
  }

  /** A claim may find what another program wrote; its answer may be older than a write that overtook it, so it is read again. */
  async #claimed(claims: Claim[]): Promise<Claim[]> {
    const unlike = claims.filter(({ camera }) => !isDeepStrictEqual(this.peek(camera.id), camera));
    // Should it fail, the next refresh sees it; the claims are taken and must reach their owner.
    for (const { camera } of unlike) await this.get(camera.id).catch(() => undefined);
    return claims;
  }

  #set(id: CameraId, camera: Camera | null): void {
    this.#writes.touch(id);
    this.#memory.set(id, camera && (this.#journaled?.overlaid(camera) ?? camera));
  }
}
