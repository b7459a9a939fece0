import type Database from 'libsql';
import { AppError } from '../../core/errors.js';

const MOST_NAMES = 5;

/**
 * Throws STORE_REFUSED for another program's database file, before anything is written: its tables may have our names. A file is
 * ours when it holds nothing yet, or our note of the first migration.
 */
export function refuseForeignFile(database: Database.Database, file: string): void {
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    .pluck()
    .all()
    .map(String);
  if (tables.length === 0 || hasOurNote(database, tables)) return;
  const names = tables.filter((name) => /^[\w-]{1,40}$/.test(name)).slice(0, MOST_NAMES);
  throw new AppError(
    'STORE_REFUSED',
    `${file} is the database of another program (its tables: ${names.join(', ')} …).`,
    {
      cure: 'Give camlease a folder of its own with DATA_DIR, or move that file away.',
    },
  );
}

function hasOurNote(database: Database.Database, tables: readonly string[]): boolean {
  try {
    const names = database.prepare('SELECT name FROM migrations WHERE id <= 1').pluck().all();
    // A process was killed before its first note: the table of notes is all there is.
    return names.includes('first tables') || (tables.length === 1 && tables[0] === 'migrations' && names.length === 0);
  } catch {
    return false;
  }
}
