import { AppError } from '../core/errors.js';
import { describeMongo } from '../store/mongo/connection/connectionString.js';
import { connectModels, idOf } from '../store/mongo/connection/models.js';
import { mongoError } from '../store/mongo/connection/mongoErrors.js';
import type { RawDocument } from '../store/reading/cameraRecord.js';

/** Every document of a database's `cameras` collection; only reads. `setting`: where the address was given, for the error. */
export async function readOldCameras(uri: string, setting = '--mongo'): Promise<RawDocument[]> {
  try {
    const models = await connectModels(uri);
    try {
      const found = await models.cameras.find({}).lean();
      return found.map((fields) => ({ id: idOf(fields['_id']), fields }));
    } finally {
      await models.connection.destroy();
    }
  } catch (cause) {
    const { code, message } = mongoError(cause, describeMongo(uri));
    throw new AppError(code, message.replace('MONGODB_URI', setting), {
      cure: `Check the address given with ${setting}: mongodb://user:password@host:27017/database.`,
    });
  }
}
