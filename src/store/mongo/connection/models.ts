import mongoose from 'mongoose';
import type { Connection, Model } from 'mongoose';

/** Documents are read without a schema; each reader checks the types itself. */
export type MongoFields = Record<string, unknown>;

export interface MongoModels {
  readonly connection: Connection;
  readonly cameras: Model<MongoFields>;
  readonly owners: Model<MongoFields>;
  readonly pictures: Model<MongoFields>;
  readonly passes: Model<MongoFields>;
  readonly events: Model<MongoFields>;
  readonly records: Model<MongoFields>;
  readonly migrations: Model<MongoFields>;
}

/**
 * `cameras` is the contract with operators, and may hold documents of other programs. The rest is camlease's alone, as the
 * prefix says.
 */
export const COLLECTIONS = {
  cameras: 'cameras',
  owners: 'camlease_owners',
  pictures: 'camlease_pictures',
  passes: 'camlease_passes',
  events: 'camlease_events',
  records: 'camlease_records',
  migrations: 'camlease_migrations',
} as const;

/** `socketTimeoutMS` is for a server that took a request and does not answer. */
const TIMEOUTS_MS = { serverSelectionTimeoutMS: 5000, connectTimeoutMS: 5000, socketTimeoutMS: 30_000 };

/** An instance of our own, so that no other user of mongoose in this process changes our settings. */
const own = new mongoose.Mongoose();
own.set('sanitizeFilter', true);
own.set('strictQuery', true);

const { Schema } = own;
const Mixed = Schema.Types.Mixed;

const tracks = new Schema(
  {
    video: new Schema({ codec: String, width: Number, height: Number }, { _id: false }),
    audio: new Schema({ codec: String, sampleRate: Number, channels: Number }, { _id: false }),
  },
  { _id: false },
);

const lease = new Schema(
  {
    revision: Number,
    url: String,
    urlId: String,
    quality: String,
    obtainedAt: Date,
    expiresAt: Date,
    renewAt: Date,
    proof: String,
    provenAt: Date,
    tracks,
  },
  { _id: false },
);

const failure = new Schema(
  {
    code: String,
    failureClass: String,
    message: String,
    cure: String,
    since: Date,
    at: Date,
    attempts: Number,
    nextLookAt: Date,
  },
  { _id: false },
);

const login = new Schema({ user: String, password: String }, { _id: false });
const urlSource = new Schema(
  { address: String, login, otherLogin: login, revision: Number, tracks, openedAt: Date },
  { _id: false },
);

const feed = new Schema({ name: String, key: String, said: Mixed }, { _id: false });

/** Not changed on its way: a document of another program may have numbers as text here, or ids as ObjectId. */
const about = {
  location: Mixed,
  city: Mixed,
  coordinates: Mixed,
  image: Mixed,
  members: Mixed,
  attributes: Mixed,
  aqi_api_key: Mixed,
};

const camera = {
  // ObjectId or string: a hand-made document keeps the type it has.
  _id: Mixed,
  name: String,
  rtmpPath: String,
  hikvisionDeviceSerial: String,
  hikvisionResourceId: String,
  hikvisionEnabled: Boolean,
  status: String,
  vendor: String,
  account: String,
  channel: Number,
  urlSource,
  ...about,
  mode: String,
  quality: String,
  learnedQuality: String,
  sound: String,
  errorClipCheck: Boolean,
  whenGone: String,
  labels: [String],
  origin: String,
  feed,
  lease,
  candidate: lease,
  lastRevision: Number,
  failure,
  notice: String,
  missingSince: Date,
  retiredUrlIds: [String],
  createdAt: Date,
  updatedAt: Date,
  identity: String,
  dueAt: Date,
  claimOwner: String,
  fence: Number,
  deletedAt: Date,
  version: Number,
  /** The bulk write that wrote it last: the answer to a bulk does not say which of its writes found their document. */
  lastBulk: Schema.Types.ObjectId,
};

const event = {
  _id: String,
  order: Schema.Types.ObjectId,
  at: Date,
  cameraId: String,
  step: String,
  revision: Number,
  reason: String,
  message: String,
};

const record = { _id: String, kind: String, group: String, at: Date, version: Number, body: String };

const migration = {
  _id: Number,
  name: String,
  /** null while a process carries it out. */
  appliedAt: Date,
  /** The turn of the process that carries it out, and its counter: see `MigrationTurn`. */
  by: String,
  beat: Number,
  /** How far the migration is. */
  progress: Mixed,
  /** See `FormerReplicas`. */
  formerBeats: String,
};

/** Connects once. The pool repairs itself afterwards; a call while the server is away fails after some seconds. */
export async function connectModels(uri: string): Promise<MongoModels> {
  const connection = own.createConnection(uri, {
    ...timeouts(uri),
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    maxPoolSize: 20,
  });
  // Each call reports its own failure; without a listener the event would throw.
  connection.on('error', () => undefined);
  try {
    await connection.asPromise();
  } catch (error) {
    await connection.destroy().catch(() => undefined);
    throw error;
  }
  const model = (name: keyof typeof COLLECTIONS, definition: MongoFields): Model<MongoFields> => {
    const schema = new Schema<MongoFields>(definition, {
      collection: COLLECTIONS[name],
      versionKey: false,
      minimize: false,
    });
    return connection.model<MongoFields>(name, schema);
  };
  return {
    connection,
    cameras: model('cameras', camera),
    owners: model('owners', { _id: String, beat: Number }),
    pictures: model('pictures', { _id: String, jpeg: Buffer, takenAt: Date }),
    passes: model('passes', { _id: String, owner: String, state: String, startedAt: Date, body: String }),
    events: model('events', event),
    records: model('records', record),
    migrations: model('migrations', migration),
  };
}

/** A timeout that the operator wrote into the connection string is kept. */
function timeouts(uri: string): Partial<typeof TIMEOUTS_MS> {
  const missing = Object.entries(TIMEOUTS_MS).filter(([name]) => !uri.toLowerCase().includes(`${name.toLowerCase()}=`));
  return Object.fromEntries(missing);
}

/** Marks an operator of our own in a filter: mongoose takes everything else that looks like an operator literally. */
export const operator = <T extends object>(filter: T): T => own.trusted(filter);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The keys that a camera's id may stand for: 24 hex digits are an ObjectId, digits a number, a UUID binary, or a text that looks like one. */
export function keysOf(id: string): unknown[] {
  if (/^[0-9a-f]{24}$/.test(id)) return [new own.Types.ObjectId(id), id];
  if (/^(?:0|[1-9]\d{0,14})$/.test(id)) return [id, Number(id)];
  return UUID.test(id) ? [id, new own.mongo.UUID(id)] : [id];
}

/** The camera's id of a document's key. A key that can be no id becomes a text that `isCameraId` refuses. */
export function idOf(key: unknown): string {
  if (key instanceof own.Types.ObjectId) return key.toHexString();
  if (typeof key === 'string') return key;
  if (typeof key === 'number' && Number.isSafeInteger(key) && key >= 0 && key < 1e15) return String(key);
  if (key instanceof own.mongo.Binary && key.sub_type === own.mongo.Binary.SUBTYPE_UUID && key.length() === 16)
    return key.toUUID().toString();
  return `(_id ${JSON.stringify({ key }).slice(7, 67).replace(/}$/, '')})`;
}

/** An ObjectId unlike any other, and greater than each that this process made before. */
export function newOrder(): unknown {
  return new own.Types.ObjectId();
}
