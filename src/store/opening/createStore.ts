import path from 'node:path';
import type { Vendors } from '../../core/camera/vendors.js';
import type { Clock, Random } from '../../core/clock.js';
import type { Store } from '../store.js';
import type { StoreDriver } from '../driver.js';
import type { SetUpLog } from '../mongo/connection/mongoDeps.js';
import { MongoDriver } from '../mongo/mongoDriver.js';
import type { AdoptionContext } from '../reading/adoption.js';
import { CameraDocuments } from '../rules/cameraDocuments.js';
import { Claims } from '../rules/claims.js';
import { DocumentCameraStore } from '../rules/documentCameraStore.js';
import { OwnerWatch } from '../rules/ownerWatch.js';
import { SqliteDriver } from '../sqlite/sqliteDriver.js';

export interface StoreOptions {
  /** null: the embedded SQLite file in `dataDir`. */
  readonly mongodbUri: string | null;
  readonly dataDir: string;
  /** Whose cameras documents may be, and which hosts their URLs may name. */
  readonly vendors: Vendors;
  /** The configured accounts: a hand-made document may name one of them. Absent: any name is accepted. */
  readonly accounts?: readonly { readonly name: string }[];
  readonly clock: Clock;
  readonly random: Random;
  /** Receives documents that cannot be adopted or read; each is logged once. */
  readonly log: SetUpLog;
}

export interface DescribedStore extends Store {
  /** Where the data is, for people: host names or a file, never a login. */
  describe(): string;
}

export const SQLITE_FILE = 'camlease.sqlite';

/** The configured store, not yet open. `open()` tries once; the caller repeats it on STORE_UNREACHABLE and STORE_IN_USE. */
export function createStore(options: StoreOptions): DescribedStore {
  const { clock, random, vendors, log } = options;
  const now = (): Date => clock.now();
  const driver: StoreDriver =
    options.mongodbUri === null
      ? new SqliteDriver(path.join(options.dataDir, SQLITE_FILE), now)
      : new MongoDriver(options.mongodbUri, { clock, log });
  const accounts = options.accounts?.map(({ name }) => name);
  const context = (): AdoptionContext => ({
    vendors,
    ...(accounts && accounts.length > 0 && { accounts }),
    random,
    now: clock.now(),
  });
  const documents = new CameraDocuments(driver, context, log);
  const owners = new OwnerWatch(driver, clock);
  const claims = new Claims(driver, documents, owners);
  return new DocumentCameraStore({ driver, documents, claims, owners, random });
}
