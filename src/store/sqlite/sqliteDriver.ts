import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Database from 'libsql';
import type { CameraId } from '../../core/camera.js';
import { AppError } from '../../core/errors.js';
import type { CameraDocument } from '../cameraDocument.js';
import type { RawDocument } from '../cameraRecord.js';
import type { Picture } from '../cameraStore.js';
import type { DocumentChange, PassDocument, ReplaceOutcome, StoreDriver } from '../driver.js';
import { pendingMigrations } from '../migrations.js';
import { INSERT_CAMERA, REPLACE_CAMERA, cameraValues, rawDocument } from './cameraRows.js';
import { SQLITE_MIGRATIONS } from './migrations.js';
import { isUniqueViolation, sqliteError } from './sqliteErrors.js';

type Row = Readonly<Record<string, unknown>>;
type Value = string | number | Buffer | null;

/** Rows read at a time; between two reads others get their turn, because SQLite holds up the whole process. */
const READ_BATCH = 500;
const BUSY_TIMEOUT_MS = 5000;

/** The embedded database: one file, no server. */
export class SqliteDriver implements StoreDriver {
  readonly kind = 'sqlite';
  readonly #file: string;
  readonly #now: () => Date;
  readonly #statements = new Map<string, Database.Statement>();
  #database: Database.Database | null = null;

  constructor(file: string, now: () => Date) {
    this.#file = file;
    this.#now = now;
  }

  describe(): string {
    return `SQLite file ${this.#file}`;
  }

  async open(): Promise<void> {
    if (this.#database) return;
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      // It holds live URLs: made for our user only, before SQLite makes it for everybody.
      closeSync(openSync(this.#file, 'a', 0o600));
      const database = new Database(this.#file);
      this.#database = database;
      database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = NORMAL');
      this.#migrate(database);
    } catch (cause) {
      await this.close();
      throw sqliteError(cause, this.#file);
    }
  }

  async close(): Promise<void> {
    this.#statements.clear();
    try {
      // What is still in the log file goes into the database file, so that a copy of it alone is a whole backup.
      this.#database?.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // A full disk, say: the log file keeps it.
    }
    this.#database?.close();
    this.#database = null;
  }

  async ping(): Promise<void> {
    this.#all('SELECT 1');
  }

  async *readAll(): AsyncGenerator<RawDocument[]> {
    let after = '';
    while (true) {
      const rows = this.#all('SELECT * FROM cameras WHERE deletedAt IS NULL AND id > ? ORDER BY id LIMIT ?', [
        after,
        READ_BATCH,
      ]);
      const batch = rows.map(rawDocument);
      yield batch;
      const last = batch.at(-1);
      if (!last || batch.length < READ_BATCH) return;
      after = last.id;
      await setImmediate();
    }
  }

  async readByIds(ids: readonly CameraId[]): Promise<RawDocument[]> {
    const sql = 'SELECT * FROM cameras WHERE id IN (SELECT value FROM json_each(?))';
    return this.#all(sql, [JSON.stringify(ids)]).map(rawDocument);
  }

  async readBySerial(deviceSerial: string): Promise<RawDocument[]> {
    return this.#all('SELECT * FROM cameras WHERE hikvisionDeviceSerial = ?', [deviceSerial]).map(rawDocument);
  }

  async readTombstones(): Promise<RawDocument[]> {
    return this.#all('SELECT * FROM cameras WHERE deletedAt IS NOT NULL').map(rawDocument);
  }

  async readDue(now: Date, living: readonly string[], limit: number): Promise<RawDocument[]> {
    const sql = `SELECT * FROM cameras WHERE dueAt <= ? AND deletedAt IS NULL
      AND (claimOwner IS NULL OR claimOwner NOT IN (SELECT value FROM json_each(?))) ORDER BY dueAt, id LIMIT ?`;
    return this.#all(sql, [now.getTime(), JSON.stringify(living), limit]).map(rawDocument);
  }

  async insert(
    documents: ReadonlyArray<{ readonly id: CameraId; readonly fields: CameraDocument }>,
  ): Promise<Set<CameraId>> {
    const added = new Set<CameraId>();
    this.#together(() => {
      for (const { id, fields } of documents) {
        if (this.#run(INSERT_CAMERA, [id, ...cameraValues(fields)]) === 1) added.add(id);
      }
    });
    return added;
  }

  async replace(change: DocumentChange): Promise<ReplaceOutcome> {
    return this.#replaceOne(change);
  }

  async replaceMany(changes: readonly DocumentChange[]): Promise<boolean> {
    let areAllWritten = true;
    this.#together(() => {
      for (const change of changes) {
        if (this.#replaceOne(change) !== 'written') areAllWritten = false;
      }
    });
    return areAllWritten;
  }

  async beat(owner: string): Promise<void> {
    this.#run('INSERT INTO owners (id, beat) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET beat = beat + 1', [owner]);
  }

