import type { RecordKind, StoredRecord } from '../../store/recordTable.js';

/** What a replica may own: an account's cloud, a media server, or the reading of lists of cameras. */
export type OwnedKind = Extract<RecordKind, 'account-owner' | 'engine-owner' | 'lists-owner'>;

/** The reading of lists of cameras, which one replica does for all. */
export const THE_LISTS: OwnedThing = { kind: 'lists-owner', name: 'all' };

export interface OwnedThing {
  readonly kind: OwnedKind;
  /** The account's name, or the media server's marker; `all` for the lists. */
  readonly name: string;
}

/** Which replica owns a thing, as stored. */
export interface OwnerRecord {
  /** null: nobody; the last owner gave it back. */
  readonly owner: string | null;
  /** Goes up each time that a replica takes ownership. */
  readonly fence: number;
  /** The record's version; 0: there is none. */
  readonly version: number;
}

const NOBODY: OwnerRecord = { owner: null, fence: 0, version: 0 };

/** A record that cannot be read counts as owned by nobody, and keeps its version, so that it can be overwritten. */
export function ownerOf(record: StoredRecord | null | undefined): OwnerRecord {
  if (!record) return NOBODY;
  const { body, version } = record;
  const isObject = typeof body === 'object' && body !== null;
  const owner = isObject && 'owner' in body && typeof body.owner === 'string' ? body.owner : null;
  const fence = isObject && 'fence' in body && typeof body.fence === 'number' ? body.fence : version;
  return { owner, fence, version };
}

/** The record that makes `owner` (null: nobody) the owner; put it with the version of `before`. */
export function handedTo(
  { kind, name }: OwnedThing,
  owner: string | null,
  before: OwnerRecord,
  now: Date,
): Omit<StoredRecord, 'version'> {
  // For people: no replica compares this time with its clock.
  const body = { owner, fence: owner === null ? before.fence : before.fence + 1 };
  return { kind, id: name, group: owner ?? '', at: now, body };
}

export function keyOf({ kind, name }: OwnedThing): string {
  return `${kind} ${name}`;
}
