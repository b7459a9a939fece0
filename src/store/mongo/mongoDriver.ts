import { isDeepStrictEqual } from 'node:util';
import type { CameraId } from '../../core/camera.js';
import { AppError } from '../../core/errors.js';
import type { CameraDocument } from '../cameraDocument.js';
import type { RawDocument } from '../cameraRecord.js';
import type { Picture } from '../cameraStore.js';
import type { DocumentChange, PassDocument, ReplaceOutcome, StoreDriver } from '../driver.js';
import { pendingMigrations } from '../migrations.js';
import { describeMongo } from './connectionString.js';
import { MONGO_MIGRATIONS } from './migrations.js';
import type * as modelsModule from './models.js';
import type { Fields, MongoModels } from './models.js';
import { areAllDuplicateKeys, isDuplicateKey, mongoError } from './mongoErrors.js';

type ModelsModule = typeof modelsModule;

interface Opened extends MongoModels {
  /** Loaded at `open`: who runs on SQLite does not pay for mongoose. */
  readonly tools: ModelsModule;
}

const READ_BATCH = 500;

/** MongoDB, or a server that speaks like it: plain atomic updates only, no transactions and no change streams. */
export class MongoDriver implements StoreDriver {
  readonly kind = 'mongodb';
  readonly #uri: string;
  readonly #now: () => Date;
  #models: Opened | null = null;

  constructor(uri: string, now: () => Date) {
    this.#uri = uri;
    this.#now = now;
  }

  describe(): string {
    return describeMongo(this.#uri);
  }

  async open(): Promise<void> {
    if (this.#models) return;
    try {
      const tools = await import('./models.js');
      this.#models = { ...(await tools.connectModels(this.#uri)), tools };
      await this.#migrate();
    } catch (cause) {
      await this.close();
      throw mongoError(cause, this.describe());
    }
  }

  async close(): Promise<void> {
    const models = this.#models;
    this.#models = null;
    // `destroy` and not `close`: the connection is of no more use, and nothing may be left that keeps the process alive.
    await models?.connection.destroy().catch(() => undefined);
  }

  ping(): Promise<void> {
    return this.#with(async ({ connection }) => {
      await connection.db?.command({ ping: 1 });
    });
  }

  async *readAll(): AsyncGenerator<RawDocument[]> {
    const { cameras, tools } = this.#opened();
    const documents = cameras.find({ deletedAt: null }).lean().batchSize(READ_BATCH).cursor();
    let batch: RawDocument[] = [];
    try {
      for await (const fields of documents) {
        batch.push(rawDocument(fields, tools));
        if (batch.length < READ_BATCH) continue;
        yield batch;
        batch = [];
      }
    } catch (cause) {
      throw mongoError(cause, this.describe());
    }
    if (batch.length > 0) yield batch;
  }

  readByIds(ids: readonly CameraId[]): Promise<RawDocument[]> {
    return this.#with(({ tools }) => this.#find({ _id: tools.operator({ $in: ids.flatMap(tools.keysOf) }) }));
  }

  readBySerial(deviceSerial: string): Promise<RawDocument[]> {
    return this.#with(() => this.#find({ hikvisionDeviceSerial: deviceSerial }));
  }

  readTombstones(): Promise<RawDocument[]> {
    return this.#with(({ tools }) => this.#find({ deletedAt: tools.operator({ $ne: null }) }));
  }

