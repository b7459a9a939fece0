import type { Camera, CameraId } from '../core/camera.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { StoreLog } from './cameraDocuments.js';
import type { CameraStore, Promotion } from './cameraStore.js';
import type { Journal, JournalEntry } from './journal.js';
import { promotedCamera } from './transitions.js';

/** The engine is told meanwhile: documents of half a fleet take longer to write than MediaMTX waits for. */
const SOON_MS = 500;
const RETRY_MS = 5_000;

export interface EarlyPromotionsParts {
  readonly journal: Journal;
  readonly store: Pick<CameraStore, 'promote'>;
  readonly clock: Clock;
  readonly log: StoreLog;
  /** The camera in memory; null: there is none, or it is being written just now. */
  readonly peek: (id: CameraId) => Camera | null;
  readonly set: (camera: Camera) => void;
  /** The database promoted fewer than it was told: somebody else changed them meanwhile. */
  readonly onBehind: (promotions: readonly Promotion[], promoted: readonly Camera[]) => void;
}

/**
 * Promotions that hold as soon as they are in the journal; the documents follow a moment later, in the background. Whoever reads
 * or writes one of these cameras in the database settles them first, so nobody sees it as it was.
 */
export class EarlyPromotions {
  readonly #parts: EarlyPromotionsParts;
  #entries: JournalEntry[] = [];
  readonly #pending = new Map<CameraId, number>();
  #settling: Promise<void> | null = null;
  #cancel = (): void => undefined;

  constructor(parts: EarlyPromotionsParts) {
    this.#parts = parts;
  }

  /** What a process that died left is written first. */
  async open(): Promise<void> {
    this.#entries = [...this.#parts.journal.open()];
    this.#pending.clear();
    for (const entry of this.#entries) this.#count(entry, 1);
    await this.settle();
  }

  /** The cameras that are promoted; null: that has to be done in the database. */
  promote(promotions: readonly Promotion[], now: Date): Camera[] | null {
    const { peek, set } = this.#parts;
    const cameras: Camera[] = [];
    for (const promotion of promotions) {
      const camera = peek(promotion.id);
      const promoted = camera && promotedCamera(camera, promotion, now);
      // Memory may be behind: the database knows.
      if (!promoted) return null;
      cameras.push(promoted);
    }
    const entry = this.#append(promotions, now);
    if (!entry) return null;
    this.#entries.push(entry);
    this.#count(entry, 1);
    this.#settleIn(SOON_MS);
    for (const camera of cameras) set(camera);
    return cameras;
  }

  /** Resolves when none of these cameras waits to be written; throws what the store throws. */
  async settleThese(ids: readonly CameraId[]): Promise<void> {
    if (this.#pending.size > 0 && ids.some((id) => this.#pending.has(id))) await this.settle();
  }

  /** Resolves when none is left that is known now; throws what the store throws. */
  async settle(): Promise<void> {
    while (this.#entries.length > 0) {
      this.#settling ??= this.#settleNow().finally(() => (this.#settling = null));
      await this.#settling;
    }
  }

  /** Tries once more; what cannot be written now is in the journal. */
  async close(): Promise<void> {
    this.#cancel();
    await this.settle().catch(() => undefined);
    this.#cancel();
    this.#parts.journal.close();
  }

  async #settleNow(): Promise<void> {
    this.#cancel();
    const [entry] = this.#entries;
    if (!entry) return;
    try {
      const promoted = await this.#parts.store.promote(entry.promotions, entry.at);
      this.#entries.shift();
      this.#count(entry, -1);
      this.#end(entry);
      for (const camera of promoted) this.#parts.set(camera);
      if (promoted.length < entry.promotions.length) this.#parts.onBehind(entry.promotions, promoted);
    } catch (thrown) {
      this.#settleIn(RETRY_MS);
      throw thrown;
    }
  }

  #append(promotions: readonly Promotion[], now: Date): JournalEntry | null {
    try {
      return this.#parts.journal.append(promotions, now);
    } catch {
      // A disk that is full, say: the database says what is wrong.
      return null;
    }
  }

  #end(entry: JournalEntry): void {
    try {
      this.#parts.journal.end(entry);
    } catch {
      // Read again at the next start, and passed over then: its revisions are candidates no more.
    }
  }

  #settleIn(ms: number): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.settle().catch((thrown: unknown) => {
        this.#parts.log.warn(
          `New leases are in force and in the journal, but not in the database yet: ${messageOf(thrown)}`,
        );
      });
    });
  }

  #count({ promotions }: JournalEntry, step: 1 | -1): void {
    for (const { id } of promotions) {
      const left = (this.#pending.get(id) ?? 0) + step;
      if (left > 0) this.#pending.set(id, left);
      else this.#pending.delete(id);
    }
  }
}
