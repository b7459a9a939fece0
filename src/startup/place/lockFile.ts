import Database from 'libsql';

/**
 * Locks a file until the returned function is called or the process ends; null: another process holds the lock.
 *
 * The lock is an exclusive SQLite transaction: the operating system drops it however the process dies, unlike a lock file with a
 * pid, and it works between containers that share a volume.
 */
export function lockFile(file: string): (() => void) | null {
  const database = new Database(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch {
    database.close();
    return null;
  }
  return () => {
    if (database.open) database.close();
  };
}