  readDue(now: Date, living: readonly string[], limit: number): Promise<RawDocument[]> {
    return this.#with(async ({ cameras, tools }) => {
      const dueAt = tools.operator({ $lte: now });
      const claimOwner = tools.operator({ $nin: [...living] });
      const found = await cameras
        .find({ dueAt, claimOwner, deletedAt: null })
        .sort({ dueAt: 1, _id: 1 })
        .limit(limit)
        .lean();
      return found.map((fields) => rawDocument(fields, tools));
    });
  }

  insert(documents: ReadonlyArray<{ readonly id: CameraId; readonly fields: CameraDocument }>): Promise<Set<CameraId>> {
    return this.#with(async ({ cameras, tools }) => {
      const writes = documents.map(({ id, fields }) => ({
        updateOne: {
          filter: { _id: tools.keysOf(id)[0] },
          update: { $setOnInsert: withoutNullIdentity(fields) },
          upsert: true,
        },
      }));
      const added = await cameras.bulkWrite(writes, { ordered: false }).then(
        (result) => result.upsertedIds,
        (error: unknown) => {
          if (areAllDuplicateKeys(error)) return upsertedIdsOf(error);
          throw error;
        },
      );
      return new Set(Object.values(added).map(tools.idOf));
    });
  }

  replace(change: DocumentChange): Promise<ReplaceOutcome> {
    return this.#with(async ({ cameras }) => {
      const { filter, update } = writeOf(change);
      try {
        const result = await cameras.updateOne(filter, update);
        return result.matchedCount === 1 ? 'written' : 'conflict';
      } catch (error) {
        if (isDuplicateKey(error)) return 'identity-taken';
        throw error;
      }
    });
  }

  replaceMany(changes: readonly DocumentChange[]): Promise<boolean> {
    return this.#with(async ({ cameras }) => {
      const writes = changes.map((change) => ({ updateOne: writeOf(change) }));
      try {
        const result = await cameras.bulkWrite(writes, { ordered: false });
        return result.matchedCount === changes.length;
      } catch (error) {
        if (areAllDuplicateKeys(error)) return false;
        throw error;
      }
    });
  }

  beat(owner: string): Promise<void> {
    return this.#with(async ({ owners }) => {
      const raise = () => owners.updateOne({ _id: owner }, { $inc: { beat: 1 } }, { upsert: true });
      // Two first beats at a time: one of the two inserts loses, and is an update then.
      await raise().catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
        return raise();
      });
    });
  }

  readBeats(): Promise<Map<string, number>> {
    return this.#with(async ({ owners }) => {
      const found = await owners.find({}).lean();
      return new Map(found.map((owner) => [String(owner['_id']), Number(owner['beat'])]));
    });
  }

  forgetOwner(owner: string, beat: number): Promise<void> {
    return this.#with(async ({ owners }) => {
      await owners.deleteOne({ _id: owner, beat });
    });
  }

  savePicture(id: CameraId, { jpeg, takenAt }: Picture): Promise<void> {
    return this.#with(async ({ pictures }) => {
      await pictures.updateOne({ _id: id }, { $set: { jpeg, takenAt } }, { upsert: true });
    });
  }

  getPicture(id: CameraId): Promise<Picture | null> {
    return this.#with(async ({ pictures }) => {
      const found = await pictures.findOne({ _id: id }).lean();
      const jpeg = bytesOf(found?.['jpeg']);
      const takenAt = found?.['takenAt'];
      return jpeg && takenAt instanceof Date ? { jpeg, takenAt } : null;
    });
  }

  removePicture(id: CameraId): Promise<void> {
    return this.#with(async ({ pictures }) => {
      await pictures.deleteOne({ _id: id });
    });
  }

  savePass({ id, ...fields }: PassDocument): Promise<void> {
    return this.#with(async ({ passes }) => {
      await passes.updateOne({ _id: id }, { $set: fields }, { upsert: true });
    });
  }

  getPass(id: string): Promise<PassDocument | null> {
    return this.#with(async ({ passes }) => {
      const found = await passes.findOne({ _id: id }).lean();
      return found && passDocument(found);
    });
  }

  recentPasses(limit: number): Promise<PassDocument[]> {
    return this.#with(async ({ passes }) => {
      const found = await passes.find({}).sort({ startedAt: -1, _id: -1 }).limit(limit).lean();
      return found.map(passDocument);
    });
  }

  runningPasses(owner: string): Promise<PassDocument[]> {
    return this.#with(async ({ passes }) => (await passes.find({ owner, state: 'running' }).lean()).map(passDocument));
  }

  keepNewestPasses(count: number): Promise<void> {
    return this.#with(async ({ passes, tools }) => {
      const old = await passes.find({}, { _id: 1 }).sort({ startedAt: -1, _id: -1 }).skip(count).lean();
      if (old.length > 0) await passes.deleteMany({ _id: tools.operator({ $in: old.map((pass) => pass['_id']) }) });
    });
  }

  async #migrate(): Promise<void> {
    const models = this.#opened();
    const applied = (await models.migrations.find({}).lean()).map((migration) => Number(migration['_id']));
    for (const migration of pendingMigrations(MONGO_MIGRATIONS, applied)) {
      await migration.run(models);
      const note = { name: migration.name, appliedAt: this.#now() };
      await models.migrations.updateOne({ _id: migration.id }, { $set: note }, { upsert: true });
    }
  }

  async #find(filter: Fields): Promise<RawDocument[]> {
    const { cameras, tools } = this.#opened();
    const found = await cameras.find(filter).lean();
    return found.map((fields) => rawDocument(fields, tools));
  }

  async #with<T>(work: (models: Opened) => Promise<T>): Promise<T> {
    try {
      return await work(this.#opened());
    } catch (cause) {
      throw mongoError(cause, this.describe());
    }
  }

  #opened(): Opened {
    if (this.#models) return this.#models;
    throw new AppError('STORE_UNREACHABLE', `${this.describe()} is not connected.`, { cure: 'Start camlease again.' });
  }
}

