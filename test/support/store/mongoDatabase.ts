import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';

export type Loose = { _id: unknown } & Record<string, unknown>;

interface Updated {
  _id: string | number;
  beat: number;
  appliedAt: Date;
}

/** A new database on the tests' MongoDB server, with a connection that does not go through camlease. */
export interface MongoDatabase {
  readonly uri: string;
  readonly connection: mongoose.Connection;
  insert(collection: string, documents: readonly Loose[]): Promise<void>;
  update(collection: string, id: string | number, change: mongoose.mongo.UpdateFilter<Updated>): Promise<void>;
  read(collection: string): Promise<Loose[]>;
  /** The bytes of every document of the collection, by id. */
  bytes(collection: string): Promise<Map<string, string>>;
  drop(): Promise<void>;
}

export async function mongoDatabase(serverUri: string): Promise<MongoDatabase> {
  const uri = new URL(serverUri);
  uri.pathname = `/camlease-test-${randomBytes(6).toString('hex')}`;
  const connection = await mongoose.createConnection(uri.href, { serverSelectionTimeoutMS: 5000 }).asPromise();
  const read = (name: string): Promise<Loose[]> => connection.collection<Loose>(name).find({}).toArray();
  return {
    uri: uri.href,
    connection,
    async insert(name, documents) {
      await connection.collection<Loose>(name).insertMany([...documents]);
    },
    async update(name, id, change) {
      await connection.collection<Updated>(name).updateOne({ _id: id }, change);
    },
    read,
    async bytes(name) {
      const { BSON } = mongoose.mongo;
      return new Map(
        (await read(name)).map((one) => [String(one._id), Buffer.from(BSON.serialize(one)).toString('hex')]),
      );
    },
    async drop() {
      await connection.dropDatabase();
      await connection.close();
    },
  };
}