  async readBeats(): Promise<Map<string, number>> {
    return new Map(this.#all('SELECT id, beat FROM owners').map((row) => [String(row['id']), Number(row['beat'])]));
  }

  async forgetOwner(owner: string, beat: number): Promise<void> {
    this.#run('DELETE FROM owners WHERE id = ? AND beat = ?', [owner, beat]);
  }

  async savePicture(id: CameraId, { jpeg, takenAt }: Picture): Promise<void> {
    this.#run('INSERT OR REPLACE INTO pictures (id, jpeg, takenAt) VALUES (?, ?, ?)', [id, jpeg, takenAt.getTime()]);
  }

  async getPicture(id: CameraId): Promise<Picture | null> {
    const [row] = this.#all('SELECT jpeg, takenAt FROM pictures WHERE id = ?', [id]);
    const bytes = row?.['jpeg'];
    // libsql gives a bare ArrayBuffer for a blob when it reads many rows.
    return bytes instanceof ArrayBuffer
      ? { jpeg: Buffer.from(bytes), takenAt: new Date(Number(row?.['takenAt'])) }
      : null;
  }

  async removePicture(id: CameraId): Promise<void> {
    this.#run('DELETE FROM pictures WHERE id = ?', [id]);
  }

  async savePass({ id, owner, state, startedAt, body }: PassDocument): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO passes (id, owner, state, startedAt, body) VALUES (?, ?, ?, ?, ?)';
    this.#run(sql, [id, owner, state, startedAt.getTime(), body]);
  }

  async getPass(id: string): Promise<PassDocument | null> {
    return this.#all('SELECT * FROM passes WHERE id = ?', [id]).map(passDocument)[0] ?? null;
  }

  async recentPasses(limit: number): Promise<PassDocument[]> {
    return this.#all('SELECT * FROM passes ORDER BY startedAt DESC, id DESC LIMIT ?', [limit]).map(passDocument);
  }

  async runningPasses(owner: string): Promise<PassDocument[]> {
    return this.#all("SELECT * FROM passes WHERE owner = ? AND state = 'running'", [owner]).map(passDocument);
  }

  async keepNewestPasses(count: number): Promise<void> {
    const newest = 'SELECT id FROM passes ORDER BY startedAt DESC, id DESC LIMIT ?';
    this.#run(`DELETE FROM passes WHERE id NOT IN (${newest})`, [count]);
  }

  #migrate(database: Database.Database): void {
    database.exec(
      'CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, appliedAt TEXT NOT NULL)',
    );
    const applied = this.#all('SELECT id FROM migrations').map((row) => Number(row['id']));
    for (const migration of pendingMigrations(SQLITE_MIGRATIONS, applied)) {
      this.#together(() => {
        void migration.run((sql) => database.exec(sql));
        const note = 'INSERT OR REPLACE INTO migrations (id, name, appliedAt) VALUES (?, ?, ?)';
        this.#run(note, [migration.id, migration.name, this.#now().toISOString()]);
      });
    }
  }

  #replaceOne({ before, after }: DocumentChange): ReplaceOutcome {
    const { version, rtmpPath } = before.fields;
    const was = [typeof version === 'number' ? version : null, typeof rtmpPath === 'string' ? rtmpPath : null];
    try {
      const changes = this.#run(REPLACE_CAMERA, [...cameraValues(after), before.id, ...was]);
      return changes === 1 ? 'written' : 'conflict';
    } catch (error) {
      if (error instanceof AppError && isUniqueViolation(error.cause)) return 'identity-taken';
      throw error;
    }
  }

  /** Runs `work`, which must not wait for anything, in one transaction. */
  #together(work: () => void): void {
    const database = this.#opened();
    try {
      database.exec('BEGIN IMMEDIATE');
      work();
      database.exec('COMMIT');
    } catch (cause) {
      if (database.inTransaction) database.exec('ROLLBACK');
      throw sqliteError(cause, this.#file);
    }
  }

  #all(sql: string, values: readonly Value[] = []): Row[] {
    try {
      return this.#statement(sql).all(values) as Row[];
    } catch (cause) {
      throw sqliteError(cause, this.#file);
    }
  }

  /** Returns how many rows were changed. */
  #run(sql: string, values: readonly Value[]): number {
    try {
      return this.#statement(sql).run(values).changes;
    } catch (cause) {
      throw sqliteError(cause, this.#file);
    }
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#opened().prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #opened(): Database.Database {
    if (this.#database) return this.#database;
    throw new AppError('STORE_UNREACHABLE', 'The database is not open.', { cure: 'Start camlease again.' });
  }
}

function passDocument(row: Row): PassDocument {
  return {
    id: String(row['id']),
    owner: String(row['owner']),
    state: String(row['state']),
    startedAt: new Date(Number(row['startedAt'])),
    body: String(row['body']),
  };
}
