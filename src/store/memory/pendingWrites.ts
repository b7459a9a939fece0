import { within } from '../../core/async/deadline.js';
import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import { AppError, messageOf } from '../../core/errors.js';
import {
  failureWrite,
  heldWrite,
  pendingOf,
  type PendingWrite,
  promotionWrite,
  proofWrite,
  rejectionWrite,
  type ReplayStore,
} from './pendingWrite.js';
import type { StoreLog } from '../documentWarnings.js';
import type { ProofResult, Promotion } from '../cameraStore.js';
import type { HeldLease, Journal, JournaledWrite, JournalEntry } from './journal.js';
import { isStoreAway } from '../storeAway.js';

/** The engine goes first: MediaMTX needs 3 s for 10,000 paths, and writing the documents of half a fleet would delay it. */
const SOON_MS = 5_000;
const RETRY_MS = 5_000;
/** A database that hangs delays a stop by no more than this. */
const CLOSE_MS = 1_000;

export interface PendingWritesParts {
  readonly journal: Journal;
  readonly store: ReplayStore;
  readonly clock: Clock;
  readonly log: StoreLog;
  /** This process's owner name: replays claim cameras under it. */
  readonly owner: string;
  /**
   * True: no other process writes to the database, so promotions are in force once they are in the journal. False: only while
   * the database is away.
   */
  readonly isAlone: boolean;
  /** The camera in memory; null: there is none. */
  readonly peek: (id: CameraId) => Camera | null;
  /** A write of this camera is under way. */
  readonly isBusy: (id: CameraId) => boolean;
  readonly set: (camera: Camera) => void;
  /** Called when the database promoted fewer cameras than asked: another process changed the others meanwhile. */
  readonly onBehind: (promotions: readonly Promotion[], promoted: readonly Camera[]) => void;
}

/**
 * Writes that are in force before the database has them: promotions of a fleet, and everything that cannot wait while the
 * database is away. What must survive a crash is in the journal first. Pending writes reach the database in the order in which
 * they were made. A read or write of one of their cameras in the database settles them first, so that no caller sees the older
 * state.
 */
export class PendingWrites {
  readonly #parts: PendingWritesParts;
  #pending: PendingWrite[] = [];
  readonly #byCamera = new Map<CameraId, PendingWrite[]>();
  /** The pending writes that are in the journal. When the disk is full, a write is in force in memory alone. */
  readonly #entries = new Map<PendingWrite, JournalEntry>();
  #unwritten: Array<{ readonly pending: PendingWrite; readonly write: JournaledWrite; readonly at: Date }> = [];
  #loggedUnwritten = false;
  #loggedAway = false;
  readonly #loggedRefused = new WeakSet<PendingWrite>();
  #isAway = false;
  #isClosed = false;
  #settling: Promise<boolean> | null = null;
  #cancel = (): void => undefined;

  constructor(parts: PendingWritesParts) {
    this.#parts = parts;
  }

