import { existsSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { SQLITE_FILE } from '../store/opening/createStore.js';
import type { RawDocument } from '../store/reading/cameraRecord.js';
import { rawDocument } from '../store/sqlite/cameraRows.js';
import { sqliteError } from '../store/sqlite/sqliteErrors.js';

/** The cameras of camlease's embedded database, for a dry run: the file is only read, never created. Empty: there is none yet. */
export function readStoredCameras(dataDir: string): RawDocument[] {
  const file = path.join(dataDir, SQLITE_FILE);
  if (!existsSync(file)) return [];
  try {
    const database = new Database(file, { readonly: true });
    try {
      const hasCameras = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'cameras'").all().length > 0;
      const rows = hasCameras ? database.prepare('SELECT * FROM cameras').all() : [];
      return (rows as Array<Readonly<Record<string, unknown>>>).map(rawDocument);
    } finally {
      database.close();
    }
  } catch (cause) {
    throw sqliteError(cause, file);
  }
}
