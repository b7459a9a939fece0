import type { Migration } from '../migrations.js';
import type { MongoModels } from './models.js';

/** `createIndex` does nothing where the same index exists. */
async function createIndexes({ cameras, passes }: MongoModels): Promise<void> {
  // Sparse: tombstones and hand-made documents without account have no identity.
  await cameras.collection.createIndex({ identity: 1 }, { name: 'camlease_identity', unique: true, sparse: true }, {});
  await cameras.collection.createIndex({ dueAt: 1 }, { name: 'camlease_due' }, {});
  await cameras.collection.createIndex({ hikvisionDeviceSerial: 1 }, { name: 'camlease_serial' }, {});
  await passes.collection.createIndex({ startedAt: -1 }, { name: 'camlease_started' }, {});
}

async function createEventIndexes({ events }: MongoModels): Promise<void> {
  await events.collection.createIndex({ cameraId: 1, at: -1, order: -1 }, { name: 'camlease_camera' }, {});
  await events.collection.createIndex({ order: 1 }, { name: 'camlease_order' }, {});
  await events.collection.createIndex({ at: 1 }, { name: 'camlease_at' }, {});
}

async function createRecordIndexes({ records }: MongoModels): Promise<void> {
  await records.collection.createIndex({ kind: 1, at: -1 }, { name: 'camlease_kind' }, {});
  await records.collection.createIndex({ kind: 1, group: 1, at: -1 }, { name: 'camlease_group' }, {});
}

export const MONGO_MIGRATIONS: ReadonlyArray<Migration<MongoModels>> = [
  { id: 1, name: 'first indexes', run: createIndexes },
  { id: 2, name: 'events', run: createEventIndexes },
  { id: 3, name: 'records', run: createRecordIndexes },
];
