import type { CameraId } from '../core/camera/camera.js';
import type { LeaseEvent } from '../core/handover/leaseEvents.js';
import type { Picture } from './pictureStore.js';
import type { CameraDocument } from './reading/cameraDocument.js';
import type { RawDocument } from './reading/cameraRecord.js';
import type { RecordTable } from './recordTable.js';
import type { DocumentRefusal } from './refusals.js';

/** One write: `after` replaces `before` if nobody wrote the document in between. */
export interface DocumentChange {
  /** The document as it was read; its `version` (absent in a hand-made document) and `rtmpPath` must still be the same. */
  readonly before: RawDocument;
  readonly after: CameraDocument;
}

/**
 * `conflict`: another writer changed the document in between; `identity-taken`: another camera has this account, serial and
 * channel; a `WriteRefusal`: the database refuses this document.
 */
export type ReplaceOutcome = 'written' | 'conflict' | 'identity-taken' | DocumentRefusal;

/** The cameras that were added, and those that the database refused; those that exist already are in neither. */
export interface InsertOutcome {
  readonly added: ReadonlySet<CameraId>;
  readonly refused: ReadonlyMap<CameraId, DocumentRefusal>;
}

/** A stored pass: the fields that queries use, and the whole pass as JSON in `body`. */
export interface PassDocument {
  readonly id: string;
  readonly owner: string;
  readonly state: string;
  readonly startedAt: Date;
  readonly body: string;
}

/** An event as read: another version of camlease may have written its step, so that it is any text. */
export interface EventDocument extends Omit<LeaseEvent, 'step'> {
  readonly step: string;
}

/** Keeps the order in which events were added, besides their moment. */
export interface EventTable {
  /** Adds events; skips those whose id exists. */
  add(events: readonly LeaseEvent[]): Promise<void>;
  /** By moment, then by order of adding, newest first. `before`: only events older than the event with this id. */
  newestOf(id: CameraId, limit: number, before?: string): Promise<EventDocument[]>;
  /** Events of all cameras, by order of adding, after the event with this id. */
  addedAfter(eventId: string, limit: number): Promise<EventDocument[]>;
  dropBefore(before: Date): Promise<void>;
}

export interface PassTable {
  save(pass: PassDocument): Promise<void>;
  get(id: string): Promise<PassDocument | null>;
  running(owner: string): Promise<PassDocument[]>;
  /** Drops all but the newest `count`. */
  keepNewest(count: number): Promise<void>;
}

/** `key`: a camera's id, or another text that no id can be. */
export interface PictureTable {
  save(key: string, picture: Picture): Promise<void>;
  get(key: string): Promise<Picture | null>;
  remove(key: string): Promise<void>;
}

/**
 * What `DocumentCameraStore` needs of a database: every method is a plain read or one atomic write. Throws `AppError`
 * STORE_UNREACHABLE, STORE_REFUSED or DISK_FULL.
 */
export interface StoreDriver {
  readonly kind: 'mongodb' | 'sqlite';
  /** Where the data is, for people: host names or a file, never a login. */
  describe(): string;
  /** Connects (one try) and migrates. */
  open(): Promise<void>;
  close(): Promise<void>;
  ping(): Promise<void>;

  readonly events: EventTable;
  readonly passes: PassTable;
  readonly pictures: PictureTable;
  readonly records: RecordTable;

  /** A text that differs whenever another connection has written to the database since; null: the database cannot tell. */
  foreignWrites(): string | null;

  /** Every document without tombstones, in batches and in any order. */
  readAll(): AsyncIterable<readonly RawDocument[]>;
  /** The version of every document without a tombstone; hand-made documents that are not adopted yet are left out. */
  readVersions(): Promise<Map<CameraId, number>>;
  /** In any order; ids that do not exist are left out. */
  readByIds(ids: readonly CameraId[]): Promise<RawDocument[]>;
  /** Tombstones included. */
  readBySerial(deviceSerial: string): Promise<RawDocument[]>;
  readTombstones(): Promise<RawDocument[]>;
  /** The documents that this owner claimed, without tombstones, in any order. */
  readClaimedBy(owner: string): Promise<RawDocument[]>;

  /** Adds documents; skips those whose id or `identity` exists. A refused document stops no other. */
  insert(documents: ReadonlyArray<{ readonly id: CameraId; readonly fields: CameraDocument }>): Promise<InsertOutcome>;
  replace(change: DocumentChange): Promise<ReplaceOutcome>;
  /** `replace` for many in few round trips; the outcomes are in the order of the changes. */
  replaceMany(changes: readonly DocumentChange[]): Promise<readonly ReplaceOutcome[]>;

  /** Raises the owner's beat counter. */
  beat(owner: string): Promise<void>;
  readBeats(): Promise<Map<string, number>>;
  /** Forgets the owner if its counter is still at `beat`. */
  forgetOwner(owner: string, beat: number): Promise<void>;
}
