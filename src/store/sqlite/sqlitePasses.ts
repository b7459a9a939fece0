import type { PassDocument, PassTable } from '../driver.js';
import type { Row, SqliteFile } from './sqliteFile.js';

export class SqlitePasses implements PassTable {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async save({ id, owner, state, startedAt, body }: PassDocument): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO passes (id, owner, state, startedAt, body) VALUES (?, ?, ?, ?, ?)';
    this.#file.run(sql, [id, owner, state, startedAt.getTime(), body]);
  }

  async get(id: string): Promise<PassDocument | null> {
    return this.#file.all('SELECT * FROM passes WHERE id = ?', [id]).map(passDocument)[0] ?? null;
  }

  async running(owner: string): Promise<PassDocument[]> {
    return this.#file.all("SELECT * FROM passes WHERE owner = ? AND state = 'running'", [owner]).map(passDocument);
  }

  async keepNewest(count: number): Promise<void> {
    const newest = 'SELECT id FROM passes ORDER BY startedAt DESC, id DESC LIMIT ?';
    this.#file.run(`DELETE FROM passes WHERE id NOT IN (${newest})`, [count]);
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
