import { isDeepStrictEqual } from 'node:util';
import type { CameraId } from '../../core/camera/camera.js';
import { AppError } from '../../core/errors.js';
import type {
  DocumentChange,
  EventTable,
  InsertOutcome,
  PassTable,
  PictureTable,
  ReplaceOutcome,
  StoreDriver,
} from '../driver.js';
import type { CameraDocument } from '../reading/cameraDocument.js';
import type { RawDocument } from '../reading/cameraRecord.js';
import type { RecordTable } from '../recordTable.js';
import type { DocumentRefusal } from '../refusals.js';
import type { MongoFields } from './connection/models.js';
import type { ModelsModule } from './connection/mongoConnection.js';
import { MongoConnection } from './connection/mongoConnection.js';
import type { MongoDeps } from './connection/mongoDeps.js';
import { isDuplicateKey, mongoError } from './connection/mongoErrors.js';
import { FormerReplicas } from './former/formerReplicas.js';
import { MongoEvents } from './mongoEvents.js';
import { MongoPasses } from './mongoPasses.js';
import { MongoPictures } from './mongoPictures.js';
import { MongoRecords } from './mongoRecords.js';
import { refusalOf, refusalsOf, type Refused } from './mongoRefusals.js';
import { setUp } from './setUp.js';

const READ_BATCH = 500;

/** MongoDB, or a server that speaks its protocol: plain atomic updates only, no transactions and no change streams. */
export class MongoDriver implements StoreDriver {
  readonly kind = 'mongodb';
  readonly events: EventTable;
  readonly passes: PassTable;
  readonly pictures: PictureTable;
  readonly records: RecordTable;
  readonly #connection: MongoConnection;
  readonly #deps: MongoDeps;
  readonly #former: FormerReplicas;
  #closing = new AbortController();

  constructor(uri: string, deps: MongoDeps) {
    this.#connection = new MongoConnection(uri);
    this.#deps = deps;
    this.#former = new FormerReplicas(deps);
    this.events = new MongoEvents(this.#connection);
    this.passes = new MongoPasses(this.#connection);
    this.pictures = new MongoPictures(this.#connection);
    this.records = new MongoRecords(this.#connection);
  }

  describe(): string {
    return this.#connection.describe();
  }

  async open(): Promise<void> {
    try {
      if (!(await this.#connection.open())) return;
      this.#closing = new AbortController();
      const { signal } = this.#closing;
      await this.#connection.with((models) => setUp(models, this.#former, this.#deps, signal));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing.abort(new AppError('SHUTTING_DOWN', 'The store was closed while it was opened.'));
    return this.#connection.close();
  }

  ping(): Promise<void> {
    return this.#connection.with(async ({ connection }) => {
      await connection.db?.command({ ping: 1 });
    });
  }

  foreignWrites(): null {
    return null;
  }

  async *readAll(): AsyncGenerator<RawDocument[]> {
    const { cameras, tools } = this.#connection.opened();
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

  readVersions(): Promise<Map<CameraId, number>> {
    return this.#connection.with(async ({ cameras, tools }) => {
      const found = await cameras.find({ deletedAt: null }, { version: 1 }).lean();
      return new Map(
        found.flatMap((fields): Array<[CameraId, number]> => {
          const { version } = fields;
          return typeof version === 'number' ? [[tools.idOf(fields['_id']), version]] : [];
        }),
      );
    });
  }

  readByIds(ids: readonly CameraId[]): Promise<RawDocument[]> {
    return this.#connection.with(({ tools }) =>
      this.#find({ _id: tools.operator({ $in: ids.flatMap(tools.keysOf) }) }),
    );
  }

  readBySerial(deviceSerial: string): Promise<RawDocument[]> {
    return this.#connection.with(() => this.#find({ hikvisionDeviceSerial: deviceSerial }));
  }

  readTombstones(): Promise<RawDocument[]> {
    return this.#connection.with(({ tools }) => this.#find({ deletedAt: tools.operator({ $ne: null }) }));
  }

  readClaimedBy(owner: string): Promise<RawDocument[]> {
    return this.#connection.with(() => this.#find({ claimOwner: owner, deletedAt: null }));
  }

  insert(documents: ReadonlyArray<{ readonly id: CameraId; readonly fields: CameraDocument }>): Promise<InsertOutcome> {
    return this.#connection.with(async ({ cameras, tools }) => {
      const writes = documents.map(({ id, fields }) => ({
        updateOne: {
          filter: { _id: tools.keysOf(id)[0] },
          update: { $setOnInsert: withoutNullIdentity(fields) },
          upsert: true,
        },
      }));
      const refused = new Map<CameraId, DocumentRefusal>();
      const added = await cameras.bulkWrite(writes, { ordered: false }).then(
        (result) => result.upsertedIds,
        (error: unknown) => {
          const refusals = refusalsOf(error);
          if (!refusals) throw error;
          for (const [index, { id }] of documents.entries()) {
            const refusal = refusals.get(index);
            if (refusal && refusal !== 'exists') refused.set(id, refusal);
          }
          return upsertedIdsOf(error);
        },
      );
      return { added: new Set(Object.values(added).map(tools.idOf)), refused };
    });
  }

  replace(change: DocumentChange): Promise<ReplaceOutcome> {
    return this.#connection.with(async ({ cameras, tools }) => {
      const { filter, update } = writeOf(change, tools);
      try {
        const result = await cameras.updateOne(filter, update);
        return result.matchedCount === 1 ? 'written' : 'conflict';
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal === null) throw error;
        return refusal === 'exists' ? 'identity-taken' : refusal;
      }
    });
  }

  replaceMany(changes: readonly DocumentChange[]): Promise<readonly ReplaceOutcome[]> {
    return this.#connection.with(async ({ cameras, tools }) => {
      const lastBulk = tools.newOrder();
      const writes = changes.map((change) => ({ updateOne: writeOf(change, tools, { lastBulk }) }));
      let refusals: ReadonlyMap<number, Refused> = new Map();
      const matched = await cameras.bulkWrite(writes, { ordered: false }).then(
        ({ matchedCount }) => matchedCount,
        (error: unknown) => {
          const found = refusalsOf(error);
          if (!found) throw error;
          refusals = found;
          return null;
        },
      );
      if (matched === changes.length) return changes.map(() => 'written');
      // The server only says how many documents it found; which ones, `lastBulk` in them says.
      const keys = changes.map(({ before }) => before.key);
      const marked = await cameras.find({ _id: tools.operator({ $in: keys }), lastBulk }, { _id: 1 }).lean();
      const written = new Set(marked.map((fields) => tools.idOf(fields['_id'])));
      return changes.map(({ before }, index) => {
        const refusal = refusals.get(index);
        if (refusal) return refusal === 'exists' ? 'identity-taken' : refusal;
        return written.has(before.id) ? 'written' : 'conflict';
      });
    });
  }

  beat(owner: string): Promise<void> {
    return this.#connection.with(async ({ owners }) => {
      const raise = () => owners.updateOne({ _id: owner }, { $inc: { beat: 1 } }, { upsert: true });
      // Two first beats at one time: one of the inserts fails as a duplicate, and is repeated as an update.
      await raise().catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
        return raise();
      });
    });
  }

  readBeats(): Promise<Map<string, number>> {
    return this.#connection.with(async (models) => {
      const found = await models.owners.find({ beat: models.tools.operator({ $type: 'number' }) }).lean();
      await this.#former.check(models);
      return new Map(found.map((owner) => [String(owner['_id']), Number(owner['beat'])]));
    });
  }

  forgetOwner(owner: string, beat: number): Promise<void> {
    return this.#connection.with(async ({ owners }) => {
      await owners.deleteOne({ _id: owner, beat });
    });
  }

  async #find(filter: MongoFields): Promise<RawDocument[]> {
    const { cameras, tools } = this.#connection.opened();
    const found = await cameras.find(filter).lean();
    return found.map((fields) => rawDocument(fields, tools));
  }
}

