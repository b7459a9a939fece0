import { sleep } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import type { MongoFields, MongoModels } from './models.js';
import type { MongoDeps } from './mongoDeps.js';
import type { Opened } from './mongoConnection.js';
import { isDuplicateKey } from './mongoErrors.js';

/** A process whose counter stands still for this long counts as dead, and the next process goes on. */
const STALE_AFTER_MS = 15_000;

/** What a migration works on, and the right to run it. */
export interface MigrationTarget extends MongoDeps {
  readonly models: MongoModels;
  readonly turn: MigrationTurn;
}

/** The right to carry out a migration, which one process has at a time; its document in `camlease_migrations` says which. */
export class MigrationTurn {
  readonly #models: Opened;
  readonly #id: number;
  readonly #by: string;
  /** How far the process before came; undefined: the migration has just begun. */
  readonly progress: unknown;

  private constructor(models: Opened, id: number, by: string, progress: unknown) {
    this.#models = models;
    this.#id = id;
    this.#by = by;
    this.progress = progress;
  }

  /** null: another process has carried it out. Throws STORE_IN_USE while another process is carrying it out. */
  static async take(
    models: Opened,
    { id, name }: { readonly id: number; readonly name: string },
    { clock }: MongoDeps,
    signal: AbortSignal,
  ): Promise<MigrationTurn | null> {
    const by = String(models.tools.newOrder());
    const { migrations } = models;
    const read = (): Promise<MongoFields | null> => migrations.findOne({ _id: id }).lean();
    let found = await read();
    if (found === null) {
      const note = { _id: id, name, by, beat: 1, appliedAt: null };
      const isOurs = await migrations.collection.insertOne(note as MongoFields).then(
        () => true,
        (error: unknown) => {
          if (isDuplicateKey(error)) return false;
          throw error;
        },
      );
      if (isOurs) return new MigrationTurn(models, id, by, undefined);
      found = await read();
    }
    if (found?.['appliedAt'] instanceof Date) return null;
    await sleep(clock, STALE_AFTER_MS, signal);
    const later = await read();
    if (later?.['appliedAt'] instanceof Date) return null;
    const [before, after] = [found, later].map((note) => ({ by: note?.['by'] ?? null, beat: note?.['beat'] ?? null }));
    if (before?.by === after?.by && before?.beat === after?.beat) {
      const taken = await migrations.updateOne({ _id: id, ...after }, { $set: { by }, $inc: { beat: 1 } });
      if (taken.matchedCount === 1) return new MigrationTurn(models, id, by, later?.['progress']);
    }
    throw takenByAnother();
  }

  /** Notes the progress (undefined: as before). Throws STORE_IN_USE when another process took this one for dead. */
  async note(progress?: unknown): Promise<void> {
    await this.#write({ ...(progress !== undefined && { $set: { progress } }), $inc: { beat: 1 } });
  }

  async end(appliedAt: Date): Promise<void> {
    await this.#write({ $set: { appliedAt }, $inc: { beat: 1 } });
  }

  async #write(update: MongoFields): Promise<void> {
    const { matchedCount } = await this.#models.migrations.updateOne({ _id: this.#id, by: this.#by }, update);
    if (matchedCount !== 1) throw takenByAnother();
  }
}

function takenByAnother(): AppError {
  return new AppError('STORE_IN_USE', 'Another camlease is preparing this database for the new version.', {
    cure: 'Nothing to do: this camlease starts by itself when the other one is ready.',
  });
}
