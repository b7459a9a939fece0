import type { PassDocument, PassTable } from '../driver.js';
import type { MongoFields } from './connection/models.js';
import type { MongoConnection } from './connection/mongoConnection.js';

export class MongoPasses implements PassTable {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  save({ id, ...fields }: PassDocument): Promise<void> {
    return this.#connection.with(async ({ passes }) => {
      await passes.updateOne({ _id: id }, { $set: fields }, { upsert: true });
    });
  }

  get(id: string): Promise<PassDocument | null> {
    return this.#connection.with(async ({ passes }) => {
      const found = await passes.findOne({ _id: id }).lean();
      return found && passDocument(found);
    });
  }

  running(owner: string): Promise<PassDocument[]> {
    return this.#connection.with(async ({ passes }) =>
      (await passes.find({ owner, state: 'running' }).lean()).map(passDocument),
    );
  }

  keepNewest(count: number): Promise<void> {
    return this.#connection.with(async ({ passes, tools }) => {
      // Only documents of our shape: a person may keep documents of their own here.
      const [owner, body] = [tools.operator({ $type: 'string' }), tools.operator({ $type: 'string' })];
      const ours = { owner, body, startedAt: tools.operator({ $type: 'date' }) };
      const old = await passes.find(ours, { _id: 1 }).sort({ startedAt: -1, _id: -1 }).skip(count).lean();
      if (old.length > 0) await passes.deleteMany({ _id: tools.operator({ $in: old.map((pass) => pass['_id']) }) });
    });
  }
}

function passDocument(fields: MongoFields): PassDocument {
  return {
    id: String(fields['_id']),
    owner: String(fields['owner']),
    state: String(fields['state']),
    startedAt: fields['startedAt'] instanceof Date ? fields['startedAt'] : new Date(0),
    body: String(fields['body']),
  };
}
