import type { Picture } from '../pictureStore.js';
import type { PictureTable } from '../driver.js';
import type { MongoConnection } from './connection/mongoConnection.js';

export class MongoPictures implements PictureTable {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  save(key: string, { jpeg, takenAt }: Picture): Promise<void> {
    return this.#connection.with(async ({ pictures }) => {
      await pictures.updateOne({ _id: key }, { $set: { jpeg, takenAt } }, { upsert: true });
    });
  }

  get(key: string): Promise<Picture | null> {
    return this.#connection.with(async ({ pictures }) => {
      const found = await pictures.findOne({ _id: key }).lean();
      const jpeg = bytesOf(found?.['jpeg']);
      const takenAt = found?.['takenAt'];
      return jpeg && takenAt instanceof Date ? { jpeg, takenAt } : null;
    });
  }

  remove(key: string): Promise<void> {
    return this.#connection.with(async ({ pictures }) => {
      await pictures.deleteOne({ _id: key });
    });
  }
}

/** A lean read returns the driver's own Binary. */
function bytesOf(value: unknown): Buffer | null {
  if (value instanceof Uint8Array) return Buffer.from(value);
  const bytes: unknown = typeof value === 'object' && value !== null && 'buffer' in value ? value.buffer : null;
  return bytes instanceof Uint8Array ? Buffer.from(bytes) : null;
}
