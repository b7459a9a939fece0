import { CachedCameraStore } from '../../src/store/memory/cachedCameraStore.js';
import type { StoreHarness } from '../support/store/storeHarness.js';
import { sqliteHarness } from '../support/store/storeHarness.js';
import { describeCameraStore } from './cameraStore.contract.js';
import { describeAbout } from './cameraStoreAbout.contract.js';
import { describeAdoption } from './cameraStoreAdoption.contract.js';
import { describeDocuments } from './cameraStoreDocuments.contract.js';
import { describeEvents } from './cameraStoreEvents.contract.js';
import { describeLeases } from './cameraStoreLeases.contract.js';
import { describePromotion } from './cameraStorePromotion.contract.js';
import { describeSources } from './cameraStoreSources.contract.js';
import { describeRefusals } from './cameraStoreRefusals.contract.js';

async function cachedHarness(): Promise<StoreHarness> {
  const harness = await sqliteHarness();
  return {
    ...harness,
    async open(options) {
      const database = await harness.open(options);
      const cached = new CachedCameraStore(database);
      await cached.open();
      // The cameras by way of memory, and everything else as the database made it.
      return new Proxy(database, {
        get(target, name) {
          const port = name in cached ? cached : target;
          const value: unknown = Reflect.get(port, name, port);
          return typeof value === 'function' ? (value.bind(port) as unknown) : value;
        },
      });
    },
  };
}

describeCameraStore('in memory over SQLite', cachedHarness);
describeLeases('in memory over SQLite', cachedHarness);
describePromotion('in memory over SQLite', cachedHarness);
describeEvents('in memory over SQLite', cachedHarness);
describeAdoption('in memory over SQLite', cachedHarness);
describeDocuments('in memory over SQLite', cachedHarness);
describeRefusals('in memory over SQLite', cachedHarness);
describeSources('in memory over SQLite', cachedHarness);
describeAbout('in memory over SQLite', cachedHarness);
