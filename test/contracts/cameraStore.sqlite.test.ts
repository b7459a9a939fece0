import { sqliteHarness } from '../support/storeHarness.js';
import { describeCameraStore } from './cameraStore.contract.js';
import { describeAdoption } from './cameraStoreAdoption.contract.js';
import { describeLeases } from './cameraStoreLeases.contract.js';

describeCameraStore('SQLite', sqliteHarness);
describeLeases('SQLite', sqliteHarness);
describeAdoption('SQLite', sqliteHarness);
