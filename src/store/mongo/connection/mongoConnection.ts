import { AppError } from '../../../core/errors.js';
import { describeMongo } from './connectionString.js';
import type * as modelsModule from './models.js';
import type { MongoModels } from './models.js';
import { mongoError } from './mongoErrors.js';

export type ModelsModule = typeof modelsModule;

export interface Opened extends MongoModels {
  /** Loaded at `open`: an installation on SQLite does not pay for mongoose. */
  readonly tools: ModelsModule;
}

/** The connection and its collections; turns the driver's errors into `AppError`s. */
export class MongoConnection {
  readonly #uri: string;
  #models: Opened | null = null;

  constructor(uri: string) {
    this.#uri = uri;
  }

  /** The server's hosts, without login. */
  describe(): string {
    return describeMongo(this.#uri);
  }

  /** True: it was opened by this call; false: it was open already. */
  async open(): Promise<boolean> {
    if (this.#models) return false;
    try {
      const tools = await import('./models.js');
      this.#models = { ...(await tools.connectModels(this.#uri)), tools };
      return true;
    } catch (cause) {
      throw mongoError(cause, this.describe());
    }
  }

  async close(): Promise<void> {
    const models = this.#models;
    this.#models = null;
    // `destroy` and not `close`: the connection is of no more use, and nothing may be left that keeps the process alive.
    await models?.connection.destroy().catch(() => undefined);
  }

  async with<T>(work: (models: Opened) => Promise<T>): Promise<T> {
    try {
      return await work(this.opened());
    } catch (cause) {
      throw mongoError(cause, this.describe());
    }
  }

  opened(): Opened {
    if (this.#models) return this.#models;
    throw new AppError('STORE_UNREACHABLE', `${this.describe()} is not connected.`, { cure: 'Start camlease again.' });
  }
}