  /** Writes first what a process that died left in the journal. */
  async open(): Promise<void> {
    this.#pending = [];
    this.#byCamera.clear();
    this.#entries.clear();
    for (const entry of this.#parts.journal.open()) {
      const pending = pendingOf(entry, this.#parts.owner);
      this.#add(pending);
      this.#entries.set(pending, entry);
    }
    await this.settle();
  }

  /** The database failed at the latest write, and no later one has succeeded. */
  get isAway(): boolean {
    return this.#isAway && this.#pending.length > 0;
  }

  /** Promotes by journal and memory, and returns the promoted cameras. null: the caller must promote in the database. */
  promote(promotions: readonly Promotion[], now: Date): Camera[] | null {
    if (this.isAway) return this.promoteAway(promotions, now);
    if (!this.#parts.isAlone) return null;
    const pending = promotionWrite(promotions, now);
    const cameras: Camera[] = [];
    for (const { id } of promotions) {
      const camera = this.#parts.isBusy(id) ? null : this.#parts.peek(id);
      const promoted = camera && pending.apply(camera);
      // Memory may be behind: the database has to decide.
      if (!promoted || promoted === camera) return null;
      cameras.push(promoted);
    }
    const entry = this.#append({ promotions }, now, false);
    if (!entry) return null;
    this.#add(pending);
    this.#entries.set(pending, entry);
    this.#settleIn(SOON_MS);
    for (const camera of cameras) this.#parts.set(camera);
    return cameras;
  }

  /** The same while the database is away: in force at once, as far as memory knows the cameras. */
  promoteAway(promotions: readonly Promotion[], now: Date): Camera[] {
    return this.#hold(promotionWrite(promotions, now), { promotions }, now);
  }

  /** Keeps a lease that was obtained while the database is away: in the journal first, then in force. null: the camera is gone. */
  holdLease(held: HeldLease, now: Date): Camera | null {
    const camera = this.#parts.peek(held.id);
    if (camera === null) return null;
    // Another lease may have taken this revision meanwhile; the held one is the newest all the same.
    const revision = Math.max(held.lease.revision, camera.lastRevision + 1);
    const newest = { ...held, lease: { ...held.lease, revision } };
    const [after] = this.#hold(heldWrite(newest, now, this.#parts.owner), { held: newest }, now);
    return after ?? null;
  }

  /** In memory alone: after a crash the lease is proven again. */
  holdProof(id: CameraId, revision: number, result: ProofResult, now: Date): Camera | null {
    return this.#hold(proofWrite(id, revision, result, now), null, now)[0] ?? null;
  }

  holdRejection(id: CameraId, revision: number, failure: Failure, now: Date): Camera | null {
    return this.#hold(rejectionWrite(id, revision, failure, now), null, now)[0] ?? null;
  }

  holdFailure(id: CameraId, failure: Failure, now: Date): void {
    this.#hold(failureWrite(id, failure), null, now);
  }

  /** The camera as the database has it, with its pending writes applied. */
  overlaid(camera: Camera): Camera {
    const pending = this.#byCamera.get(camera.id);
    return pending ? pending.reduce((before, write) => write.apply(before), camera) : camera;
  }

  /** Resolves when none of these cameras has a pending write; throws what the store throws. */
  async settleThese(ids: readonly CameraId[]): Promise<void> {
    if (this.#byCamera.size > 0 && ids.some((id) => this.#byCamera.has(id))) await this.settle();
  }

  /** Resolves when no pending write is left that can be written now; throws what the store throws. */
  async settle(): Promise<void> {
    while (this.#pending.length > 0) {
      this.#settling ??= this.#settleNow().finally(() => (this.#settling = null));
      if (!(await this.#settling)) return;
    }
  }

  /** Tries once more; a write that cannot reach the database now stays in the journal. */
  async close(): Promise<void> {
    this.#cancel();
    const settled = this.settle().catch(() => undefined);
    await within(this.#parts.clock, CLOSE_MS, settled);
    this.#cancel();
    this.#isClosed = true;
    this.#parts.journal.close();
  }

  #hold(pending: PendingWrite, write: JournaledWrite | null, now: Date): Camera[] {
    const before = pending.ids.map((id) => this.#parts.peek(id)).filter((camera) => camera !== null);
    const after = before.map((camera) => pending.apply(camera)).filter((camera) => !before.includes(camera));
    if (after.length === 0) return [];
    const entry = write && this.#append(write, now, true);
    this.#add(pending);
    if (entry) this.#entries.set(pending, entry);
    else if (write) this.#unwritten.push({ pending, write, at: now });
    this.#isAway = true;
    this.#settleIn(RETRY_MS);
    for (const camera of after) this.#parts.set(camera);
    return after;
  }

  /** Writes what is pending, in order. False: nothing could be written, because other processes work on the cameras. */
  async #settleNow(): Promise<boolean> {
    this.#cancel();
    this.#writeDown();
    const blocked = new Set<CameraId>();
    const before = this.#pending.length;
    try {
      for (const pending of [...this.#pending]) {
        const isFree = !pending.ids.some((id) => blocked.has(id));
        if (!isFree || !(await this.#write(pending))) for (const id of pending.ids) blocked.add(id);
        else this.#isAway = false;
      }
      this.#loggedAway = false;
    } catch (thrown) {
      this.#isAway = isStoreAway(thrown);
      this.#settleIn(RETRY_MS);
      throw thrown;
    }
    if (blocked.size > 0) this.#settleIn(RETRY_MS);
    return this.#pending.length < before;
  }

  async #write(pending: PendingWrite): Promise<boolean> {
    const cameras = await pending.write(this.#parts.store).catch((thrown: unknown) => {
      if (isStoreAway(thrown)) throw thrown;
      this.#refused(pending, thrown);
      return null;
    });
    if (cameras === null) return false;
    this.#drop(pending);
    for (const camera of cameras) this.#parts.set(camera);
    const { promotions } = pending;
    if (promotions && cameras.length < promotions.length) this.#parts.onBehind(promotions, cameras);
    return true;
  }

  /** Logs a pending write that the database refuses; it must not keep the others back. */
  #refused(pending: PendingWrite, thrown: unknown): void {
    // With CLAIM_LOST, another process took the camera over at this very moment.
    if (this.#loggedRefused.has(pending) || (thrown instanceof AppError && thrown.code === 'CLAIM_LOST')) return;
    this.#loggedRefused.add(pending);
    this.#parts.log.warn(`camlease cannot copy new leases from the journal to the database: ${messageOf(thrown)}`);
  }

  #append(write: JournaledWrite, now: Date, synced: boolean): JournalEntry | null {
    try {
      return this.#parts.journal.append(write, now, synced);
    } catch {
      // For example, the disk is full: the database reports the problem, or the caller keeps the write in memory.
      return null;
    }
  }

  /** Writes to the journal what a full disk did not take, as soon as there is room. */
  #writeDown(): void {
    for (const one of [...this.#unwritten]) {
      const entry = this.#append(one.write, one.at, true);
      if (!entry) break;
      this.#entries.set(one.pending, entry);
      this.#unwritten.shift();
    }
    if (this.#unwritten.length > 0 && !this.#loggedUnwritten) {
      const what = 'New leases are in force and neither in the database nor in the journal: a restart would lose them.';
      this.#parts.log.warn(`${what} Free some space on the disk of DATA_DIR, or start the database.`);
    }
    this.#loggedUnwritten = this.#unwritten.length > 0;
  }

  #add(pending: PendingWrite): void {
    const { replaces } = pending;
    const former = replaces === undefined ? undefined : this.#pending.find((other) => other.replaces === replaces);
    if (former) this.#drop(former);
    this.#pending.push(pending);
    for (const id of pending.ids) this.#byCamera.set(id, [...(this.#byCamera.get(id) ?? []), pending]);
  }

  #drop(pending: PendingWrite): void {
    this.#pending = this.#pending.filter((other) => other !== pending);
    for (const id of pending.ids) {
      const left = (this.#byCamera.get(id) ?? []).filter((other) => other !== pending);
      if (left.length > 0) this.#byCamera.set(id, left);
      else this.#byCamera.delete(id);
    }
    this.#unwritten = this.#unwritten.filter((other) => other.pending !== pending);
    const entry = this.#entries.get(pending);
    this.#entries.delete(pending);
    if (!entry) return;
    try {
      this.#parts.journal.end(entry);
    } catch {
      // The next start reads the entry again, and skips it then: the database is further.
    }
  }

  #settleIn(ms: number): void {
    this.#cancel();
    if (this.#isClosed) return;
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.settle().catch((thrown: unknown) => {
        if (this.#loggedAway) return;
        this.#loggedAway = true;
        this.#parts.log.warn(
          `New leases are in force and in the journal, but not in the database yet: ${messageOf(thrown)}`,
        );
      });
    });
  }
}
