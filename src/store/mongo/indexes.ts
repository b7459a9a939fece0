import { AppError } from '../../core/errors.js';
import type { MongoDeps } from './mongoDeps.js';
import type { Fields, MongoModels } from './models.js';
import { codeOf } from './mongoErrors.js';
import { uniqueIndexCure } from './mongoRefusals.js';

type Keys = Readonly<Record<string, 1 | -1>>;

interface Wanted {
  readonly of: 'cameras' | 'passes' | 'events' | 'records';
  readonly name: string;
  readonly keys: Keys;
  /** Sparse too: tombstones and hand-made documents without account have no identity. Without it two processes could add one camera twice. */
  readonly unique?: true;
}

const WANTED: readonly Wanted[] = [
  { of: 'cameras', name: 'camlease_identity', keys: { identity: 1 }, unique: true },
  { of: 'cameras', name: 'camlease_due', keys: { dueAt: 1 } },
  { of: 'cameras', name: 'camlease_serial', keys: { hikvisionDeviceSerial: 1 } },
  { of: 'passes', name: 'camlease_started', keys: { startedAt: -1 } },
  { of: 'events', name: 'camlease_camera', keys: { cameraId: 1, at: -1, order: -1 } },
  { of: 'events', name: 'camlease_order', keys: { order: 1 } },
  { of: 'events', name: 'camlease_at', keys: { at: 1 } },
  { of: 'records', name: 'camlease_kind', keys: { kind: 1, at: -1 } },
  { of: 'records', name: 'camlease_group', keys: { kind: 1, group: 1, at: -1 } },
];

/** What MongoDB says of an index. */
export interface FoundIndex {
  readonly name: string;
  readonly key: Fields;
  readonly unique?: boolean;
  readonly sparse?: boolean;
  readonly hidden?: boolean;
  readonly partialFilterExpression?: unknown;
  readonly collation?: unknown;
}

/** The collection is not there yet. */
const NO_COLLECTION = 26;

/**
 * Makes the indexes that are missing; one that serves as well is used whatever its name. One that cannot be made costs time at most and
 * is told, but for the unique one: STORE_REFUSED says what stands in its way. Unique indexes of others on `cameras` are told too.
 */
export async function makeIndexes(models: MongoModels, { log }: Pick<MongoDeps, 'log'>): Promise<void> {
  const found = new Map<Wanted['of'], readonly FoundIndex[]>();
  for (const wanted of WANTED) {
    const { collection } = models[wanted.of];
    const there = found.get(wanted.of) ?? (await readIndexes(collection));
    found.set(wanted.of, there);
    if (there.some((index) => serves(index, wanted))) continue;
    const options = { name: wanted.name, ...(wanted.unique && { unique: true, sparse: true }) };
    try {
      await collection.createIndex({ ...wanted.keys }, options, {});
    } catch (error) {
      const [reason, cure] = whyNot(error, wanted, there);
      if (reason === null) throw error;
      if (wanted.unique) throw new AppError('STORE_REFUSED', reason, { cure });
      log.warn(`${reason} camlease goes on without it; large collections are searched more slowly.`, { cure });
    }
  }
  for (const index of (found.get('cameras') ?? []).filter(standsInTheWay)) {
    log.warn(
      `The unique index ${plainName(index.name)} on ${Object.keys(index.key).join(', ')} in cameras was not made by camlease: it refuses the second camera with the same value.`,
      { cure: uniqueIndexCure(index.name) },
    );
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

/** True where the wanted one would find nothing that this one does not find as fast, and forbid nothing that it allows. */
export function serves(index: FoundIndex, { keys, unique }: Pick<Wanted, 'keys' | 'unique'>): boolean {
  if (index.hidden === true || index.partialFilterExpression !== undefined || index.collation !== undefined)
    return false;
  if (JSON.stringify(Object.entries(index.key)) !== JSON.stringify(Object.entries(keys))) return false;
  return unique ? index.unique === true && index.sparse === true : true;
}

/** Unique, not ours, and on something that two cameras may share. */
export function standsInTheWay({ name, key, unique, sparse, partialFilterExpression }: FoundIndex): boolean {
  const fields = Object.keys(key);
  if (unique !== true || name === '_id_' || fields.includes('_id') || fields.includes('identity')) return false;
  if (fields.includes('hikvisionDeviceSerial') && fields.includes('channel')) return false;
  // One on fields that only others write takes no document of ours, where it passes over those without them.
  const isOfOthers = !fields.some((field) => OUR_FIELDS.has(field));
  return !(isOfOthers && (sparse === true || partialFilterExpression !== undefined));
}

const OUR_FIELDS: ReadonlySet<string> = new Set(
  (
    'name rtmpPath hikvisionDeviceSerial hikvisionResourceId hikvisionEnabled status vendor account channel mode quality labels ' +
    'origin lease candidate lastRevision failure notice createdAt updatedAt dueAt claimOwner fence deletedAt version'
  ).split(' '),
);

/** A sentence and its cure; null: the error is not about the index. */
function whyNot(error: unknown, { of, name, keys }: Wanted, there: readonly FoundIndex[]): [string | null, string] {
  const on = Object.keys(keys).join(', ');
  const place = of === 'cameras' ? of : `camlease_${of}`;
  switch (codeOf(error)) {
    case 85:
    case 86: {
      const first = there.find((index) => index.name === name || Object.keys(index.key).join(', ') === on);
      const other = first ? plainName(first.name) : 'of another program';
      return [
        `The index ${other} in ${place} stands where camlease would make its index ${name} on ${on}.`,
        `Drop it (db.${place}.dropIndex(…)) and start camlease again, unless another program needs it as it is.`,
      ];
    }
    case 13:
    case 8000:
      return [
        `The user in MONGODB_URI may not make the index ${name} on ${on} in ${place}.`,
        `Give it the role readWrite on this database, or make the index as an administrator: db.${place}.createIndex(${JSON.stringify(keys)}, { name: "${name}"${name === 'camlease_identity' ? ', unique: true, sparse: true' : ''} }).`,
      ];
    case 11000:
      return [
        `Two documents in ${place} have the same ${on}, so that the unique index ${name} cannot be made.`,
        `Take the field ${on} out of the documents that camlease did not write, and start it again.`,
      ];
    default:
      return [null, ''];
  }
}

function plainName(name: string): string {
  return /^[\w.$-]{1,80}$/.test(name) ? name : 'of another program';
}
