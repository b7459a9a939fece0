import type { Camera, CameraId } from '../../core/camera/camera.js';
import type { CameraChange } from '../../core/camera/cameraChange.js';
import { AppError } from '../../core/errors.js';
import type { EntryFault, FeedEntry } from '../../core/feeds/feedEntry.js';
import type { FeedPlan } from '../../core/feeds/planFeed.js';
import type { JobsStore } from '../run/deps.js';

/** The one way in for cameras by URL, as far as lists need it: what a list gives is stored without being opened first. */
export interface FeedCameras {
  /** Throws `AppError`. */
  create(id: CameraId, feed: NonNullable<Camera['feed']>, entry: FeedEntry): Promise<Camera>;
  /** `entry`: its address is the camera's from now on; null: the address stays. Throws `AppError`. */
  change(id: CameraId, change: CameraChange, entry: FeedEntry | null): Promise<unknown>;
}

export interface CarryOutDeps {
  readonly store: Pick<JobsStore, 'update'>;
  readonly cameras: FeedCameras;
  readonly now: () => Date;
}

/** What was really done. */
export interface CarriedOut {
  readonly created: readonly CameraId[];
  readonly changed: readonly CameraId[];
  readonly missing: readonly CameraId[];
  /** Entries that were refused when they were stored. */
  readonly refused: readonly EntryFault[];
}

/** Counts what is done, for a pass that shows its progress; absent: nobody watches. */
export interface CarryOutProgress {
  done(): void;
  failed(): void;
}

/**
 * Stores what the plan says. An entry that the store refuses costs the others nothing. Throws what makes every write vain (the
 * store is away, camlease stops); what was stored by then stays, and the next reading of the list does the rest.
 */
export async function carryOut(
  { store, cameras, now }: CarryOutDeps,
  plan: FeedPlan,
  signal: AbortSignal,
  progress?: CarryOutProgress,
): Promise<CarriedOut> {
  const done = { created: [] as CameraId[], changed: [] as CameraId[], missing: [] as CameraId[] };
  const refused: EntryFault[] = [];
  const entryDone = async (id: CameraId, into: CameraId[], at: Place, write: () => Promise<unknown>): Promise<void> => {
    signal.throwIfAborted();
    try {
      await write();
      into.push(id);
      progress?.done();
    } catch (thrown) {
      if (!(thrown instanceof AppError) || VAIN.has(thrown.code)) throw thrown;
      refused.push({
        key: at.entry.key,
        place: at.place,
        message: `could not be stored: ${withoutStop(thrown.message)}`,
      });
      progress?.failed();
    }
  };
  for (const creation of plan.create) {
    const { id, entry, feed } = creation;
    await entryDone(id, done.created, creation, () => cameras.create(id, feed, entry));
  }
  for (const one of plan.change) {
    const change = one.feed === null ? one.change : { ...one.change, feed: one.feed };
    const write = (): Promise<unknown> => cameras.change(one.id, change, one.isElsewhere ? one.entry : null);
    await entryDone(one.id, done.changed, one, write);
  }
  for (const { id, feed } of plan.remember) {
    signal.throwIfAborted();
    await store.update(id, { feed }, now());
  }
  for (const id of plan.missing) {
    signal.throwIfAborted();
    if (await store.update(id, { status: 'missing' }, now())) done.missing.push(id);
  }
  return { ...done, refused };
}

interface Place {
  readonly place: string;
  readonly entry: FeedEntry;
}

/** With these, no other entry can be stored either. */
const VAIN: ReadonlySet<string> = new Set(['STORE_UNREACHABLE', 'STORE_REFUSED', 'DISK_FULL', 'SHUTTING_DOWN']);

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