function rawDocument(fields: MongoFields, tools: ModelsModule): RawDocument {
  return { id: tools.idOf(fields['_id']), key: fields['_id'], fields };
}

/** Writes only the fields that differ, so that changes by other programs in other fields stay. */
function writeOf(
  { before, after }: DocumentChange,
  tools: ModelsModule,
  mark: MongoFields = {},
): { filter: MongoFields; update: MongoFields } {
  const { version, fence, rtmpPath } = before.fields;
  const filter = {
    _id: before.key,
    // null matches an absent field too. A `version` of text is another program's, until our first write makes it a number.
    // With a version of any other type the document is not ours yet (see `isOurs`), so `fence` or `lastRevision` is absent
    // until our first write.
    ...(typeof version === 'number' || version === undefined || version === null
      ? { version: version ?? null }
      : typeof version === 'string'
        ? { version: tools.operator({ $type: 'string' }) }
        : (fence ?? null) === null
          ? { fence: null }
          : { lastRevision: null }),
    ...((typeof rtmpPath === 'string' || rtmpPath === undefined || rtmpPath === null) && {
      rtmpPath: rtmpPath ?? null,
    }),
  };
  const { identity, ...fields } = after;
  const differing = Object.entries(fields).filter(([name, value]) => !isDeepStrictEqual(before.fields[name], value));
  const set = { ...mark, ...Object.fromEntries(differing), ...(identity !== null && { identity }) };
  return { filter, update: { $set: set, ...(identity === null && { $unset: { identity: 1 } }) } };
}

/** Leaves a null identity out: the index covers the field wherever it exists, even as null. */
function withoutNullIdentity({ identity, ...fields }: CameraDocument): MongoFields {
  return identity === null ? fields : { ...fields, identity };
}

function upsertedIdsOf(error: unknown): Record<number, unknown> {
  const result: unknown = typeof error === 'object' && error !== null && 'result' in error ? error.result : undefined;
  const ids: unknown = typeof result === 'object' && result !== null && 'upsertedIds' in result && result.upsertedIds;
  return typeof ids === 'object' && ids !== null ? { ...ids } : {};
}
