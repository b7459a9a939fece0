import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Camera, CameraFeed, CameraId } from '../camera/camera.js';
import type { AboutChange } from '../camera/cameraAbout.js';
import type { CameraChange } from '../camera/cameraChange.js';
import { isUrlCamera, type UrlCamera } from '../camera/cameraSource.js';
import { readSourceUrl } from '../camera/sourceUrl.js';
import type { EntryFault, FeedEntry, FeedRow } from './feedEntry.js';
import { saidBy, type Said } from './said.js';

/** A camera that the list names and the store does not have. */
export interface FeedCreation {
  readonly id: CameraId;
  readonly place: string;
  readonly entry: FeedEntry;
  readonly feed: CameraFeed;
}

/** A stored camera that the list says differently. */
export interface FeedChange {
  readonly id: CameraId;
  readonly place: string;
  readonly entry: FeedEntry;
  /** The fields to change; `status: 'active'` for a camera that was missing. */
  readonly change: CameraChange;
  /** What the list says now, to be remembered with the change; null: nothing is remembered of it. */
  readonly feed: CameraFeed | null;
  /** True: its address or its login differs. */
  readonly isElsewhere: boolean;
  /** True: it was missing. */
  readonly isBack: boolean;
}

/** What a list, read once, changes in the store. */
export interface FeedPlan {
  readonly create: readonly FeedCreation[];
  readonly change: readonly FeedChange[];
  /** Cameras that stay as they are, while what the list says of them is other than it was. */
  readonly remember: ReadonlyArray<{ readonly id: CameraId; readonly feed: CameraFeed }>;
  /** Cameras of this list that it does not name any more. */
  readonly missing: readonly CameraId[];
  /** How many cameras stay as they are. */
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
  /**
   * False: an import, which a person does by hand. What it does not name stays as it is, and what it says is taken, though a person
   * said otherwise before.
   */
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
 * Compares a list with the stored cameras. A field that an entry has is taken once the list says another value than before, so
 * that a person's change stays until then; one that it leaves out stays. Cameras of other lists, and of people, are left alone.
 */
export function planFeed(feed: string, rows: readonly FeedRow[], world: FeedWorld): FeedPlan {
  const own = new Map<string, UrlCamera>();
  for (const camera of world.cameras)
    if (camera.feed?.name === feed && isUrlCamera(camera)) own.set(camera.feed.key, camera);
  const deleted = new Set(world.deleted.filter(({ name }) => name === feed).map(({ key }) => key));
  const create: FeedCreation[] = [];
  const change: FeedChange[] = [];
  const remember: { id: CameraId; feed: CameraFeed }[] = [];
  const named = new Map<string, string>();
  let unchanged = 0;
  let stayDeleted = 0;
  const { taken, refused } = sorted(rows, named);
  for (const { place, entry } of taken) {
    const key = { name: feed, key: entry.key };
    const says: CameraFeed = world.isComplete ? { ...key, said: saidBy(feed, entry) } : key;
    const camera = own.get(entry.key);
    if (camera === undefined && deleted.has(entry.key)) stayDeleted += 1;
    else if (camera === undefined) create.push({ id: feedCameraId(key), place, entry, feed: says });
    else {
      const isToRemember = world.isComplete && !isDeepStrictEqual(says.said, camera.feed?.said);
      const differs = changeOf(camera, entry, says.said);
      if (differs !== null) change.push({ id: camera.id, place, entry, feed: isToRemember ? says : null, ...differs });
      else {
        unchanged += 1;
        if (isToRemember) remember.push({ id: camera.id, feed: says });
      }
    }
  }
  const isEmpty = taken.length === 0;
  const gone = isEmpty || !world.isComplete ? [] : [...own.values()].filter((camera) => isGone(camera, named));
  const missing = gone.map(({ id }) => id);
  return { create, change, remember, missing, unchanged, deleted: stayDeleted, refused, isEmpty };
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

/**
 * null: the camera stays as it is. `says` has the digests of what the entry says; undefined: whatever it says is taken.
 */
function changeOf(
  camera: UrlCamera,
  entry: FeedEntry,
  says: Said | undefined,
): Pick<FeedChange, 'change' | 'isElsewhere' | 'isBack'> | null {
  const before = says === undefined ? undefined : camera.feed?.said;
  const isNews = (field: string): boolean => before === undefined || before[field] !== says?.[field];
  const { name, mode, sound, labels, enabled, about } = entry.settings;
  const differs = <Value>(field: string, said: Value | undefined, stored: Value): said is Value =>
    said !== undefined && !isDeepStrictEqual(said, stored) && isNews(field);
  const isBack = camera.status === 'missing';
  const aboutChange: AboutChange = {
    ...(differs('location', about?.location, camera.about.location) && { location: about.location }),
    ...(differs('city', about?.city, camera.about.city) && { city: about.city }),
    ...(differs('coordinates', about?.coordinates, camera.about.coordinates) && { coordinates: about.coordinates }),
    ...(differs('attributes', about?.attributes, camera.about.attributes) && { attributes: about.attributes }),
  };
  const change: CameraChange = {
    ...(differs('name', name, camera.name) && { name }),
    ...(differs('mode', mode, camera.mode) && { mode }),
    ...(differs('sound', sound, camera.sound) && { sound }),
    ...(differs('labels', labels, camera.labels) && { labels }),
    ...(differs('enabled', enabled, camera.enabled) && { enabled }),
    ...(Object.keys(aboutChange).length > 0 && { about: aboutChange }),
    ...(isBack && { status: 'active' as const }),
  };
  const isElsewhere = isNews('url') && !isSameAddress(camera, entry);
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
