import { pendingMigrations } from '../migrations.js';
import type { FormerReplicas } from './former/formerReplicas.js';
import { makeIndexes } from './indexes.js';
import { MIGRATION_OF_FORMER, MONGO_MIGRATIONS } from './migrations.js';
import { MigrationTurn } from './connection/migrationTurn.js';
import type { MongoDeps } from './connection/mongoDeps.js';
import type { Opened } from './connection/mongoConnection.js';

/** Makes the database ready for this version, whichever version used it before. `signal` ends its waits. */
export async function setUp(
  models: Opened,
  former: FormerReplicas,
  deps: MongoDeps,
  signal: AbortSignal,
): Promise<void> {
  const { migrations } = models;
  const notes = await migrations.find({}).lean();
  const isDone = (id: number): boolean =>
    notes.some((note) => note['_id'] === id && note['appliedAt'] instanceof Date) || !isKnown(id);
  const ids = notes.flatMap(({ _id }) => (typeof _id === 'number' ? [_id] : []));
  const pending = pendingMigrations(MONGO_MIGRATIONS, ids.filter(isDone));
  const known = notes.find(({ _id }) => _id === MIGRATION_OF_FORMER)?.['formerBeats'];
  const formerBeats = await former.refuseLiving(models, String(known), signal);
  await former.bar(models);
  for (const migration of pending) {
    const turn = await MigrationTurn.take(models, migration, deps, signal);
    if (!turn) continue;
    await migration.run({ ...deps, models, turn });
    await turn.end(deps.clock.now());
  }
  if (formerBeats !== known) await migrations.updateOne({ _id: MIGRATION_OF_FORMER }, { $set: { formerBeats } });
  await makeIndexes(models, deps);
}

function isKnown(id: number): boolean {
  return MONGO_MIGRATIONS.some((migration) => migration.id === id);
}
