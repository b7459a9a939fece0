import type { CameraId } from '../../core/camera/camera.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { EventDocument, EventTable } from '../driver.js';
import type { MongoFields } from './connection/models.js';
import type { MongoConnection } from './connection/mongoConnection.js';
import { areAllDuplicateKeys } from './connection/mongoErrors.js';

/**
 * `order` is an ObjectId made when the event is added: it rises within one process, and between processes by the seconds of
 * their clocks. A counter in the database would be exact, at the price of one more round trip for each call.
 */
export class MongoEvents implements EventTable {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  add(events: readonly LeaseEvent[]): Promise<void> {
    return this.#connection.with(async (models) => {
      if (events.length === 0) return;
      const writes = events.map(({ id, ...fields }) => ({
        insertOne: { document: { _id: id, order: models.tools.newOrder(), ...fields } },
      }));
      await models.events.bulkWrite(writes, { ordered: false }).catch((error: unknown) => {
        if (!areAllDuplicateKeys(error)) throw error;
      });
    });
  }

  newestOf(cameraId: CameraId, limit: number, before?: string): Promise<EventDocument[]> {
    return this.#connection.with(async ({ events, tools }) => {
      let filter: MongoFields = { cameraId };
      if (before !== undefined) {
        const last = await events.findOne({ _id: before }).lean();
        if (!last) return [];
        const { at, order } = last;
        filter = {
          cameraId,
          $or: [{ at: tools.operator({ $lt: at }) }, { at, order: tools.operator({ $lt: order }) }],
        };
      }
      // MongoDB takes a limit of 0 as no limit.
      if (limit <= 0) return [];
      return (await events.find(filter).sort({ at: -1, order: -1 }).limit(limit).lean()).map(eventDocument);
    });
  }

  addedAfter(eventId: string, limit: number): Promise<EventDocument[]> {
    return this.#connection.with(async ({ events, tools }) => {
      const last = await events.findOne({ _id: eventId }).lean();
      if (!last || limit <= 0) return [];
      const order = tools.operator({ $gt: last['order'] });
      return (await events.find({ order }).sort({ order: 1 }).limit(limit).lean()).map(eventDocument);
    });
  }

  dropBefore(before: Date): Promise<void> {
    return this.#connection.with(async ({ events, tools }) => {
      // Only documents of our shape: a person may keep documents of their own here.
      const order = tools.operator({ $type: 'objectId' });
      const [cameraId, step] = [tools.operator({ $type: 'string' }), tools.operator({ $type: 'string' })];
      await events.deleteMany({ at: tools.operator({ $lt: before }), order, cameraId, step });
    });
  }
}

function eventDocument(fields: MongoFields): EventDocument {
  const { at, revision } = fields;
  return {
    id: String(fields['_id']),
    at: at instanceof Date ? at : new Date(0),
    cameraId: String(fields['cameraId']),
    step: String(fields['step']),
    revision: typeof revision === 'number' ? revision : null,
    reason: String(fields['reason']),
    message: String(fields['message']),
  };
}
