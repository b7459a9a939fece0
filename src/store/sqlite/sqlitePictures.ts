import type { Picture } from '../pictureStore.js';
import type { PictureTable } from '../driver.js';
import type { SqliteFile } from './sqliteFile.js';

export class SqlitePictures implements PictureTable {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async save(key: string, { jpeg, takenAt }: Picture): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO pictures (id, jpeg, takenAt) VALUES (?, ?, ?)';
    this.#file.run(sql, [key, jpeg, takenAt.getTime()]);
  }

  async get(key: string): Promise<Picture | null> {
    const [row] = this.#file.all('SELECT jpeg, takenAt FROM pictures WHERE id = ?', [key]);
    const bytes = row?.['jpeg'];
    // libsql gives a bare ArrayBuffer for a blob when it reads many rows.
    return bytes instanceof ArrayBuffer
      ? { jpeg: Buffer.from(bytes), takenAt: new Date(Number(row?.['takenAt'])) }
      : null;
  }

  async remove(key: string): Promise<void> {
    this.#file.run('DELETE FROM pictures WHERE id = ?', [key]);
  }
}
