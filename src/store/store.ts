import type { CameraStore } from './cameraStore.js';
import type { EventStore } from './eventStore.js';
import type { PassStore } from './passStore.js';
import type { PictureStore } from './pictureStore.js';
import type { RecordTable } from './recordTable.js';

/** What a database keeps, by its five ports. A caller takes the port that it uses. */
export interface Store extends CameraStore, PassStore, EventStore, PictureStore {
  readonly kind: 'mongodb' | 'sqlite';
  /** Small documents beside the cameras: outages, alerts, owners of accounts and media servers. */
  readonly records: RecordTable;
}
