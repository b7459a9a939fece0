import type { RecordKind, StoredRecord } from '../../store/recordTable.js';

/** What is owned: an account's cloud, or a media server. */
export type OwnedKind = Extract<RecordKind, 'account-owner' | 'engine-owner'>;

export interface OwnedThing {
  readonly kind: OwnedKind;
  /** The account's name, or the media server's marker. */
  readonly name: string;
}

/** Who owns a thing, as the store has it. */
export interface OwnerRecord {
  /** null: given back. */
  readonly owner: string | null;
  /** Goes up with each change of hands. */
  readonly fence: number;
  /** The record's version; 0: there is none. */
  readonly version: number;
}

const NOBODY: OwnerRecord = { owner: null, fence: 0, version: 0 };

/** A record that a hand spoiled names nobody, and keeps its place. */
export function ownerOf(record: StoredRecord | null | undefined): OwnerRecord {
  if (!record) return NOBODY;
  const { body, version } = record;
  const isObject = typeof body === 'object' && body !== null;
  const owner = isObject && 'owner' in body && typeof body.owner === 'string' ? body.owner : null;
  const fence = isObject && 'fence' in body && typeof body.fence === 'number' ? body.fence : version;
  return { owner, fence, version };
}

/** The record that hands the thing to `owner` (null: to nobody), to be put with the version it was read with. */
export function handedTo(
  { kind, name }: OwnedThing,
  owner: string | null,
  before: OwnerRecord,
  now: Date,
): Omit<StoredRecord, 'version'> {
  // Nobody compares this moment with anything; it tells a person when hands changed.
  const body = { owner, fence: owner === null ? before.fence : before.fence + 1 };
  return { kind, id: name, group: owner ?? '', at: now, body };
}

export function keyOf({ kind, name }: OwnedThing): string {
  return `${kind} ${name}`;
}
