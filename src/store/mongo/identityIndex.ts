import { isDeepStrictEqual } from 'node:util';
import type { Fields, MongoModels } from './connection/models.js';
import { codeOf, isDuplicateKey } from './connection/mongoErrors.js';

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

/** What other programs keep in `cameras` has not these three together, whatever else it has: see `isOurs`. */
const OURS_ALONE = {
  identity: { $type: 'string' },
  version: { $type: 'number' },
  fence: { $type: 'number' },
  lastRevision: { $type: 'number' },
} as const;

/**
 * The unique index by which two processes cannot add one camera twice. It looks at documents of camlease alone, so that no document of
 * others is refused for what it has in a field of the same name. Each name has one form for ever, since versions run side by side.
 */
export const IDENTITY_INDEX = { name: 'camlease_identity_of_ours', keys: { identity: 1 } } as const;
/** Of earlier versions, and where the server knows no partial indexes: it looks at each document that has the field. */
export const FORMER_IDENTITY_INDEX = 'camlease_identity';

const PARTIAL = { name: IDENTITY_INDEX.name, unique: true, partialFilterExpression: OURS_ALONE } as const;
const SPARSE = { name: FORMER_IDENTITY_INDEX, unique: true, sparse: true } as const;

/** What an administrator makes it with. */
export const IDENTITY_OPTIONS = JSON.stringify(PARTIAL);

const PROBE = 'camlease_index_probe';
/** The same fields with other options: servers before MongoDB 5 have one index for them. */
const OTHER_OPTIONS = 85;
const NO_SUCH_INDEX = 27;

type Cameras = MongoModels['cameras']['collection'];

/**
 * Makes the index where it is missing, and takes the former one of ours away. True: it counts documents of others too, and it is new or
 * there are such documents. Throws what the server said.
 */
export async function makeIdentityIndex(
  { cameras: { collection: cameras }, connection }: Pick<MongoModels, 'cameras' | 'connection'>,
  there: readonly FoundIndex[],
): Promise<boolean> {
  const former = there.some(isFormer);
  const isMade = there.some(isPartial);
  if (!isMade) {
    // Somebody else's is left alone, and is enough.
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

/** Two processes may do it at a time. */
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

/** Keeps one camera from being added twice, if at the cost of others. */
function isUniqueOnIdentity({ key, unique, sparse, hidden, partialFilterExpression, collation }: FoundIndex): boolean {
  const isPlain = hidden !== true && partialFilterExpression === undefined && collation === undefined;
  return isOnIdentity(key) && isPlain && unique === true && sparse === true;
}

function isOnIdentity(key: Fields): boolean {
  return isDeepStrictEqual(Object.entries(key), Object.entries(IDENTITY_INDEX.keys));
}

/**
 * Whether the server obeys the filter of an index, tried in a collection of our own: some servers that speak like MongoDB take the filter,
 * show it again, and do not go by it, which would refuse all documents but one that have no `identity`.
 */
async function knowsPartialIndexes(connection: MongoModels['connection']): Promise<boolean> {
  const probe = connection.collection(PROBE);
  const isTaken = (document: Fields): Promise<boolean> =>
    probe.insertOne(document).then(
      () => true,
      (error: unknown) => {
        if (isDuplicateKey(error)) return false;
        throw error;
      },
    );
  try {
    await probe.createIndex({ value: 1 }, { unique: true, partialFilterExpression: { ours: { $type: 'string' } } }, {});
    // Unlike that of any process that tries at the same time.
    const { insertedId: value } = await probe.insertOne({});
    const others = [await isTaken({ value }), await isTaken({ value })];
    const ours = [await isTaken({ value, ours: 'x' }), await isTaken({ value, ours: 'x' })];
    return isDeepStrictEqual([...others, ...ours], [true, true, true, false]);
  } catch {
    // Not implemented, or not allowed to try: then what every server knows.
    return false;
  } finally {
    await probe.drop().catch(() => undefined);
  }
}
