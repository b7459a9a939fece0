import type { Migration } from '../migrations.js';
import type { MigrationTarget } from './connection/migrationTurn.js';
import { copyFormerCollections } from './former/copyFormer.js';

export const MIGRATION_OF_FORMER = 4;

/** Migrations 1 to 3 were noted in `migrations`, before collections had a prefix. Indexes are checked at each start instead. */
export const MONGO_MIGRATIONS: ReadonlyArray<Migration<MigrationTarget>> = [
  { id: MIGRATION_OF_FORMER, name: 'collections with a prefix', run: copyFormerCollections },
];
