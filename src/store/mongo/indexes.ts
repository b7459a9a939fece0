import type { MongoModels } from './models.js';

/** `createIndex` does nothing where the same index exists. */
export async function createIndexes({ cameras, passes, events, records }: MongoModels): Promise<void> {
  // Sparse: tombstones and hand-made documents without account have no identity.
  await cameras.collection.createIndex({ identity: 1 }, { name: 'camlease_identity', unique: true, sparse: true }, {});
  await cameras.collection.createIndex({ dueAt: 1 }, { name: 'camlease_due' }, {});
  await cameras.collection.createIndex({ hikvisionDeviceSerial: 1 }, { name: 'camlease_serial' }, {});
  await passes.collection.createIndex({ startedAt: -1 }, { name: 'camlease_started' }, {});
  await events.collection.createIndex({ cameraId: 1, at: -1, order: -1 }, { name: 'camlease_camera' }, {});
  await events.collection.createIndex({ order: 1 }, { name: 'camlease_order' }, {});
  await events.collection.createIndex({ at: 1 }, { name: 'camlease_at' }, {});
  await records.collection.createIndex({ kind: 1, at: -1 }, { name: 'camlease_kind' }, {});
  await records.collection.createIndex({ kind: 1, group: 1, at: -1 }, { name: 'camlease_group' }, {});
}
