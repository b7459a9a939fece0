import type { CameraId } from '../../core/camera/camera.js';
import type { StoreDriver } from '../driver.js';
import type { CameraRecord } from '../reading/cameraRecord.js';

/** A state of the database as far as others wrote into it; null: cannot be told. */
export type WriteStamp = string | null;

/**
 * Records that stand in the database exactly like this, so that they need not be read again to be changed: written or read by us,
 * and nobody else has written anything since. Should one be older than thought, the compare-and-swap of its write notices.
 */
export class KnownRecords {
  readonly #driver: Pick<StoreDriver, 'foreignWrites'>;
  readonly #records = new Map<CameraId, CameraRecord>();
  #stamp: WriteStamp = null;

  constructor(driver: Pick<StoreDriver, 'foreignWrites'>) {
    this.#driver = driver;
  }

  /** To be asked before a read, and given to `keep`. Forgets all when somebody else wrote. */
  stamp(): WriteStamp {
    const stamp = this.#driver.foreignWrites();
    if (stamp !== this.#stamp) this.#records.clear();
    this.#stamp = stamp;
    return stamp;
  }

  get(id: CameraId): CameraRecord | null {
    return this.#records.get(id) ?? null;
  }

  /** `since`: the stamp from before what the record was made of was read. Returns the record, the kept one where it is the same. */
  keep(record: CameraRecord, since: WriteStamp): CameraRecord {
    if (since === null || since !== this.#stamp) return record;
    const { id } = record.camera;
    const kept = this.#records.get(id);
    // A read that a write overtook brings an older one.
    if (kept && kept.version >= record.version) return kept.version === record.version ? kept : record;
    if (record.deletedAt === null) this.#records.set(id, record);
    else this.#records.delete(id);
    return record;
  }

  forget(id: CameraId): void {
    this.#records.delete(id);
  }
}
