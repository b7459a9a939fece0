import { sqliteHarness } from '../support/store/storeHarness.js';
import { describeCameraStore } from './cameraStore.contract.js';
import { describeAdoption } from './cameraStoreAdoption.contract.js';
import { describeDocuments } from './cameraStoreDocuments.contract.js';
import { describeEvents } from './cameraStoreEvents.contract.js';
import { describeLeases } from './cameraStoreLeases.contract.js';
import { describePromotion } from './cameraStorePromotion.contract.js';
import { describeRefusals } from './cameraStoreRefusals.contract.js';
import { describeRecords } from './recordTable.contract.js';

describeCameraStore('SQLite', sqliteHarness);
describeLeases('SQLite', sqliteHarness);
describePromotion('SQLite', sqliteHarness);
describeEvents('SQLite', sqliteHarness);
describeRecords('SQLite', sqliteHarness);
describeAdoption('SQLite', sqliteHarness);
describeDocuments('SQLite', sqliteHarness);
describeRefusals('SQLite', sqliteHarness);
