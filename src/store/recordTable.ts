/** What kinds of small documents there are. One table keeps them all; each kind has its own codec beside its user. */
export const RECORD_KINDS = [
  'outage',
  'watched',
  'alert',
  'alert-setting',
  'alert-outbox',
  'maintenance',
  'account-owner',
  'engine-owner',
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
  /** What it belongs to (a camera, an account): searched by. */
  readonly group: string;
  /** What it is sorted, searched and dropped by. */
  readonly at: Date;
  /** 1 when it is put first, one more with each later `put`. */
  readonly version: number;
  /** Anything that JSON can say; whoever reads it looks at its shape. */
  readonly body: unknown;
}

export interface RecordQuery {
  readonly group?: string;
  /** At or after. */
  readonly from?: Date;
  /** Before. */
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
   * Writes if the stored version is `expected` (0: there is none) and makes it one more. False: somebody else wrote in between,
   * nothing was changed.
   */
  put(record: Omit<StoredRecord, 'version'>, expected: number): Promise<boolean>;
  /** Writes them whatever is there; for what only one process writes. In few round trips. */
  putMany(records: ReadonlyArray<Omit<StoredRecord, 'version'>>): Promise<void>;
  /** False: it was not there, or with another version (absent: any). */
  remove(kind: RecordKind, id: string, expected?: number): Promise<boolean>;
  /** Drops those of this kind whose `at` is before. */
  dropBefore(kind: RecordKind, before: Date): Promise<void>;
}

/** What a hand made of a stored body is for its reader to refuse. */
export function parsedBody(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return null;
  }
}

export const MOST_RECORDS = 10_000;
