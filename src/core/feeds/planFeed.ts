import { createHash } from 'node:crypto';
import type { Camera, CameraFeed, CameraId } from '../camera/camera.js';
import type { CameraChange } from '../camera/cameraChange.js';
import { isUrlCamera, type UrlCamera } from '../camera/cameraSource.js';
import { readSourceUrl } from '../camera/sourceUrl.js';
import type { EntryFault, FeedEntry, FeedRow } from './feedEntry.js';

/** A camera that the list names and the store does not have. */
export interface FeedCreation {
  readonly id: CameraId;
  readonly place: string;
  readonly entry: FeedEntry;
}

/** A stored camera that the list says differently. */
export interface FeedChange {
  readonly id: CameraId;
  readonly place: string;
  readonly entry: FeedEntry;
  /** The fields that differ; `status: 'active'` for a camera that was missing. */
  readonly change: CameraChange;
  /** True: its address or its login differs. */
  readonly isElsewhere: boolean;
  /** True: it was missing. */
  readonly isBack: boolean;
}

/** What a list, read once, changes in the store. */
export interface FeedPlan {
  readonly create: readonly FeedCreation[];
  readonly change: readonly FeedChange[];
  /** Cameras of this list that it does not name any more. */
  readonly missing: readonly CameraId[];
  /** How many cameras are stored as the list has them. */
  readonly unchanged: number;
  /** How many entries name a camera that a person deleted; it stays deleted. */
  readonly deleted: number;
  /** Entries that cannot be taken; a camera that such an entry names stays as it is. */
  readonly refused: readonly EntryFault[];
  /** True: no entry of the list can be taken, so that it changes nothing; no camera is called missing. */
  readonly isEmpty: boolean;
}

export interface FeedWorld {
  /** Every stored camera, those of other lists and of people too. */
  readonly cameras: Iterable<Camera>;
  /** Feed and key of deleted cameras. */
  readonly deleted: readonly CameraFeed[];
  /** False: what the list does not name stays as it is, since the list was never meant to be complete (an import). */
  readonly isComplete: boolean;
}

/**
 * The id of a camera that a list names: 24 hex digits from the list's name and the key. The same after the loss of the database,
 * so that links stay valid; and two replicas that read one list make one camera.
 */
export function feedCameraId(feed: CameraFeed): CameraId {
  return createHash('sha256')
    .update(JSON.stringify(['feed', feed.name, feed.key]))
    .digest('hex')
    .slice(0, 24);
}

/**
 * Compares a list with the stored cameras. The list says what it names: a field that an entry has overwrites what a person
 * changed, one that it leaves out stays. Cameras of other lists, and of people, are left alone.
 */
export function planFeed(feed: string, rows: readonly FeedRow[], world: FeedWorld): FeedPlan {
  const own = new Map<string, UrlCamera>();
  for (const camera of world.cameras)
    if (camera.feed?.name === feed && isUrlCamera(camera)) own.set(camera.feed.key, camera);
  const deleted = new Set(world.deleted.filter(({ name }) => name === feed).map(({ key }) => key));
  const create: FeedCreation[] = [];
  const change: FeedChange[] = [];
  const named = new Map<string, string>();
  let unchanged = 0;
  let stayDeleted = 0;
  const { taken, refused } = sorted(rows, named);
  for (const { place, entry } of taken) {
    const camera = own.get(entry.key);
    if (camera === undefined && deleted.has(entry.key)) stayDeleted += 1;
    else if (camera === undefined) create.push({ id: feedCameraId({ name: feed, key: entry.key }), place, entry });
    else {
      const differs = changeOf(camera, entry);
      if (differs === null) unchanged += 1;
      else change.push({ id: camera.id, place, entry, ...differs });
    }
  }
  const isEmpty = taken.length === 0;
  const gone = isEmpty || !world.isComplete ? [] : [...own.values()].filter((camera) => isGone(camera, named));
  return { create, change, missing: gone.map(({ id }) => id), unchanged, deleted: stayDeleted, refused, isEmpty };
}

type Taken = Extract<FeedRow, { fault: null }>;

/** The entries that can be taken, and the faults; fills `named` with each key that occurs and its place. */
function sorted(rows: readonly FeedRow[], named: Map<string, string>): { taken: Taken[]; refused: EntryFault[] } {
  const taken: Taken[] = [];
  const refused: EntryFault[] = [];
  for (const row of rows) {
    const { place } = row;
    const key = row.entry?.key ?? row.fault?.key ?? null;
    const former = key === null ? undefined : named.get(key);
    if (key !== null && former === undefined) named.set(key, place);
    if (row.fault !== null) refused.push(row.fault);
    else if (former !== undefined) refused.push({ key, place, message: `has the key of ${former} too` });
    else {
      const address = readSourceUrl(row.entry.url);
      if (address.kind === 'address') taken.push(row);
      else
        refused.push({
          key,
          place,
          message: `has an address that cannot be taken: ${address.message} ${address.cure}`,
        });
    }
  }
  return { taken, refused };
}

/** null: the camera is as the entry says. */
function changeOf(camera: UrlCamera, entry: FeedEntry): Pick<FeedChange, 'change' | 'isElsewhere' | 'isBack'> | null {
  const { name, mode, labels, enabled } = entry.settings;
  const isBack = camera.status === 'missing';
  const change: CameraChange = {
    ...(name !== camera.name && { name }),
    ...(mode !== undefined && mode !== camera.mode && { mode }),
    ...(labels !== undefined && labels.join('\n') !== camera.labels.join('\n') && { labels }),
    ...(enabled !== undefined && enabled !== camera.enabled && { enabled }),
    ...(isBack && { status: 'active' as const }),
  };
  const isElsewhere = !isSameAddress(camera, entry);
  return isElsewhere || Object.keys(change).length > 0 ? { change, isElsewhere, isBack } : null;
}

/** A login inside the entry's address may have been stored in either of its readings: see `readSourceUrl`. */
function isSameAddress({ source }: UrlCamera, entry: FeedEntry): boolean {
  const address = readSourceUrl(entry.url);
  if (address.kind === 'fault' || address.url !== source.url) return address.kind === 'fault';
  const logins = entry.login === null ? address.logins : [entry.login];
  if (logins.length === 0) return true;
  return logins.some(({ user, password }) => user === source.login?.user && password === source.login.password);
}

function isGone(camera: UrlCamera, named: ReadonlyMap<string, string>): boolean {
  if (camera.status === 'missing' || camera.status === 'disabled') return false;
  return camera.feed !== null && !named.has(camera.feed.key);
}
