import type { Camera, CameraId } from '../../core/camera/camera.js';
import { AppError } from '../../core/errors.js';
import type { LeftOutDocument } from '../../core/camera/leftOut.js';
import type { AdoptionContext } from '../reading/adoption.js';
import { encodeCamera, isOurs } from '../reading/cameraDocument.js';
import type { CameraRecord, RawDocument } from '../reading/cameraRecord.js';
import { isDeletedInWordsOnly, leftOutAsDeleted, leftOutOf, readDocument } from '../reading/documentReading.js';
import type { DocumentChange, StoreDriver } from '../driver.js';
import { KnownRecords } from './knownRecords.js';
import { LeftOutDocuments } from './leftOutDocuments.js';
import { documentRefused, refusedCamera, type RefusedCamera } from '../refusals.js';
import { RefusedWrites } from './refusedWrites.js';
import { DocumentWarnings, type StoreLog } from '../documentWarnings.js';
import { leftOutTwin, TwinDocuments } from '../reading/twinDocuments.js';
import type { Transition } from './transitions.js';

/** A document read as a camera, with what other programs wrote into it. */
export interface Understood {
  readonly before: RawDocument;
  readonly record: CameraRecord;
  /** The document must be written back: it is new to camlease, or another program changed it. */
  readonly isStale: boolean;
}

const WRITE_BATCH = 1000;
/** Each lost attempt means that another writer won, so only a fault reaches this number. */
const MOST_ATTEMPTS = 50;
/** Why a single document cannot be written: another camera has its place, or the database never takes this document. */
const NOT_ADOPTED: ReadonlySet<string> = new Set(['CAMERA_EXISTS', 'DOCUMENT_REFUSED']);

/**
 * Reads camera documents as records, adopts hand-made ones, and changes them by compare-and-swap. A change is worked out on the
 * document as read, and written only if nobody wrote it in between; otherwise it is worked out again.
 */
export class CameraDocuments {
  readonly #driver: StoreDriver;
  readonly #context: () => AdoptionContext;
  readonly #known: KnownRecords;
  readonly #lines: DocumentWarnings;
  readonly #leftOut: LeftOutDocuments;
  readonly #twins = new TwinDocuments();
  /** Writes that the database refuses, until it takes them. */
  readonly refused: RefusedWrites;

