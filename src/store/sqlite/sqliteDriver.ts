import { setImmediate } from 'node:timers/promises';
import type { CameraId } from '../../core/camera/camera.js';
import type {
  DocumentChange,
  EventTable,
  InsertOutcome,
  PassTable,
  PictureTable,
  ReplaceOutcome,
  StoreDriver,
} from '../driver.js';
import { pendingMigrations } from '../migrations.js';
import type { CameraDocument } from '../reading/cameraDocument.js';
import type { RawDocument } from '../reading/cameraRecord.js';
import type { RecordTable } from '../recordTable.js';
import type { DocumentRefusal } from '../refusals.js';
import { INSERT_CAMERA, cameraValues, rawDocument, replaceCamera } from './cameraRows.js';
import { SQLITE_MIGRATIONS } from './migrations.js';
import { rowRefusalOf } from './sqliteErrors.js';
import { SqliteEvents } from './sqliteEvents.js';
import { SqliteFile } from './sqliteFile.js';
import { SqlitePasses } from './sqlitePasses.js';
import { SqlitePictures } from './sqlitePictures.js';
import { SqliteRecords } from './sqliteRecords.js';

/** Rows read at a time; between two reads other work gets its turn, because SQLite blocks the whole process. */
const READ_BATCH = 500;

/** The embedded database: one file, no server. */
export class SqliteDriver implements StoreDriver {
  readonly kind = 'sqlite';
  readonly events: EventTable;
  readonly passes: PassTable;
  readonly pictures: PictureTable;
  readonly records: RecordTable;
  readonly #file: SqliteFile;
  readonly #now: () => Date;

  constructor(file: string, now: () => Date) {
    this.#file = new SqliteFile(file);
    this.#now = now;
    this.events = new SqliteEvents(this.#file);
    this.passes = new SqlitePasses(this.#file);
    this.pictures = new SqlitePictures(this.#file);
    this.records = new SqliteRecords(this.#file);
  }

  describe(): string {
    return `SQLite file ${this.#file.path}`;
  }

  async open(): Promise<void> {
    try {
      if (this.#file.open()) this.#migrate();
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#file.close();
  }

  async ping(): Promise<void> {
    this.#file.all('SELECT 1');
  }

  foreignWrites(): string {
    return this.#file.foreignWrites();
  }

  async *readAll(): AsyncGenerator<RawDocument[]> {
    let after = '';
    while (true) {
      const rows = this.#file.all('SELECT * FROM cameras WHERE deletedAt IS NULL AND id > ? ORDER BY id LIMIT ?', [
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

  async readVersions(): Promise<Map<CameraId, number>> {
    const rows = this.#file.all('SELECT id, version FROM cameras WHERE deletedAt IS NULL AND version IS NOT NULL');
    return new Map(rows.map((row) => [String(row['id']), Number(row['version'])]));
  }

  async readByIds(ids: readonly CameraId[]): Promise<RawDocument[]> {
    const sql = 'SELECT * FROM cameras WHERE id IN (SELECT value FROM json_each(?))';
    return this.#file.all(sql, [JSON.stringify(ids)]).map(rawDocument);
  }

  async readBySerial(deviceSerial: string): Promise<RawDocument[]> {
    return this.#file.all('SELECT * FROM cameras WHERE hikvisionDeviceSerial = ?', [deviceSerial]).map(rawDocument);
  }

  async readTombstones(): Promise<RawDocument[]> {
    return this.#file.all('SELECT * FROM cameras WHERE deletedAt IS NOT NULL').map(rawDocument);
  }

  async readClaimedBy(owner: string): Promise<RawDocument[]> {
    return this.#file.all('SELECT * FROM cameras WHERE claimOwner = ? AND deletedAt IS NULL', [owner]).map(rawDocument);
  }

  async insert(
    documents: ReadonlyArray<{ readonly id: CameraId; readonly fields: CameraDocument }>,
  ): Promise<InsertOutcome> {
    const added = new Set<CameraId>();
    const refused = new Map<CameraId, DocumentRefusal>();
    this.#file.together(() => {
      for (const { id, fields } of documents) {
        const outcome = this.#written(() => this.#file.run(INSERT_CAMERA, [id, ...cameraValues(fields)]));
        if (outcome === 1) added.add(id);
        else if (typeof outcome === 'object') refused.set(id, outcome);
      }
    });
    return { added, refused };
  }

  async replace(change: DocumentChange): Promise<ReplaceOutcome> {
    return this.#replaceOne(change);
  }

  async replaceMany(changes: readonly DocumentChange[]): Promise<readonly ReplaceOutcome[]> {
    const outcomes: ReplaceOutcome[] = [];
    this.#file.together(() => {
      for (const change of changes) outcomes.push(this.#replaceOne(change));
    });
    await setImmediate();
    return outcomes;
  }

  async beat(owner: string): Promise<void> {
    this.#file.run('INSERT INTO owners (id, beat) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET beat = beat + 1', [
      owner,
    ]);
  }

  async readBeats(): Promise<Map<string, number>> {
    return new Map(
      this.#file.all('SELECT id, beat FROM owners').map((row) => [String(row['id']), Number(row['beat'])]),
    );
  }

  async forgetOwner(owner: string, beat: number): Promise<void> {
    this.#file.run('DELETE FROM owners WHERE id = ? AND beat = ?', [owner, beat]);
  }

  #migrate(): void {
    this.#file.execute(
      'CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, appliedAt TEXT NOT NULL)',
    );
    const applied = this.#file.all('SELECT id FROM migrations').map((row) => Number(row['id']));
    for (const migration of pendingMigrations(SQLITE_MIGRATIONS, applied)) {
      this.#file.together(() => {
        void migration.run((sql) => this.#file.execute(sql));
        const note = 'INSERT OR REPLACE INTO migrations (id, name, appliedAt) VALUES (?, ?, ?)';
        this.#file.run(note, [migration.id, migration.name, this.#now().toISOString()]);
      });
    }
  }

  #replaceOne(change: DocumentChange): ReplaceOutcome {
    const { sql, values } = replaceCamera(change);
    const outcome = this.#written(() => this.#file.run(sql, values));
    if (typeof outcome === 'object') return outcome;
    return outcome === 'exists' ? 'identity-taken' : outcome === 1 ? 'written' : 'conflict';
  }

  /** How many rows were written, or why the row was refused; a refused statement leaves its transaction as it was. */
  #written(write: () => number): number | 'exists' | DocumentRefusal {
    try {
      return write();
    } catch (error) {
      const refusal = rowRefusalOf(error);
      if (refusal === null) throw error;
      return refusal;
    }
  }
}
