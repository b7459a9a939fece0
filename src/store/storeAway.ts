import { AppError } from '../core/errors.js';

/** True: the database takes no write now, and may take one later without a change in camlease or its settings. */
export function isStoreAway(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && (thrown.code === 'STORE_UNREACHABLE' || thrown.code === 'DISK_FULL');
}
