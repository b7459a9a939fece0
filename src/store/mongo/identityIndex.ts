import { isDeepStrictEqual } from 'node:util';
import type { MongoFields, MongoModels } from './connection/models.js';
import { codeOf, isDuplicateKey } from './connection/mongoErrors.js';

/** An index as MongoDB lists it. */
export interface FoundIndex {
  readonly name: string;
  readonly key: MongoFields;
  readonly unique?: boolean;
  readonly sparse?: boolean;
  readonly hidden?: boolean;
  readonly partialFilterExpression?: unknown;
  readonly collation?: unknown;
}

/** No document of another program in `cameras` has version, fence and lastRevision together: see `isOurs`. */
const OURS_ALONE = {
  identity: { $type: 'string' },
  version: { $type: 'number' },
  fence: { $type: 'number' },
  lastRevision: { $type: 'number' },
} as const;

/**
 * The unique index by which two processes cannot add one camera twice. It covers camlease's documents alone, so that no document
 * of another program is refused for a field of the same name. Each name has one definition for ever, since versions run side by
 * side.
 */
export const IDENTITY_INDEX = { name: 'camlease_identity_of_ours', keys: { identity: 1 } } as const;
/** The index of earlier versions, and of servers that know no partial indexes: it covers every document that has the field. */
export const FORMER_IDENTITY_INDEX = 'camlease_identity';

const PARTIAL = { name: IDENTITY_INDEX.name, unique: true, partialFilterExpression: OURS_ALONE } as const;
const SPARSE = { name: FORMER_IDENTITY_INDEX, unique: true, sparse: true } as const;

/** The options with which an administrator makes the index. */
export const IDENTITY_OPTIONS = JSON.stringify(PARTIAL);

const PROBE = 'camlease_index_probe';
/** Error code: the same fields with other options. Servers before MongoDB 5 allow one index for them. */
const OTHER_OPTIONS = 85;
const NO_SUCH_INDEX = 27;

type Cameras = MongoModels['cameras']['collection'];

/**
 * Makes the index if it is missing, and drops camlease's former one. Returns true when it covers documents of other programs too
 * and either is new or such documents exist. Throws the server's error.
 */
export async function makeIdentityIndex(
  { cameras: { collection: cameras }, connection }: Pick<MongoModels, 'cameras' | 'connection'>,
  there: readonly FoundIndex[],
): Promise<boolean> {
  const former = there.some(isFormer);
  const isMade = there.some(isPartial);
  if (!isMade) {
    // A suitable index of another program is left alone, and is enough.
    if (there.some((index) => !isFormer(index) && isUniqueOnIdentity(index))) return false;
    if (!(await knowsPartialIndexes(connection))) {
      if (former) return (await cameras.findOne({ identity: { $ne: null }, lastRevision: null })) !== null;
      await cameras.createIndex({ ...IDENTITY_INDEX.keys }, SPARSE, {});
      return true;
    }
    await makePartial(cameras, former);
  }
  if (former) await dropFormer(cameras);
  return false;
}

async function makePartial(cameras: Cameras, former: boolean): Promise<void> {
  const make = (): Promise<string> => cameras.createIndex({ ...IDENTITY_INDEX.keys }, PARTIAL, {});
  try {
    await make();
  } catch (error) {
    if (!former || codeOf(error) !== OTHER_OPTIONS) throw error;
    await dropFormer(cameras);
    await make().catch(async (thrown: unknown) => {
      await cameras.createIndex({ ...IDENTITY_INDEX.keys }, SPARSE, {});
      throw thrown;
    });
  }
}

/** Two processes may drop it at the same time. */
async function dropFormer(cameras: Cameras): Promise<void> {
  await cameras.dropIndex(FORMER_IDENTITY_INDEX).catch((error: unknown) => {
    if (codeOf(error) !== NO_SUCH_INDEX) throw error;
  });
}

function isPartial({ key, unique, partialFilterExpression }: FoundIndex): boolean {
  return isOnIdentity(key) && unique === true && isDeepStrictEqual(partialFilterExpression, OURS_ALONE);
}

function isFormer(index: FoundIndex): boolean {
  return index.name === FORMER_IDENTITY_INDEX && isUniqueOnIdentity(index);
}

/** True for an index that keeps one camera from being added twice, though it covers documents of other programs too. */
function isUniqueOnIdentity({ key, unique, sparse, hidden, partialFilterExpression, collation }: FoundIndex): boolean {
  const isPlain = hidden !== true && partialFilterExpression === undefined && collation === undefined;
  return isOnIdentity(key) && isPlain && unique === true && sparse === true;
}

function isOnIdentity(key: MongoFields): boolean {
  return isDeepStrictEqual(Object.entries(key), Object.entries(IDENTITY_INDEX.keys));
}

/**
 * Whether the server obeys the filter of an index, tried in a collection of our own. Some servers that speak MongoDB's protocol
 * accept the filter, list it, and ignore it; such an index would refuse all but one of the documents without an `identity`.
 */
async function knowsPartialIndexes(connection: MongoModels['connection']): Promise<boolean> {
  const probe = connection.collection(PROBE);
  const isTaken = (document: MongoFields): Promise<boolean> =>
    probe.insertOne(document).then(
      () => true,
      (error: unknown) => {
        if (isDuplicateKey(error)) return false;
        throw error;
      },
    );
  try {
    await probe.createIndex({ value: 1 }, { unique: true, partialFilterExpression: { ours: { $type: 'string' } } }, {});
    // A value unlike that of any process that probes at the same time.
    const { insertedId: value } = await probe.insertOne({});
    const others = [await isTaken({ value }), await isTaken({ value })];
    const ours = [await isTaken({ value, ours: 'x' }), await isTaken({ value, ours: 'x' })];
    return isDeepStrictEqual([...others, ...ours], [true, true, true, false]);
  } catch {
    // Not implemented, or no right to try: use the index that every server knows.
    return false;
  } finally {
    await probe.drop().catch(() => undefined);
  }
}
