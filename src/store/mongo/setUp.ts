import { pendingMigrations, type Migration } from '../migrations.js';
import { copyFormerCollections } from './former/copyFormer.js';
import type { FormerReplicas } from './former/formerReplicas.js';
import { makeIndexes } from './indexes.js';
import { MigrationTurn, type MigrationTarget } from './connection/migrationTurn.js';
import type { MongoDeps } from './connection/mongoDeps.js';
import type { Opened } from './connection/mongoConnection.js';

const MIGRATION_OF_FORMER = 4;

/** Migrations 1 to 3 were noted in `migrations`, before collections had a prefix. Indexes are checked at each start instead. */
const MONGO_MIGRATIONS: ReadonlyArray<Migration<MigrationTarget>> = [
  { id: MIGRATION_OF_FORMER, name: 'collections with a prefix', run: copyFormerCollections },
];

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
