import { describe, inject } from 'vitest';
import { mongoHarness } from '../support/store/storeHarness.js';
import { describeCameraStore } from './cameraStore.contract.js';
import { describeAbout } from './cameraStoreAbout.contract.js';
import { describeAdoption } from './cameraStoreAdoption.contract.js';
import { describeDocuments } from './cameraStoreDocuments.contract.js';
import { describeEvents } from './cameraStoreEvents.contract.js';
import { describeLeases } from './cameraStoreLeases.contract.js';
import { describePromotion } from './cameraStorePromotion.contract.js';
import { describeSources } from './cameraStoreSources.contract.js';
import { describeRefusals } from './cameraStoreRefusals.contract.js';
import { describeRecords } from './recordTable.contract.js';

const mongo = inject('mongodbUri');

describe.skipIf(mongo === null)('on a server that speaks the MongoDB protocol', () => {
  const harness = () => mongoHarness(mongo ?? '');
  describeCameraStore('MongoDB', harness);
  describeLeases('MongoDB', harness);
  describePromotion('MongoDB', harness);
  describeEvents('MongoDB', harness);
  describeRecords('MongoDB', harness);
  describeAdoption('MongoDB', harness);
  describeDocuments('MongoDB', harness);
  describeRefusals('MongoDB', harness);
  describeSources('MongoDB', harness);
  describeAbout('MongoDB', harness);
});
