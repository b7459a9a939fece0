import { faultSentence, type EntryFault, type FeedRow } from '../../core/feeds/feedEntry.js';
import {
  feedTitle,
  MOST_FAULTS,
  NO_COUNTS,
  type FeedCounts,
  type FeedKind,
  type FeedState,
} from '../../core/feeds/feedState.js';
import { planFeed, type FeedPlan } from '../../core/feeds/planFeed.js';
import { AppError, messageOf } from '../../core/errors.js';
import type { Clock } from '../../core/clock.js';
import type { Log } from '../../observe/logger.js';
import type { JobsStore } from '../run/deps.js';
import { carryOut, type FeedCameras } from './carryOut.js';

export interface FeedBookDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<JobsStore, 'peekAll' | 'update' | 'deletedFeedKeys'>;
  readonly cameras: FeedCameras;
}

export interface Feed {
  readonly name: string;
  readonly kind: FeedKind;
}

/** Entries of one reading, or why there are none (the rest of a sentence, and its cure). */
export type Reading =
  | { readonly rows: readonly FeedRow[]; readonly skipped: number; readonly problem: null }
  | { readonly problem: string; readonly cure: string };

const EMPTY_CURE = 'Delete cameras on the page, or name at least one that there is.';

/** Carries out readings of lists, one at a time, and keeps what became of the latest one of each. */
export class FeedBook {
  readonly #deps: FeedBookDeps;
  readonly #states = new Map<string, FeedState>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: FeedBookDeps) {
    this.#deps = deps;
  }

  states(): readonly FeedState[] {
    return [...this.#states.values()];
  }

  forget(name: string): void {
    this.#states.delete(name);
  }

  /** Takes one reading. Never rejects: what goes wrong is the list's problem. */
  take(feed: Feed, reading: Reading, signal: AbortSignal): Promise<void> {
    const taken = this.#turn.then(() => (signal.aborted ? undefined : this.#take(feed, reading, signal)));
    this.#turn = taken;
    return taken;
  }

  /** How many cameras of this list are stored. */
  size(name: string): number {
    return [...this.#deps.store.peekAll()].filter(({ feed }) => feed?.name === name).length;
  }

  async #take(feed: Feed, reading: Reading, signal: AbortSignal): Promise<void> {
    if (reading.problem !== null) {
      this.#trouble(feed, reading.problem, reading.cure);
      return;
    }
    try {
      const plan = await this.#plan(feed.name, reading.rows);
      if (plan.isEmpty) {
        const why = reading.rows.length === 0 ? 'names no camera' : 'has no entry that can be taken';
        this.#trouble(feed, why, EMPTY_CURE, plan.refused);
        return;
      }
      const { store, cameras, clock } = this.#deps;
      const done = await carryOut({ store, cameras, now: () => clock.now() }, plan, signal);
      const counts: FeedCounts = {
        entries: reading.rows.length - plan.refused.length - done.refused.length,
        created: done.created.length,
        changed: done.changed.length,
        missing: done.missing.length,
        skipped: reading.skipped,
        deleted: plan.deleted,
      };
      this.#taken(feed, counts, [...plan.refused, ...done.refused]);
    } catch (thrown) {
      if (signal.aborted) return;
      if (!(thrown instanceof AppError))
        this.#deps.log.error(`${feedTitle(feed)} could not be taken.`, { error: thrown });
      const said = thrown instanceof AppError ? messageOf(thrown).replace(/\.$/, '') : 'an error inside camlease';
      this.#trouble(feed, `could not be stored: ${said}`, 'camlease tries again by itself.');
    }
  }

  /** Deleted cameras are read from the database only where the list names one that is not stored. */
  async #plan(name: string, rows: readonly FeedRow[]): Promise<FeedPlan> {
    const { store } = this.#deps;
    const world = { cameras: [...store.peekAll()], deleted: [], isComplete: true };
    const plan = planFeed(name, rows, world);
    if (plan.create.length === 0) return plan;
    return planFeed(name, rows, { ...world, deleted: await store.deletedFeedKeys() });
  }

  #taken(feed: Feed, counts: FeedCounts, refused: readonly EntryFault[]): void {
    const { log, clock } = this.#deps;
    const before = this.#states.get(feed.name);
    const faults = refused.slice(0, MOST_FAULTS);
    this.#states.set(feed.name, {
      ...{ ...feed, readAt: clock.now(), problem: null, cure: null, problemSince: null },
      ...{ counts, refused: refused.length, faults },
    });
    const { created, changed, missing } = counts;
    const title = feedTitle(feed);
    if (created + changed + missing > 0)
      log.info(`${title}: ${created} cameras are new, ${changed} changed, ${missing} are missing.`, {
        feed: feed.name,
      });
    else if (before !== undefined && before.problem !== null)
      log.info(`${title} can be read again.`, { feed: feed.name });
    this.#tellFaults(feed, faults, before?.faults ?? []);
  }

  #trouble(feed: Feed, why: string, cure: string, refused: readonly EntryFault[] = []): void {
    const { log, clock } = this.#deps;
    const now = clock.now();
    const before = this.#states.get(feed.name);
    const stored = this.size(feed.name);
    const stays =
      stored === 0
        ? 'so it gives no camera'
        : `so its ${stored === 1 ? 'camera stays' : `${stored} cameras stay`} as it was`;
    const problem = `${feedTitle(feed)} ${why}, ${stored > 1 ? stays.replace('it was', 'they were') : stays}.`;
    const faults = refused.slice(0, MOST_FAULTS);
    this.#states.set(feed.name, {
      ...{ ...feed, readAt: before?.readAt ?? null, problem, cure, problemSince: before?.problemSince ?? now },
      ...{ counts: before?.counts ?? NO_COUNTS, refused: refused.length, faults },
    });
    if (before?.problem !== problem) log.warn(problem, { feed: feed.name, cure });
    this.#tellFaults(feed, faults, before?.faults ?? []);
  }

  /** Tells of an entry once, not at each reading. */
  #tellFaults(feed: Feed, faults: readonly EntryFault[], before: readonly EntryFault[]): void {
    const told = new Set(before.map(faultSentence));
    const fresh = faults.map(faultSentence).filter((sentence) => !told.has(sentence));
    if (fresh.length > 0)
      this.#deps.log.warn(`${feedTitle(feed)} has entries that cannot be taken: ${fresh.slice(0, 10).join(' ')}`, {
        feed: feed.name,
        count: fresh.length,
      });
  }
}
