import type { DocumentRefusal } from '../refusals.js';
import { codeOf, isDuplicateKey } from './connection/mongoErrors.js';
import { FORMER_IDENTITY_INDEX, IDENTITY_INDEX } from './identityIndex.js';

/** `exists`: the document exists already, or another one has its identity. */
export type Refused = 'exists' | DocumentRefusal;

const VALIDATION = 121;
const IMMUTABLE_FIELD = 66;
const TOO_LARGE: ReadonlySet<unknown> = new Set([10334, 17419, 17420]);
/** Codes that concern the whole server or login, though they may stand beside a single write. */
const OF_ALL_WRITES: ReadonlySet<unknown> = new Set([13, 18, 8000, 91, 189, 10107, 11600, 11602, 13435, 13436]);
/** Names of indexes and fields are other people's words: only plain ones are shown. */
const PLAIN_NAME = /^[\w.$-]{1,80}$/;
const MOST_FIELDS = 5;

/** Why the write of one document failed; null: the error says nothing about this document alone. */
export function refusalOf(error: unknown): Refused | null {
  const code = codeOf(error);
  if (isDuplicateKey(error)) return duplicateRefusal(messageIn(error));
  if (code === VALIDATION) return validationRefusal(error);
  if (TOO_LARGE.has(code)) {
    return {
      message: 'The document would be larger than MongoDB allows (16 MB); camlease itself keeps a few kB in it.',
      cure: 'Take fields of other programs out of that document.',
    };
  }
  if (code === IMMUTABLE_FIELD) {
    return {
      message: 'MongoDB does not allow a change of a field of this document (is cameras sharded by that field?).',
      cure: 'Shard cameras by _id, or not at all.',
    };
  }
  return null;
}

/** Why writes of an unordered bulk failed, by their place in it; the other writes were made. null: the bulk failed as a whole. */
export function refusalsOf(error: unknown): ReadonlyMap<number, Refused> | null {
  const refusals = new Map<number, Refused>();
  for (const writeError of writeErrorsOf(error)) {
    const index = indexOf(writeError);
    const code = codeOf(writeError);
    if (index === null || OF_ALL_WRITES.has(code)) return null;
    refusals.set(index, refusalOf(writeError) ?? unknownRefusal(code));
  }
  return refusals.size > 0 ? refusals : null;
}

/** Reads `E11000 duplicate key error collection: db.cameras index: name dup key: { field: "value" }`; values are left out. */
function duplicateRefusal(message: string): Refused {
  const [, found = ''] = /index: (\S+)/.exec(message) ?? [];
  const fields = [...(/dup key: \{(.*)\}/s.exec(message)?.[1] ?? '').matchAll(/(?:^|, )\s*([\w.]+): /g)].map(
    ([, field = '']) => field,
  );
  const isOurs = found.startsWith('_id_') || found === IDENTITY_INDEX.name || found === FORMER_IDENTITY_INDEX;
  if (isOurs || (fields.length === 1 && (fields[0] === 'identity' || fields[0] === '_id'))) return 'exists';
  const name = PLAIN_NAME.test(found) ? found : null;
  const on = fields.length > 0 ? ` on ${fields.slice(0, MOST_FIELDS).join(', ')}` : '';
  return {
    message: `The unique index ${name ?? 'of another program'}${on} in cameras allows no second document with this value.`,
    cure: uniqueIndexCure(name),
  };
}

/** The cure for another program's unique index; its name is shown only if it is plain. */
export function uniqueIndexCure(name: string | null): string {
  const drop = name !== null && PLAIN_NAME.test(name) ? `db.cameras.dropIndex("${name}")` : 'db.cameras.dropIndex(…)';
  return `Drop that index (${drop}): a device has several channels, and each is a camera of its own. Or make it unique on hikvisionDeviceSerial, channel and account together.`;
}

function validationRefusal(error: unknown): DocumentRefusal {
  const fields = namesIn(error);
  const which = fields.length > 0 ? ` (its rule names ${fields.join(', ')})` : '';
  return {
    message: `A validation rule of the collection cameras refuses the document${which}.`,
    cure: 'Let the validator of cameras allow the fields of camlease: db.getCollectionInfos({ name: "cameras" }) shows it, db.runCommand({ collMod: "cameras", validator: … }) changes it.',
  };
}

function unknownRefusal(code: number | string | undefined): DocumentRefusal {
  return {
    message: `MongoDB refuses the document (code ${code ?? 'none'}).`,
    cure: 'See the log of the database server.',
  };
}

/** The names of fields in the server's report on a validator; never values. */
function namesIn(error: unknown): string[] {
  const names = new Set<string>();
  const walk = (value: unknown, depth: number): void => {
    if (depth > 6 || typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'propertyName' && typeof inner === 'string') names.add(inner);
      else if ((key === 'missingProperties' || key === 'additionalProperties') && Array.isArray(inner))
        for (const name of inner) if (typeof name === 'string') names.add(name);
      if (key !== 'consideredValue') walk(inner, depth + 1);
    }
  };
  const source = typeof error === 'object' && error !== null ? error : {};
  if ('errInfo' in source) walk(source.errInfo, 0);
  else if ('err' in source) walk(source.err, 0);
  return [...names].filter((name) => PLAIN_NAME.test(name)).slice(0, MOST_FIELDS);
}

function writeErrorsOf(error: unknown): unknown[] {
  if (!(error instanceof Error) || !('writeErrors' in error)) return [];
  return Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
}

function indexOf(writeError: unknown): number | null {
  const index: unknown =
    typeof writeError === 'object' && writeError !== null && 'index' in writeError ? writeError.index : null;
  return typeof index === 'number' ? index : null;
}

function messageIn(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('errmsg' in error && typeof error.errmsg === 'string') return error.errmsg;
  return 'message' in error && typeof error.message === 'string' ? error.message : '';
}
