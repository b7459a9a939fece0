import { eventId } from '../../../core/handover/leaseEvents.js';
import { isCameraId } from '../../../core/camera/cameraIdForm.js';
import { RECORD_KINDS } from '../../recordTable.js';
import { decodePass } from '../../rules/passDocument.js';
import type { MongoFields } from '../connection/models.js';

/**
 * Recognizes documents of a camlease from before its collections had a prefix by their shape: exactly the fields that camlease
 * wrote, in agreement with each other. A collection's name proves nothing: any program may call one `events`.
 */

const LARGEST_PICTURE_BYTES = 60 * 1024;

export function isFormerEvent(document: MongoFields): boolean {
  if (!hasExactly(document, ['_id', 'order', 'at', 'cameraId', 'step', 'revision', 'reason', 'message'])) return false;
  const { _id, order, at, cameraId, step, revision, reason, message } = document;
  if (!(at instanceof Date) || !isObjectId(order) || typeof message !== 'string') return false;
  if (typeof cameraId !== 'string' || typeof step !== 'string' || typeof reason !== 'string') return false;
  if (revision !== null && !Number.isInteger(revision)) return false;
  return _id === eventId({ cameraId, step: step as never, revision: revision as number | null, reason, at });
}

export function isFormerPass(document: MongoFields): boolean {
  if (!hasExactly(document, ['_id', 'owner', 'state', 'startedAt', 'body'])) return false;
  const { _id: id, owner, state, startedAt, body } = document;
  if (typeof id !== 'string' || typeof owner !== 'string' || typeof state !== 'string') return false;
  if (!(startedAt instanceof Date) || typeof body !== 'string') return false;
  const pass = decodePass({ id, owner, state, startedAt, body });
  return pass?.id === id && pass.state === state;
}

export function isFormerPicture(document: MongoFields): boolean {
  if (!hasExactly(document, ['_id', 'jpeg', 'takenAt'])) return false;
  const { _id, jpeg, takenAt } = document;
  if (typeof _id !== 'string' || !isCameraId(_id) || !(takenAt instanceof Date)) return false;
  const bytes = bytesOf(jpeg);
  return bytes !== null && bytes.length <= LARGEST_PICTURE_BYTES && bytes[0] === 0xff && bytes[1] === 0xd8;
}

export function isFormerRecord(document: MongoFields): boolean {
  if (!hasExactly(document, ['_id', 'kind', 'group', 'at', 'version', 'body'])) return false;
  const { _id, kind, group, at, version, body } = document;
  if (!RECORD_KINDS.some((known) => known === kind)) return false;
  if (typeof _id !== 'string' || !_id.startsWith(`${String(kind)}/`) || typeof group !== 'string') return false;
  return at instanceof Date && Number.isInteger(version) && Number(version) >= 1 && isJson(body);
}

/** A process's beat counter. */
export function isFormerOwner(document: MongoFields): document is { _id: string; beat: number } {
  if (!hasExactly(document, ['_id', 'beat'])) return false;
  const { _id, beat } = document;
  return typeof _id === 'string' && /^[0-9a-zA-Z-]{8,64}$/.test(_id) && Number.isInteger(beat) && Number(beat) >= 1;
}

const FORMER_MIGRATIONS: ReadonlyMap<unknown, string> = new Map([
  [1, 'first indexes'],
  [2, 'events'],
  [3, 'records'],
]);

/** The note of a migration that the earlier camlease carried out. */
export function isFormerMigration(document: MongoFields): boolean {
  const { _id, name, appliedAt } = document;
  return hasExactly(document, ['_id', 'name', 'appliedAt']) && isFormerName(_id, name) && appliedAt instanceof Date;
}

function isFormerName(id: unknown, name: unknown): boolean {
  return FORMER_MIGRATIONS.get(id) === name && name !== undefined;
}

function hasExactly(document: MongoFields, names: readonly string[]): boolean {
  const keys = Object.keys(document);
  return keys.length === names.length && names.every((name) => keys.includes(name));
}

function isObjectId(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '_bsontype' in value && value._bsontype === 'ObjectId';
}

function bytesOf(value: unknown): Uint8Array | null {
  const bytes: unknown = typeof value === 'object' && value !== null && 'buffer' in value ? value.buffer : null;
  return bytes instanceof Uint8Array ? bytes : null;
}

function isJson(body: unknown): boolean {
  try {
    return typeof body === 'string' && JSON.parse(body) !== undefined;
  } catch {
    return false;
  }
}
