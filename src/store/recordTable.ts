/** The kinds of small documents. One table keeps them all; each kind's codec stands beside the code that uses it. */
export const RECORD_KINDS = [
  'outage',
  'watched',
  'alert',
  'alert-setting',
  'alert-outbox',
  'maintenance',
  'account-owner',
  'engine-owner',
  'lists-owner',
  'account-seen',
  'engine-paths',
  'engine-users',
  'account-state',
  'engine-state',
  'lease-steps',
  'request',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** A small JSON document. `kind` and `id` name it. */
export interface StoredRecord {
  readonly kind: RecordKind;
  readonly id: string;
  /** What the record belongs to (a camera, an account), for searches. */
  readonly group: string;
  /** The moment by which records are sorted, searched and dropped. */
  readonly at: Date;
  /** 1 when it is first put, one more with each later `put`. */
  readonly version: number;
  /** Anything that JSON can say; the reader checks its shape. */
  readonly body: unknown;
}

export interface RecordQuery {
  readonly group?: string;
  /** Records with `at` at this moment or later. */
  readonly from?: Date;
  /** Records with `at` before this moment. */
  readonly to?: Date;
  /** Absent: 10,000. */
  readonly limit?: number;
}

/** Every method is a plain read or one atomic write; throws `AppError` STORE_UNREACHABLE, STORE_REFUSED or DISK_FULL. */
export interface RecordTable {
  get(kind: RecordKind, id: string): Promise<StoredRecord | null>;
  /** Newest first by `at`, then by id. */
  list(kind: RecordKind, query?: RecordQuery): Promise<StoredRecord[]>;
  /**
   * Writes if the stored version is `expected` (0: there is none) and raises it by one. False: another process wrote in between,
   * and nothing was changed.
   */
  put(record: Omit<StoredRecord, 'version'>, expected: number): Promise<boolean>;
  /** Writes the records whatever is stored; for kinds that only one process writes. Takes few round trips. */
  putMany(records: ReadonlyArray<Omit<StoredRecord, 'version'>>): Promise<void>;
  /** False: there was no such record, or with another version (absent: any version). */
  remove(kind: RecordKind, id: string, expected?: number): Promise<boolean>;
  /** Deletes records of this kind whose `at` is before this moment. */
  dropBefore(kind: RecordKind, before: Date): Promise<void>;
}

/** The stored body as JSON; null when it is none because a person edited it. The reader checks its shape. */
export function parsedBody(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return null;
  }
}

/** The most records that `list` returns when the query has no limit. */
export const MOST_RECORDS = 10_000;
