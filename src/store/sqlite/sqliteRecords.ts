import { setImmediate } from 'node:timers/promises';
import { MOST_RECORDS, parsedBody } from '../recordTable.js';
import type { RecordKind, RecordQuery, RecordTable, StoredRecord } from '../recordTable.js';
import type { Row, SqliteFile, Value } from './sqliteFile.js';

const ADD = `INSERT INTO records (kind, id, grp, at, version, body) VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING`;
const CHANGE = `UPDATE records SET grp = ?, at = ?, version = version + 1, body = ? WHERE kind = ? AND id = ? AND version = ?`;
const UPSERT = `INSERT INTO records (kind, id, grp, at, version, body) VALUES (?, ?, ?, ?, 1, ?)
  ON CONFLICT (kind, id) DO UPDATE SET grp = excluded.grp, at = excluded.at, version = version + 1, body = excluded.body`;
/** Rows written or dropped at a time; in between, other work gets its turn. */
const BATCH = 500;

export class SqliteRecords implements RecordTable {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async get(kind: RecordKind, id: string): Promise<StoredRecord | null> {
    const [row] = this.#file.all('SELECT * FROM records WHERE kind = ? AND id = ?', [kind, id]);
    return row ? storedRecord(kind, row) : null;
  }

  async list(kind: RecordKind, { group, from, to, limit = MOST_RECORDS }: RecordQuery = {}): Promise<StoredRecord[]> {
    const wheres = ['kind = ?'];
    const values: Value[] = [kind];
    if (group !== undefined) add('grp = ?', group);
    if (from) add('at >= ?', from.getTime());
    if (to) add('at < ?', to.getTime());
    const sql = `SELECT * FROM records WHERE ${wheres.join(' AND ')} ORDER BY at DESC, id LIMIT ?`;
    return this.#file.all(sql, [...values, limit]).map((row) => storedRecord(kind, row));

    function add(where: string, value: Value): void {
      wheres.push(where);
      values.push(value);
    }
  }

  async put(record: Omit<StoredRecord, 'version'>, expected: number): Promise<boolean> {
    const { kind, id, group, at } = record;
    const body = JSON.stringify(record.body);
    if (expected === 0) return this.#file.run(ADD, [kind, id, group, at.getTime(), body]) === 1;
    return this.#file.run(CHANGE, [group, at.getTime(), body, kind, id, expected]) === 1;
  }

  async putMany(records: ReadonlyArray<Omit<StoredRecord, 'version'>>): Promise<void> {
    for (let start = 0; start < records.length; start += BATCH) {
      if (start > 0) await setImmediate();
      this.#file.together(() => {
        for (const { kind, id, group, at, body } of records.slice(start, start + BATCH))
          this.#file.run(UPSERT, [kind, id, group, at.getTime(), JSON.stringify(body)]);
      });
    }
  }

  async remove(kind: RecordKind, id: string, expected?: number): Promise<boolean> {
    if (expected === undefined)
      return this.#file.run('DELETE FROM records WHERE kind = ? AND id = ?', [kind, id]) === 1;
    return this.#file.run('DELETE FROM records WHERE kind = ? AND id = ? AND version = ?', [kind, id, expected]) === 1;
  }

  async dropBefore(kind: RecordKind, before: Date): Promise<void> {
    const sql = 'DELETE FROM records WHERE rowid IN (SELECT rowid FROM records WHERE kind = ? AND at < ? LIMIT ?)';
    while (this.#file.run(sql, [kind, before.getTime(), BATCH]) === BATCH) await setImmediate();
  }
}

function storedRecord(kind: RecordKind, row: Row): StoredRecord {
  return {
    kind,
    id: String(row['id']),
    group: String(row['grp']),
    at: new Date(Number(row['at'])),
    version: Number(row['version']),
    body: parsedBody(row['body']),
  };
}
