import { AppError } from '../../core/errors.js';
import {
  FORMER_IDENTITY_INDEX,
  IDENTITY_INDEX,
  IDENTITY_OPTIONS,
  makeIdentityIndex,
  type FoundIndex,
} from './identityIndex.js';
import type { MongoDeps } from './connection/mongoDeps.js';
import type { MongoModels } from './connection/models.js';
import { codeOf } from './connection/mongoErrors.js';
import { uniqueIndexCure } from './mongoRefusals.js';

type Keys = Readonly<Record<string, 1 | -1>>;

/** An index for speed. None of them is unique, so none refuses a document. */
interface Wanted {
  readonly of: 'cameras' | 'passes' | 'events' | 'records';
  readonly name: string;
  readonly keys: Keys;
}

const WANTED: readonly Wanted[] = [
  { of: 'cameras', name: 'camlease_serial', keys: { hikvisionDeviceSerial: 1 } },
  { of: 'passes', name: 'camlease_started', keys: { startedAt: -1 } },
  { of: 'events', name: 'camlease_camera', keys: { cameraId: 1, at: -1, order: -1 } },
  { of: 'events', name: 'camlease_order', keys: { order: 1 } },
  { of: 'events', name: 'camlease_at', keys: { at: 1 } },
  { of: 'records', name: 'camlease_kind', keys: { kind: 1, at: -1 } },
  { of: 'records', name: 'camlease_group', keys: { kind: 1, group: 1, at: -1 } },
];

/** Error code: the collection does not exist yet. */
const NO_COLLECTION = 26;

/**
 * Makes the indexes that are missing; an index that serves as well is used, whatever its name. One that cannot be made costs
 * time at most and is logged, except the unique one on `identity`: STORE_REFUSED then says what stands in its way. Unique
 * indexes of other programs on `cameras` are logged too, and so is our unique index where it may refuse other programs'
 * documents.
 */
export async function makeIndexes(models: MongoModels, { log }: Pick<MongoDeps, 'log'>): Promise<void> {
  const ofCameras = await readIndexes(models.cameras.collection);
  const found = new Map<Wanted['of'], readonly FoundIndex[]>([['cameras', ofCameras]]);
  await makeIdentity(models, ofCameras, log);
  for (const wanted of WANTED) {
    const { collection } = models[wanted.of];
    const there = found.get(wanted.of) ?? (await readIndexes(collection));
    found.set(wanted.of, there);
    if (there.some((index) => serves(index, wanted))) continue;
    try {
      await collection.createIndex({ ...wanted.keys }, { name: wanted.name }, {});
    } catch (error) {
      const [reason, cure] = whyNot(error, wanted, there);
      if (reason === null) throw error;
      log.warn(`${reason} camlease goes on without it; large collections are searched more slowly.`, { cure });
    }
  }
  for (const index of ofCameras.filter(standsInTheWay)) {
    log.warn(
      `The unique index ${plainName(index.name)} on ${Object.keys(index.key).join(', ')} in cameras was not made by camlease: it refuses the second camera with the same value.`,
      { cure: uniqueIndexCure(index.name) },
    );
  }
}

async function makeIdentity(models: MongoModels, there: readonly FoundIndex[], log: MongoDeps['log']): Promise<void> {
  try {
    if (!(await makeIdentityIndex(models, there))) return;
    log.warn(
      `This database server ignores the filter of an index, so the unique index ${FORMER_IDENTITY_INDEX} on cameras also applies to documents of other programs: if two of them have the same text in a field named identity, it refuses the second document.`,
      {
        cure: 'Nothing to do unless another program writes a field named identity into cameras: then let that program use another collection.',
      },
    );
  } catch (error) {
    const [reason, cure] = whyNot(error, { of: 'cameras', ...IDENTITY_INDEX }, there);
    if (reason === null) throw error;
    throw new AppError('STORE_REFUSED', reason, { cure });
  }
}

async function readIndexes(collection: MongoModels['cameras']['collection']): Promise<readonly FoundIndex[]> {
  try {
    const found: readonly FoundIndex[] = await collection.listIndexes().toArray();
    return found;
  } catch (error) {
    if (codeOf(error) === NO_COLLECTION) return [];
    throw error;
  }
}

/** True where this index finds, as fast, all that the wanted one would find. */
export function serves(index: FoundIndex, { keys }: Pick<Wanted, 'keys'>): boolean {
  if (index.hidden === true || index.partialFilterExpression !== undefined || index.collation !== undefined)
    return false;
  return JSON.stringify(Object.entries(index.key)) === JSON.stringify(Object.entries(keys));
}

/** True for a unique index of another program on fields that two cameras may share. */
export function standsInTheWay({ name, key, unique, sparse, partialFilterExpression }: FoundIndex): boolean {
  const fields = Object.keys(key);
  if (unique !== true || name === '_id_' || fields.includes('_id') || fields.includes('identity')) return false;
  if (fields.includes('hikvisionDeviceSerial') && fields.includes('channel')) return false;
  // An index on other programs' fields refuses no document of ours, if it skips documents without those fields.
  const isOfOthers = !fields.some((field) => OUR_FIELDS.has(field));
  return !(isOfOthers && (sparse === true || partialFilterExpression !== undefined));
}

const OUR_FIELDS: ReadonlySet<string> = new Set(
  (
    'name rtmpPath hikvisionDeviceSerial hikvisionResourceId hikvisionEnabled status vendor account channel mode quality labels ' +
    'origin feed lease candidate lastRevision failure notice createdAt updatedAt dueAt claimOwner fence deletedAt version'
  ).split(' '),
);

/** A sentence (null: the error is not about the index) and its cure. */
function whyNot(error: unknown, { of, name, keys }: Wanted, there: readonly FoundIndex[]): [string | null, string] {
  const on = Object.keys(keys).join(', ');
  const place = of === 'cameras' ? of : `camlease_${of}`;
  switch (codeOf(error)) {
    case 85:
    case 86: {
      const first = there.find((index) => index.name === name || Object.keys(index.key).join(', ') === on);
      const other = first ? plainName(first.name) : 'of another program';
      return [
        `The index ${other} in ${place} is in the place of the index ${name} on ${on} that camlease needs.`,
        `Drop it (db.${place}.dropIndex(…)) and start camlease again, unless another program needs it as it is.`,
      ];
    }
    case 13:
    case 8000:
      return [
        `The user in MONGODB_URI may not make the index ${name} on ${on} in ${place}.`,
        `Give it the role readWrite on this database, or make the index as an administrator: db.${place}.createIndex(${JSON.stringify(keys)}, ${name === IDENTITY_INDEX.name ? IDENTITY_OPTIONS : `{ name: "${name}" }`}).`,
      ];
    case 11000:
      return [
        `Two documents in ${place} have the same ${on}, so that the unique index ${name} cannot be made.`,
        `Take the field ${on} out of the documents that camlease did not write, delete copies of its own, and start it again.`,
      ];
    case undefined:
    default:
      return [null, ''];
  }
}

function plainName(name: string): string {
  return /^[\w.$-]{1,80}$/.test(name) ? name : 'of another program';
}