  constructor(driver: StoreDriver, context: () => AdoptionContext, log: StoreLog) {
    this.#driver = driver;
    this.#context = context;
    this.#known = new KnownRecords(driver);
    this.#lines = new DocumentWarnings(log);
    this.#leftOut = new LeftOutDocuments(this.#lines);
    this.refused = new RefusedWrites(this.#lines, () => context().now.getTime());
  }

  /** Documents that could not be read as cameras, as they were last read. */
  leftOut(): readonly LeftOutDocument[] {
    return this.#leftOut.all();
  }

  /** Log lines about single documents during `work`, which handles many, are logged together: see `DocumentWarnings`. */
  inRound<T>(work: () => Promise<T>): Promise<T> {
    return this.#lines.round(work);
  }

  /** Every camera that is not deleted, in any order. Adopted and changed documents are written back. */
  all(): Promise<Camera[]> {
    return this.inRound(() => this.#all());
  }

  async #all(): Promise<Camera[]> {
    const cameras: Camera[] = [];
    const stale: Understood[] = [];
    const context = this.#context();
    const since = this.#known.stamp();
    const read = new Set<string>();
    const look = this.#twins.begin();
    const tombstones = await this.#driver.readTombstones();
    // A camera that a person deleted in camlease stays deleted, though another document has its _id as another type.
    for (const document of tombstones) if (isOurs(document.fields)) look.see(document);
    for await (const batch of this.#driver.readAll()) {
      for (const document of batch) {
        look.see(document);
        read.add(this.#twins.isTwin(document) ? leftOutTwin(document, context.vendors).id : document.id);
        const understood = this.understand(document, context);
        if (understood?.isStale) stale.push(understood);
        else if (understood) cameras.push(this.#known.keep(understood.record, since).camera);
      }
    }
    if (!look.end()) return this.#all();
    for (const document of tombstones) {
      if (!isDeletedInWordsOnly(document)) continue;
      read.add(document.id);
      this.#leftOut.add(leftOutAsDeleted(document, context.vendors));
    }
    for (const batch of batches(stale)) {
      const outcomes = await this.#driver.replaceMany(batch.map((one) => changeOf(one.before, one.record)));
      for (const [index, { before, record }] of batch.entries()) {
        const isWritten = outcomes[index] === 'written';
        const understood = isWritten ? record : await this.#adoptAlone(before);
        if (!understood) continue;
        if (isWritten) this.refused.accepted(changeOf(before, record));
        this.#leftOut.forget(before.id);
        cameras.push(understood.camera);
      }
    }
    this.#leftOut.keepOnly((id) => read.has(id));
    return cameras;
  }

  /** Adopts one document. If it cannot be written it is left out, so that the others are served. null: left out, or gone. */
  async #adoptAlone(document: RawDocument): Promise<CameraRecord | null> {
    try {
      return await this.change(document.id, (current) => current);
    } catch (error) {
      if (!(error instanceof AppError) || !NOT_ADOPTED.has(error.code)) throw error;
      this.refused.forget(document.id);
      this.#leftOut.add(leftOutOf(document, withoutStop(error.message), error.cure ?? '', this.#context().vendors));
      return null;
    }
  }

  /** Changes one camera; null: no such camera, or the transition declines. Throws CAMERA_EXISTS when its identity is taken. */
  async change(id: CameraId, transition: Transition): Promise<CameraRecord | null> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const since = this.#known.stamp();
      const document = (await this.#driver.readByIds([id])).find((one) => !this.#twins.isTwin(one));
      const understood = document && this.understand(document);
      if (!understood || understood.record.deletedAt !== null) return null;
      const next = transition(understood.record);
      if (next === null) return null;
      if (next === understood.record && !understood.isStale) return next;
      const change = changeOf(understood.before, next);
      const outcome = await this.#driver.replace(change);
      if (outcome === 'written') {
        this.#accepted(change);
        return this.#known.keep(writtenRecord(next, change), since);
      }
      if (outcome === 'identity-taken') throw identityTaken();
      if (outcome === 'conflict') continue;
      this.refused.add(refusedCamera(id, outcome), change);
      // The write would only have brought the document up to date, and the camera can be served as it was read.
      if (next === understood.record && isOurs(document.fields)) return next;
      throw documentRefused(outcome);
    }
    throw alwaysOvertaken(id);
  }

  /** Tries a change once, on a document read before; null: the transition declines, or another writer was faster. */
  async tryChange(understood: Understood, transition: Transition): Promise<CameraRecord | null> {
    const next = transition(understood.record);
    if (next === null || (next === understood.record && !understood.isStale)) return null;
    const change = changeOf(understood.before, next);
    const outcome = await this.#driver.replace(change);
    if (typeof outcome === 'object') {
      this.refused.add(refusedCamera(change.before.id, outcome), change);
      throw documentRefused(outcome);
    }
    if (outcome !== 'written') return null;
    this.refused.accepted(change);
    // When the document was read is not known here, so neither is whether a person has edited it since.
    this.#known.forget(change.before.id);
    return writtenRecord(next, change);
  }

  /**
   * Changes many cameras in few round trips; returns those that changed. A camera that another writer changed in between is
   * tried again; one whose identity is taken, or that the database refuses, is logged and skipped.
   */
  changeMany(
    ids: readonly CameraId[],
    transition: Transition,
    onRefused: (refused: RefusedCamera) => void = () => undefined,
  ): Promise<CameraRecord[]> {
    return this.inRound(() => this.#changeMany(ids, transition, onRefused));
  }

  async #changeMany(
    ids: readonly CameraId[],
    transition: Transition,
    onRefused: (refused: RefusedCamera) => void,
  ): Promise<CameraRecord[]> {
    const changed: CameraRecord[] = [];
    for (const batch of batches([...new Set(ids)])) {
      let left: readonly CameraId[] = batch;
      for (let attempt = 0; left.length > 0; attempt++) {
        if (attempt === MOST_ATTEMPTS) throw alwaysOvertaken(left.join(', '));
        left = await this.#tryMany(left, transition, changed, onRefused);
      }
    }
    return changed;
  }

  /** null: the document makes no camera, which is logged once. */
  understand(document: RawDocument, context: AdoptionContext = this.#context()): Understood | null {
    if (this.#twins.isTwin(document)) {
      this.#leftOut.add(leftOutTwin(document, context.vendors));
      return null;
    }
    const reading = readDocument(document, context);
    if (reading.kind === 'left-out') {
      this.#leftOut.add(reading.leftOut);
      return null;
    }
    // A stale document is yet to be written, and may turn out to have no place.
    if (!reading.isStale) this.#leftOut.forget(document.id);
    return { before: document, record: reading.record, isStale: reading.isStale };
  }

  /** Adds to `changed` what was written; returns the ids of the cameras that another writer changed in between. */
  async #tryMany(
    ids: readonly CameraId[],
    transition: Transition,
    changed: CameraRecord[],
    onRefused: (refused: RefusedCamera) => void,
  ): Promise<CameraId[]> {
    const tries: Array<{ readonly next: CameraRecord; readonly change: DocumentChange }> = [];
    const since = this.#known.stamp();
    const unknown: CameraId[] = [];
    const tryOne = (record: CameraRecord, before: () => RawDocument): void => {
      const next = record.deletedAt === null ? transition(record) : null;
      if (next !== null) tries.push({ next, change: changeOf(before(), next) });
    };
    for (const id of ids) {
      const record = this.#known.get(id);
      if (record) tryOne(record, () => ({ id, fields: encodeCamera(record) }));
      else unknown.push(id);
    }
    const context = this.#context();
    for (const document of unknown.length > 0 ? await this.#driver.readByIds(unknown) : []) {
      const understood = this.understand(document, context);
      if (understood) tryOne(understood.record, () => understood.before);
    }
    if (tries.length === 0) return [];
    const outcomes = await this.#driver.replaceMany(tries.map(({ change }) => change));
    const overtaken: CameraId[] = [];
    for (const [index, { next, change }] of tries.entries()) {
      const id = change.before.id;
      if (outcomes[index] === 'written') {
        this.refused.accepted(change);
        changed.push(this.#known.keep(writtenRecord(next, change), since));
        continue;
      }
      this.#known.forget(id);
      const outcome = outcomes[index];
      if (outcome === 'conflict') overtaken.push(id);
      else if (typeof outcome === 'object') {
        const refused = refusedCamera(id, outcome);
        this.refused.add(refused, change);
        onRefused(refused);
      } else this.#lines.warnOnce(id, `The camera ${id} stays as it is: ${identityTaken().message}`);
    }
    return overtaken;
  }

  #accepted(change: DocumentChange): void {
    this.#leftOut.forget(change.before.id);
    this.refused.accepted(change);
  }
}

export function identityTaken(): AppError {
  return new AppError('CAMERA_EXISTS', 'Another camera has the same account, device serial and channel.', {
    cure: 'Change or delete that camera first.',
  });
}

function alwaysOvertaken(ids: string): AppError {
  return new AppError('STORE_REFUSED', `Another program changed the camera ${ids} at every attempt to store it.`, {
    cure: 'Stop the program that keeps writing to this database.',
  });
}

function withoutStop(sentence: string): string {
  return sentence.endsWith('.') ? sentence.slice(0, -1) : sentence;
}

function changeOf(before: RawDocument, next: CameraRecord): DocumentChange {
  return { before, after: encodeCamera({ ...next, version: next.version + 1 }) };
}

function writtenRecord(next: CameraRecord, { after }: DocumentChange): CameraRecord {
  return { ...next, aboutAsRead: next.camera.about, rtmpPath: after.rtmpPath, version: after.version };
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += WRITE_BATCH) yield all.slice(start, start + WRITE_BATCH);
}
