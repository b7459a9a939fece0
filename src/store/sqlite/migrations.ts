import type { Migration } from '../migrations.js';

/**
 * The tables. The fields of a camera that are searched or edited by hand have a column, named as in MongoDB; the rest is JSON.
 * Moments are milliseconds since 1970. Everything but `id` may be absent, so that a person can insert a row.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS cameras (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    rtmpPath TEXT,
    hikvisionDeviceSerial TEXT,
    hikvisionResourceId TEXT,
    hikvisionEnabled INTEGER,
    status TEXT,
    vendor TEXT,
    account TEXT,
    channel INTEGER,
    identity TEXT,
    dueAt INTEGER,
    claimOwner TEXT,
    fence INTEGER,
    deletedAt INTEGER,
    version INTEGER,
    details TEXT
  );
  CREATE UNIQUE INDEX IF NOT EXISTS cameras_identity ON cameras (identity);
  CREATE INDEX IF NOT EXISTS cameras_due ON cameras (dueAt);
  CREATE INDEX IF NOT EXISTS cameras_serial ON cameras (hikvisionDeviceSerial);
  CREATE TABLE IF NOT EXISTS owners (id TEXT NOT NULL PRIMARY KEY, beat INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS pictures (id TEXT NOT NULL PRIMARY KEY, jpeg BLOB NOT NULL, takenAt INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS passes (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    startedAt INTEGER NOT NULL,
    body TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS passes_started ON passes (startedAt);
`;

/** An event's `seq` is the order of adding; AUTOINCREMENT never uses a number again. */
const EVENTS = `
  CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    cameraId TEXT NOT NULL,
    step TEXT NOT NULL,
    revision INTEGER,
    reason TEXT NOT NULL,
    message TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS events_camera ON events (cameraId, at);
  CREATE INDEX IF NOT EXISTS events_at ON events (at);
`;

/** Small JSON documents of several kinds; `grp` is what a record belongs to. */
const RECORDS = `
  CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    grp TEXT NOT NULL,
    at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  );
  CREATE INDEX IF NOT EXISTS records_at ON records (kind, at);
  CREATE INDEX IF NOT EXISTS records_group ON records (kind, grp, at);
`;

/** What people note about a camera. Columns, not `details`: an older camlease that opens the file writes `details` whole. */
const ABOUT = ['location', 'city', 'coordinates', 'image', 'members', 'attributes', 'aqi_api_key']
  .map((column) => `ALTER TABLE cameras ADD COLUMN ${column} TEXT;`)
  .join('\n');

export const SQLITE_MIGRATIONS: ReadonlyArray<Migration<(sql: string) => void>> = [
  { id: 1, name: 'first tables', run: (execute) => execute(TABLES) },
  { id: 2, name: 'events', run: (execute) => execute(EVENTS) },
  { id: 3, name: 'records', run: (execute) => execute(RECORDS) },
  { id: 4, name: 'notes about cameras', run: (execute) => execute(ABOUT) },
];