function rawDocument(fields: Fields, tools: ModelsModule): RawDocument {
  return { id: tools.idOf(fields['_id']), key: fields['_id'], fields };
}

/** Only what differs is written, so that what other programs change in other fields meanwhile stays. */
function writeOf({ before, after }: DocumentChange): { filter: Fields; update: Fields } {
  const { version, rtmpPath } = before.fields;
  const filter = {
    _id: before.key,
    // null finds an absent field too.
    version: version ?? null,
    ...((typeof rtmpPath === 'string' || rtmpPath === undefined || rtmpPath === null) && {
      rtmpPath: rtmpPath ?? null,
    }),
  };
  const { identity, ...fields } = after;
  const differing = Object.entries(fields).filter(([name, value]) => !isDeepStrictEqual(before.fields[name], value));
  const set = { ...Object.fromEntries(differing), ...(identity !== null && { identity }) };
  return { filter, update: { $set: set, ...(identity === null && { $unset: { identity: 1 } }) } };
}

/** The index on it is unique wherever it is, be it null. */
function withoutNullIdentity({ identity, ...fields }: CameraDocument): Fields {
  return identity === null ? fields : { ...fields, identity };
}

function upsertedIdsOf(error: unknown): Record<number, unknown> {
  const result: unknown = typeof error === 'object' && error !== null && 'result' in error ? error.result : undefined;
  const ids: unknown = typeof result === 'object' && result !== null && 'upsertedIds' in result && result.upsertedIds;
  return typeof ids === 'object' && ids !== null ? { ...ids } : {};
}

/** mongoose gives the driver's own Binary for a lean read. */
function bytesOf(value: unknown): Buffer | null {
  if (value instanceof Uint8Array) return Buffer.from(value);
  const bytes: unknown = typeof value === 'object' && value !== null && 'buffer' in value ? value.buffer : null;
  return bytes instanceof Uint8Array ? Buffer.from(bytes) : null;
}

function passDocument(fields: Fields): PassDocument {
  return {
    id: String(fields['_id']),
    owner: String(fields['owner']),
    state: String(fields['state']),
    startedAt: fields['startedAt'] instanceof Date ? fields['startedAt'] : new Date(0),
    body: String(fields['body']),
  };
}
