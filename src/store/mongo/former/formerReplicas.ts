import { sleep } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import type { MongoFields, MongoModels } from '../connection/models.js';
import { isDuplicateKey } from '../connection/mongoErrors.js';
import type { MongoDeps } from '../connection/mongoDeps.js';
import { isFormerMigration, isFormerOwner } from './formerShapes.js';

/** Each process raises its counter every 5 s, and counts as dead after three missed beats. */
const WATCHED_FOR_MS = 15_000;
const LOOK_EVERY_MS = 10_000;
const MOST_OWNERS = 10_000;

/**
 * A migration that an earlier camlease finds in `migrations` and does not know: it then refuses to start and says that a newer
 * camlease was here.
 */
const BARRIER = { _id: 4, name: 'collections with a prefix' } as const;

type Beats = ReadonlyMap<string, number>;

/**
 * Processes of an earlier camlease, before its collections had a prefix. An earlier and a present process do not see each
 * other's beats: each would take the other for dead and renew its cameras, so they must not run side by side.
 */
export class FormerReplicas {
  readonly #deps: MongoDeps;
  #seen: Beats | null = null;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #isLogged = false;

  constructor(deps: MongoDeps) {
    this.#deps = deps;
  }

  /**
   * Watches for 15 s whether an earlier camlease runs; skips that when all counters are as in `known`, which an earlier call
   * returned. Throws STORE_IN_USE when one runs.
   */
  async refuseLiving(models: MongoModels, known: string, signal: AbortSignal): Promise<string> {
    const { clock, log } = this.#deps;
    const before = await readBeats(models);
    this.#seen = before;
    if (textOf(before) === known || before.size === 0) return textOf(before);
    log.info?.('An earlier camlease used this database; camlease checks for 15 s whether one still runs.');
    await sleep(clock, WATCHED_FOR_MS, signal);
    const after = await readBeats(models);
    const living = movedSince(before, after);
    if (living.length > 0) {
      throw new AppError(
        'STORE_IN_USE',
        `An earlier version of camlease still runs on this database (${living.join(', ')}).`,
        {
          cure: 'Stop every camlease of the earlier version: two versions would renew the same cameras. This camlease starts by itself 15 s later.',
        },
      );
    }
    this.#seen = after;
    return textOf(after);
  }

  /** Keeps an earlier camlease from starting, if `migrations` holds notes of one; documents of other programs stay as they are. */
  async bar(models: MongoModels): Promise<void> {
    const migrations = models.connection.collection<MongoFields & { _id: number }>('migrations');
    const notes = await migrations.find({ _id: { $in: [1, 2, 3] } }).toArray();
    if (!notes.some(isFormerMigration)) return;
    await migrations.insertOne({ ...BARRIER, appliedAt: this.#deps.clock.now() }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
  }

  /** Called now and then while this process runs: warns once when an earlier camlease runs on the same database after all. */
  async check(models: MongoModels): Promise<void> {
    const { clock, log } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (this.#isLogged || nowMs - this.#checkedAtMs < LOOK_EVERY_MS) return;
    this.#checkedAtMs = nowMs;
    const beats = await readBeats(models);
    const living = this.#seen === null ? [] : movedSince(this.#seen, beats);
    this.#seen = beats;
    if (living.length === 0) return;
    this.#isLogged = true;
    log.warn('An earlier version of camlease runs on this database, too, and both renew the same cameras.', {
      owners: living,
      cure: 'Stop the earlier version.',
    });
  }
}

async function readBeats({ connection }: MongoModels): Promise<Beats> {
  const owners = connection.collection<MongoFields & { _id: unknown }>('owners');
  const found = await owners
    .find({ beat: { $gte: 1 } })
    .limit(MOST_OWNERS)
    .toArray();
  return new Map(
    found.flatMap((owner): Array<[string, number]> => (isFormerOwner(owner) ? [[owner._id, owner.beat]] : [])),
  );
}

function movedSince(before: Beats, after: Beats): string[] {
  return [...after].flatMap(([owner, beat]) => (before.get(owner) === beat ? [] : [owner]));
}

function textOf(beats: Beats): string {
  return JSON.stringify([...beats].sort(([a], [b]) => (a < b ? -1 : 1)));
}
