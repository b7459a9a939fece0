import type { Camera, CameraId } from '../core/camera.js';
import { AppError, messageOf } from '../core/errors.js';
import type { AdoptionContext } from './adoption.js';
import { adopt, reconcile } from './adoption.js';
import { decodeCamera, encodeCamera } from './cameraDocument.js';
import type { CameraRecord, RawDocument } from './cameraRecord.js';
import { dueAtOf, identityOf } from './cameraRecord.js';
import type { DocumentChange, StoreDriver } from './driver.js';
import { KnownRecords } from './knownRecords.js';
import type { Transition } from './transitions.js';

export interface StoreLog {
  warn(message: string, fields?: object): void;
}

/** A document that was read, understood, and brought up to what other programs wrote into it. */
export interface Understood {
  readonly before: RawDocument;
  readonly record: CameraRecord;
  /** The document does not say all that the record says: it is new to us, or another program changed it. */
  readonly isStale: boolean;
}

const WRITE_BATCH = 1000;
/** Each attempt that is lost means that another one won, so this is never reached but by a fault. */
const MOST_ATTEMPTS = 50;

/**
 * Camera documents as records: reads, adopts, and changes them by compare-and-swap. A change is worked out on what was read
 * and written only if nobody wrote in between; otherwise it is worked out again.
 */
export class CameraDocuments {
  readonly #driver: StoreDriver;
  readonly #context: () => AdoptionContext;
  readonly #log: StoreLog;
  readonly #known: KnownRecords;
  /** What is wrong with which document, so that each is told once. */
  readonly #told = new Map<CameraId, string>();

  constructor(driver: StoreDriver, context: () => AdoptionContext, log: StoreLog) {
    this.#driver = driver;
    this.#context = context;
    this.#log = log;
    this.#known = new KnownRecords(driver);
  }

  /** Every camera that is not deleted, in any order. Adoptions and foreign rewrites are written back. */
  async all(): Promise<Camera[]> {
    const cameras: Camera[] = [];
    const stale: Understood[] = [];
    const context = this.#context();
    const since = this.#known.stamp();
    for await (const batch of this.#driver.readAll()) {
      for (const document of batch) {
        const understood = this.understand(document, context);
        if (understood?.isStale) stale.push(understood);
        else if (understood) cameras.push(this.#known.keep(understood.record, since).camera);
      }
    }
    for (const batch of batches(stale)) {
      const outcomes = await this.#driver.replaceMany(batch.map((one) => changeOf(one.before, one.record)));
      for (const [index, { before, record }] of batch.entries()) {
        const written = outcomes[index] === 'written' ? record : await this.change(before.id, (current) => current);
        if (written) cameras.push(written.camera);
      }
    }
    return cameras;
  }

  /** Changes one camera; null: no such camera, or the transition says no. Throws CAMERA_EXISTS when its identity is taken. */
  async change(id: CameraId, transition: Transition): Promise<CameraRecord | null> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const since = this.#known.stamp();
      const [document] = await this.#driver.readByIds([id]);
      const understood = document && this.understand(document);
      if (!understood || understood.record.deletedAt !== null) return null;
      const next = transition(understood.record);
      if (next === null) return null;
      if (next === understood.record && !understood.isStale) return next;
      const change = changeOf(understood.before, next);
      const outcome = await this.#driver.replace(change);
      if (outcome === 'written') return this.#known.keep(writtenRecord(next, change), since);
      if (outcome === 'identity-taken') throw identityTaken();
    }
    throw alwaysOvertaken(id);
  }

  /** Tries a change on what was already read, once; null: the transition says no, or somebody else was faster. */
  async tryChange(understood: Understood, transition: Transition): Promise<CameraRecord | null> {
    const next = transition(understood.record);
    if (next === null || (next === understood.record && !understood.isStale)) return null;
    const change = changeOf(understood.before, next);
    if ((await this.#driver.replace(change)) !== 'written') return null;
    // When it was read is not known here, so neither is whether a hand wrote something beside it.
    this.#known.forget(change.before.id);
    return writtenRecord(next, change);
  }

  /**
   * Changes many cameras in few round trips; returns those that changed. One that somebody else wrote in between is tried again,
   * one whose identity is taken is told and left.
   */
  async changeMany(ids: readonly CameraId[], transition: Transition): Promise<CameraRecord[]> {
    const changed: CameraRecord[] = [];
    for (const batch of batches([...new Set(ids)])) {
      let left: readonly CameraId[] = batch;
      for (let attempt = 0; left.length > 0; attempt++) {
        if (attempt === MOST_ATTEMPTS) throw alwaysOvertaken(left.join(', '));
        left = await this.#tryMany(left, transition, changed);
      }
    }
    return changed;
  }

  /** null: no camera of ours, which is told once. */
  understand(document: RawDocument, context: AdoptionContext = this.#context()): Understood | null {
    try {
      const isNew = document.fields['version'] === undefined || document.fields['version'] === null;
      const read = isNew ? adopt(document, context) : decodeCamera(document.id, document.fields);
      const record = isNew ? read : reconcile(read, context);
      this.#told.delete(document.id);
      return { before: document, record, isStale: isNew || record !== read || isOutdated(document, record) };
    } catch (error) {
      this.#tellOnce(document.id, `The stored camera ${document.id} is left out: ${messageOf(error)}.`);
      return null;
    }
  }

  /** Adds to `changed` what was written; returns the ids of those that somebody else wrote in between. */
  async #tryMany(ids: readonly CameraId[], transition: Transition, changed: CameraRecord[]): Promise<CameraId[]> {
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
        changed.push(this.#known.keep(writtenRecord(next, change), since));
        continue;
      }
      this.#known.forget(id);
      if (outcomes[index] === 'conflict') overtaken.push(id);
      else this.#tellOnce(id, `The camera ${id} stays as it is: ${identityTaken().message}`);
    }
    return overtaken;
  }

  #tellOnce(id: CameraId, sentence: string): void {
    if (this.#told.get(id) === sentence) return;
    this.#told.set(id, sentence);
    this.#log.warn(sentence, { camera: id });
  }
}

export function identityTaken(): AppError {
  return new AppError('CAMERA_EXISTS', 'Another camera has the same account, device serial and channel.', {
    cure: 'Change or delete that one first.',
  });
}

function alwaysOvertaken(ids: string): AppError {
  return new AppError('STORE_REFUSED', `The camera ${ids} was changed by somebody else at every attempt.`, {
    cure: 'Stop other programs that write to this database all the time.',
  });
}

/** The searched fields follow from the others; a hand that edits the others does not know. */
function isOutdated({ fields }: RawDocument, record: CameraRecord): boolean {
  const stored = fields['dueAt'] instanceof Date ? fields['dueAt'].getTime() : null;
  return stored !== (dueAtOf(record)?.getTime() ?? null) || (fields['identity'] ?? null) !== identityOf(record);
}

function changeOf(before: RawDocument, next: CameraRecord): DocumentChange {
  return { before, after: encodeCamera({ ...next, version: next.version + 1 }) };
}

function writtenRecord(next: CameraRecord, { after }: DocumentChange): CameraRecord {
  return { ...next, rtmpPath: after.rtmpPath, version: after.version };
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += WRITE_BATCH) yield all.slice(start, start + WRITE_BATCH);
}
