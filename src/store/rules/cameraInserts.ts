import type { CameraId } from '../../core/camera/camera.js';
import type { StoreDriver } from '../driver.js';
import { encodeCamera } from '../reading/cameraDocument.js';
import type { CameraRecord } from '../reading/cameraRecord.js';
import { refusedCamera, type RefusedCamera } from '../refusals.js';
import type { CameraDocuments } from './cameraDocuments.js';

export interface Inserted {
  /** In the order of the records. */
  readonly added: readonly CameraId[];
  /** The cameras that the database refused; those that exist already are in neither list. */
  readonly refused: readonly RefusedCamera[];
}

/** Adds cameras; skips those that exist. */
export async function insertCameras(
  driver: StoreDriver,
  documents: CameraDocuments,
  records: readonly CameraRecord[],
): Promise<Inserted> {
  if (records.length === 0) return { added: [], refused: [] };
  const wanted = records.map((record) => ({ id: record.camera.id, fields: encodeCamera({ ...record, version: 1 }) }));
  const { added, refused: refusals } = await driver.insert(wanted);
  const refused = [...refusals].map(([id, refusal]) => refusedCamera(id, refusal));
  const left = wanted.map(({ id }) => id).filter((id) => !added.has(id) && !refusals.has(id));
  // Another program's document may have the camera's id, and then the camera would never appear.
  for (const document of left.length > 0 ? await driver.readByIds(left) : []) {
    if (documents.understand(document) === null) refused.push(refusedCamera(document.id, foreignDocument(document.id)));
  }
  for (const one of refused) documents.refused.add(one, null);
  for (const id of added) documents.refused.forget(id);
  return { added: wanted.map(({ id }) => id).filter((id) => added.has(id)), refused };
}

function foreignDocument(id: CameraId): { message: string; cure: string } {
  return {
    message: `A document with the _id ${id} is in cameras already and cannot be read as a camera; see the log for what is wrong with it.`,
    cure: 'Correct that document, or give it another _id.',
  };
}
