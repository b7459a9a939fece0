import type { RecordKind, RecordTable } from '../../store/recordTable.js';
import type { NewRecord } from './alertRecords.js';

/** Writes of alerts that wait in memory while the store is away; only the latest state of each record. */
export class AlertWrites {
  readonly #records: Pick<RecordTable, 'putMany' | 'remove'>;
  readonly #puts = new Map<string, NewRecord>();
  readonly #removes = new Map<string, { readonly kind: RecordKind; readonly id: string }>();

  constructor(records: Pick<RecordTable, 'putMany' | 'remove'>) {
    this.#records = records;
  }

  put(record: NewRecord): void {
    const key = `${record.kind} ${record.id}`;
    this.#removes.delete(key);
    this.#puts.set(key, record);
  }

  remove(kind: RecordKind, id: string): void {
    const key = `${kind} ${id}`;
    this.#puts.delete(key);
    this.#removes.set(key, { kind, id });
  }

  /** Records of this kind that are not written yet. */
  pending(kind: RecordKind): readonly NewRecord[] {
    return [...this.#puts.values()].filter((record) => record.kind === kind);
  }

  /** Writes what waits. Throws what the store throws; what was not written goes on waiting. */
  async flush(): Promise<void> {
    const puts = [...this.#puts];
    if (puts.length > 0) {
      await this.#records.putMany(puts.map(([, record]) => record));
      // A record that changed meanwhile is written again.
      for (const [key, record] of puts) if (this.#puts.get(key) === record) this.#puts.delete(key);
    }
    for (const [key, { kind, id }] of [...this.#removes]) {
      await this.#records.remove(kind, id);
      this.#removes.delete(key);
    }
  }
}
