import { WriteBehind } from '../../core/async/writeBehind.js';
import type { Clock } from '../../core/clock.js';
import type { RecordKind, RecordTable } from '../../store/recordTable.js';
import type { NewRecord } from './alertRecords.js';

const RETRY_MS = 5_000;

/** Writes of alerts that wait in memory while the store is away; only the latest state of each record. */
export class AlertWrites {
  readonly #records: Pick<RecordTable, 'putMany' | 'remove'>;
  readonly #puts = new Map<string, NewRecord>();
  readonly #removes = new Map<string, { readonly kind: RecordKind; readonly id: string }>();
  readonly #writing: WriteBehind;

  constructor(records: Pick<RecordTable, 'putMany' | 'remove'>, clock: Clock) {
    this.#records = records;
    this.#writing = new WriteBehind(clock, {
      waits: () => this.#puts.size > 0 || this.#removes.size > 0,
      write: () => this.#write(),
      retryMs: RETRY_MS,
    });
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

  /** Resolves once what waits is written, or the store did not take it; that waits on, and is tried again. */
  flush(): Promise<void> {
    return this.#writing.now();
  }

  /** Tries once more. */
  stop(): Promise<void> {
    return this.#writing.stop();
  }

  async #write(): Promise<void> {
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
