import type { DiscoveryPlan } from '../../core/discovery/discovery.js';
import type { SavedDiscovery } from '../cameraStore.js';
import type { StoreDriver } from '../driver.js';
import type { CameraRecord } from '../reading/cameraRecord.js';
import { idsOf } from '../reading/cameraRecord.js';
import type { RefusedCamera } from '../refusals.js';
import type { CameraDocuments } from './cameraDocuments.js';
import { insertCameras } from './cameraInserts.js';
import * as transitions from './transitions.js';

/** Carries out a plan in bulk: see `CameraStore.saveDiscovered`. */
export function saveDiscovered(
  driver: StoreDriver,
  documents: CameraDocuments,
  plan: DiscoveryPlan,
  now: Date,
): Promise<SavedDiscovery> {
  return documents.inRound(() => save(driver, documents, plan, now));
}

async function save(
  driver: StoreDriver,
  documents: CameraDocuments,
  plan: DiscoveryPlan,
  now: Date,
): Promise<SavedDiscovery> {
  const records = plan.create.map((camera): CameraRecord => {
    const record = transitions.created(camera.id, camera, null, now);
    return { ...record, camera: { ...record.camera, origin: 'discovered' } };
  });
  const inserted = await insertCameras(driver, documents, records);
  const refused: RefusedCamera[] = [...inserted.refused];
  const onRefused = (one: RefusedCamera): void => void refused.push(one);
  const updates = new Map(plan.update.map((change) => [change.id, change]));
  const withUpdate = (record: CameraRecord): CameraRecord | null => {
    const change = updates.get(record.camera.id);
    return change ? transitions.withDiscovered(record, change, now) : null;
  };
  const updated = await documents.changeMany([...updates.keys()], withUpdate, onRefused);
  const withMissing = (record: CameraRecord): CameraRecord | null =>
    transitions.withDiscovered(record, { id: record.camera.id, status: 'missing' }, now);
  const missing = await documents.changeMany(plan.missing, withMissing, onRefused);
  return { created: inserted.added, updated: idsOf(updated), missing: idsOf(missing), refused };
}
