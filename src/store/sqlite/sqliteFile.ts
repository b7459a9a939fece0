import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { AppError } from '../../core/errors.js';
import { refuseForeignFile } from './foreignFile.js';
import { sqliteError } from './sqliteErrors.js';

export type Row = Readonly<Record<string, unknown>>;
export type Value = string | number | Buffer | null;

const BUSY_TIMEOUT_MS = 5000;
/** SQLite's own 2 MB hold fewer pages than 1,000 cameras spread over: each page would be read and written several times. */
const CACHE_KB = 32_000;
/** In pages of 4 KB. SQLite's own 1,000 would copy the log file into the database ten times while 10,000 cameras are renewed. */
const LOG_PAGES = 8000;

/** The open database file: prepares each statement once, and turns SQLite's errors into `AppError`s. */
export class SqliteFile {
  readonly path: string;
  readonly #statements = new Map<string, Database.Statement>();
  #database: Database.Database | null = null;
  #timesOpened = 0;

  constructor(file: string) {
    this.path = file;
  }

  /** True: it was opened by this call; false: it was open already. */
  open(): boolean {
    if (this.#database) return false;
    try {
      mkdirSync(path.dirname(this.path), { recursive: true, mode: 0o700 });
      // The file holds live URLs: create it for our user only, before SQLite creates it for everybody.
      closeSync(openSync(this.path, 'a', 0o600));
      const database = new Database(this.path);
      this.#database = database;
      this.#timesOpened += 1;
      refuseForeignFile(database, this.path);
      database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = NORMAL');
      database.pragma(`cache_size = -${CACHE_KB}`);
      database.pragma(`wal_autocheckpoint = ${LOG_PAGES}`);
      return true;
    } catch (cause) {
      throw sqliteError(cause, this.path);
    }
  }

  close(): void {
    this.#statements.clear();
    try {
      // Moves the log file into the database file, so that a copy of the database file alone is a complete backup.
      this.#database?.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // For example, the disk is full: the log file keeps the data.
    }
    this.#database?.close();
    this.#database = null;
  }

  /** Differs whenever another connection has written since, or the file was closed in between. */
  foreignWrites(): string {
    const [row] = this.all('PRAGMA data_version');
    return `${this.#timesOpened} ${String(row?.['data_version'])}`;
  }

  /** Runs statements that return nothing. */
  execute(sql: string): void {
    try {
      this.#opened().exec(sql);
    } catch (cause) {
      throw sqliteError(cause, this.path);
    }
  }

  /** Runs `work`, which must be synchronous, in one transaction. */
  together(work: () => void): void {
    const database = this.#opened();
    try {
      database.exec('BEGIN IMMEDIATE');
      work();
      database.exec('COMMIT');
    } catch (cause) {
      if (database.inTransaction) database.exec('ROLLBACK');
      throw sqliteError(cause, this.path);
    }
  }

  all(sql: string, values: readonly Value[] = []): Row[] {
    try {
      return this.#statement(sql).all(values) as Row[];
    } catch (cause) {
      throw sqliteError(cause, this.path);
    }
  }

  /** Returns how many rows were changed. */
  run(sql: string, values: readonly Value[]): number {
    try {
      return this.#statement(sql).run(values).changes;
    } catch (cause) {
      throw sqliteError(cause, this.path);
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
