import type { CameraId } from '../core/camera/camera.js';
import type { LeaseEvent } from '../core/handover/leaseEvents.js';
import type { Picture } from './cameraStore.js';
import type { CameraDocument } from './reading/cameraDocument.js';
import type { RawDocument } from './reading/cameraRecord.js';
import type { RecordTable } from './recordTable.js';
import type { WriteRefusal } from './refusals.js';

/** One write: `after` takes the place of `before` if nobody wrote in between. */
export interface DocumentChange {
  /** As it was read; its `version` (absent in a hand-made document) and `rtmpPath` must still be the same. */
  readonly before: RawDocument;
  readonly after: CameraDocument;
}

/**
 * `conflict`: somebody wrote in between; `identity-taken`: another camera has this account, serial and channel; a refusal: the database
 * does not take this document.
 */
export type ReplaceOutcome = 'written' | 'conflict' | 'identity-taken' | WriteRefusal;

export interface InsertOutcome {
  readonly added: ReadonlySet<CameraId>;
  readonly refused: ReadonlyMap<CameraId, WriteRefusal>;
}

/** A pass as it is kept: what is searched by, and the rest as JSON. */
export interface PassDocument {
  readonly id: string;
  readonly owner: string;
  readonly state: string;
  readonly startedAt: Date;
  readonly body: string;
}

/** An event as it is read: nobody has looked at its step yet. */
export interface EventDocument extends Omit<LeaseEvent, 'step'> {
  readonly step: string;
}

/** Events keep the order in which they were added, beside their moment. */
export interface EventTable {
  /** Those whose id exists are passed over. */
  add(events: readonly LeaseEvent[]): Promise<void>;
  /** By moment, then by order of adding, newest first. `before`: only what is older than the event with this id. */
  newestOf(id: CameraId, limit: number, before?: string): Promise<EventDocument[]>;
  /** Of all cameras, by order of adding: what came after the event with this id. */
  addedAfter(eventId: string, limit: number): Promise<EventDocument[]>;
  dropBefore(before: Date): Promise<void>;
}

export interface PassTable {
  save(pass: PassDocument): Promise<void>;
  get(id: string): Promise<PassDocument | null>;
  /** Newest first. */
  newest(limit: number): Promise<PassDocument[]>;
  running(owner: string): Promise<PassDocument[]>;
  /** Drops all but the newest `count`. */
  keepNewest(count: number): Promise<void>;
}

export interface PictureTable {
  save(id: CameraId, picture: Picture): Promise<void>;
  get(id: CameraId): Promise<Picture | null>;
  remove(id: CameraId): Promise<void>;
}

/**
 * What a database has to be able to do for `DocumentCameraStore`: every method is a plain read or one atomic write. Throws
 * `AppError` STORE_UNREACHABLE, STORE_REFUSED or DISK_FULL.
 */
export interface StoreDriver {
  readonly kind: 'mongodb' | 'sqlite';
  /** Where the data is, for people, without any login. */
  describe(): string;
  /** Connects (one try) and migrates. */
  open(): Promise<void>;
  close(): Promise<void>;
  ping(): Promise<void>;

  readonly events: EventTable;
  readonly passes: PassTable;
  readonly pictures: PictureTable;
  readonly records: RecordTable;

  /** Is another one whenever anybody else wrote into the database since; null: that cannot be told. */
  foreignWrites(): string | null;

  /** Every document without tombstones, in batches and in any order. */
  readAll(): AsyncIterable<readonly RawDocument[]>;
  /** The version of every document without a tombstone; those made by hand and not adopted yet are left out. */
  readVersions(): Promise<Map<CameraId, number>>;
  /** In any order; ids that do not exist are left out. */
  readByIds(ids: readonly CameraId[]): Promise<RawDocument[]>;
  /** Tombstones included. */
  readBySerial(deviceSerial: string): Promise<RawDocument[]>;
  readTombstones(): Promise<RawDocument[]>;
  /** Claimed by this owner, without tombstones, in any order. */
  readClaimedBy(owner: string): Promise<RawDocument[]>;
  /** Due at `now` and claimed by nobody or by nobody of `living`; earliest first. */
  readDue(now: Date, living: readonly string[], limit: number): Promise<RawDocument[]>;

  /** Adds documents; those whose id or `identity` exists are passed over, and one that is refused stops no other. */
  insert(documents: ReadonlyArray<{ readonly id: CameraId; readonly fields: CameraDocument }>): Promise<InsertOutcome>;
  replace(change: DocumentChange): Promise<ReplaceOutcome>;
  /** The same for many in few round trips; the outcomes are in the order of the changes. */
  replaceMany(changes: readonly DocumentChange[]): Promise<readonly ReplaceOutcome[]>;

  /** Raises the owner's counter. */
  beat(owner: string): Promise<void>;
  readBeats(): Promise<Map<string, number>>;
  /** Only if its counter still stands there. */
  forgetOwner(owner: string, beat: number): Promise<void>;
}
