import type { CameraId } from '../../core/camera/camera.js';
import type { StoreDriver } from '../driver.js';
import type { CameraRecord } from '../reading/cameraRecord.js';

/** Changes whenever another connection writes to the database; null: the database cannot tell. */
export type WriteStamp = string | null;

/**
 * Records that are known to equal their documents, so that a change need not read them again: this process read or wrote them,
 * and nobody else has written since. Should a record be older than assumed, the compare-and-swap of its write notices.
 */
export class KnownRecords {
  readonly #driver: Pick<StoreDriver, 'foreignWrites'>;
  readonly #records = new Map<CameraId, CameraRecord>();
  #stamp: WriteStamp = null;

  constructor(driver: Pick<StoreDriver, 'foreignWrites'>) {
    this.#driver = driver;
  }

  /** Call it before a read, and give the result to `keep`. Forgets all records when another connection wrote. */
  stamp(): WriteStamp {
    const stamp = this.#driver.foreignWrites();
    if (stamp !== this.#stamp) this.#records.clear();
    this.#stamp = stamp;
    return stamp;
  }

  get(id: CameraId): CameraRecord | null {
    return this.#records.get(id) ?? null;
  }

  /**
   * `since`: the stamp taken before the record's document was read. Returns the record; the kept one where it has the same
   * version.
   */
  keep(record: CameraRecord, since: WriteStamp): CameraRecord {
    if (since === null || since !== this.#stamp) return record;
    const { id } = record.camera;
    const kept = this.#records.get(id);
    // A read that a write overtook returns an older record.
    if (kept && kept.version >= record.version) return kept.version === record.version ? kept : record;
    if (record.deletedAt === null) this.#records.set(id, record);
    else this.#records.delete(id);
    return record;
  }

  forget(id: CameraId): void {
    this.#records.delete(id);
  }
}
