import { AppError } from '../core/errors.js';

/** True: the database takes no write now, and may later without anybody changing anything here. */
export function isStoreAway(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && (thrown.code === 'STORE_UNREACHABLE' || thrown.code === 'DISK_FULL');
}
