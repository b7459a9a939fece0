import { MOST_RECORDS, parsedBody } from '../recordTable.js';
import type { RecordKind, RecordQuery, RecordTable, StoredRecord } from '../recordTable.js';
import type { MongoFields } from './connection/models.js';
import type { MongoConnection } from './connection/mongoConnection.js';
import { isDuplicateKey } from './connection/mongoErrors.js';

const WRITE_BATCH = 1000;

export class MongoRecords implements RecordTable {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  get(kind: RecordKind, id: string): Promise<StoredRecord | null> {
    return this.#connection.with(async ({ records }) => {
      const found = await records.findOne({ _id: keyOf(kind, id) }).lean();
      return found && storedRecord(kind, found);
    });
  }

  list(kind: RecordKind, { group, from, to, limit = MOST_RECORDS }: RecordQuery = {}): Promise<StoredRecord[]> {
    return this.#connection.with(async ({ records, tools }) => {
      const at = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
      const filter = {
        kind,
        ...(group !== undefined && { group }),
        ...(Object.keys(at).length > 0 && { at: tools.operator(at) }),
      };
      const found = await records.find(filter).sort({ at: -1, _id: 1 }).limit(limit).lean();
      return found.map((fields) => storedRecord(kind, fields));
    });
  }

  put(record: Omit<StoredRecord, 'version'>, expected: number): Promise<boolean> {
    return this.#connection.with(async ({ records }) => {
      const _id = keyOf(record.kind, record.id);
      if (expected > 0) {
        const result = await records.updateOne({ _id, version: expected }, changeOf(record));
        return result.matchedCount === 1;
      }
      try {
        const result = await records.updateOne(
          { _id },
          { $setOnInsert: { ...fieldsOf(record), version: 1 } },
          { upsert: true },
        );
        return result.upsertedCount === 1;
      } catch (error) {
        // Two processes add it at the same time.
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    });
  }

  putMany(all: ReadonlyArray<Omit<StoredRecord, 'version'>>): Promise<void> {
    return this.#connection.with(async ({ records }) => {
      for (let start = 0; start < all.length; start += WRITE_BATCH) {
        const writes = all.slice(start, start + WRITE_BATCH).map((record) => ({
          updateOne: { filter: { _id: keyOf(record.kind, record.id) }, update: changeOf(record), upsert: true },
        }));
        await records.bulkWrite(writes, { ordered: false });
      }
    });
  }

  remove(kind: RecordKind, id: string, expected?: number): Promise<boolean> {
    return this.#connection.with(async ({ records }) => {
      const filter = { _id: keyOf(kind, id), ...(expected !== undefined && { version: expected }) };
      return (await records.deleteOne(filter)).deletedCount === 1;
    });
  }

  dropBefore(kind: RecordKind, before: Date): Promise<void> {
    return this.#connection.with(async ({ records, tools }) => {
      // Only documents of our shape: a person may keep documents of their own here.
      const [version, body] = [tools.operator({ $type: 'number' }), tools.operator({ $type: 'string' })];
      await records.deleteMany({ kind, at: tools.operator({ $lt: before }), version, body });
    });
  }
}

function keyOf(kind: RecordKind, id: string): string {
  return `${kind}/${id}`;
}

/** The body is stored as text, since dots and dollars in field names mean something to MongoDB. */
function fieldsOf({ kind, group, at, body }: Omit<StoredRecord, 'version'>): MongoFields {
  return { kind, group, at, body: JSON.stringify(body) };
}

function changeOf(record: Omit<StoredRecord, 'version'>): MongoFields {
  return { $set: fieldsOf(record), $inc: { version: 1 } };
}

function storedRecord(kind: RecordKind, fields: MongoFields): StoredRecord {
  return {
    kind,
    id: String(fields['_id']).slice(kind.length + 1),
    group: String(fields['group']),
    at: fields['at'] instanceof Date ? fields['at'] : new Date(0),
    version: Number(fields['version']),
    body: parsedBody(fields['body']),
  };
}
