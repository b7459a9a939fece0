import { AppError, type ErrorCode } from '../core/errors.js';
import { sleep, type Clock } from '../core/clock.js';
import type { Log } from '../observe/logger.js';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const PASSING_CODES: ReadonlySet<string> = new Set(['STORE_UNREACHABLE', 'STORE_IN_USE'] satisfies ErrorCode[]);

interface Openable {
  open(): Promise<void>;
}

/**
 * Opens the store, and repeats that while the database does not answer, because databases start slower than camlease. Each
 * failed try is logged once with its cure and handed to `onWaiting`; so is a try that an earlier camlease on the same database
 * prevents. Any other error (a newer schema, for example) is thrown.
 */
export async function openStore(
  store: Openable,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
  onWaiting: (problem: AppError) => Promise<void>,
): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      await store.open();
      return;
    } catch (thrown) {
      if (!(thrown instanceof AppError) || !PASSING_CODES.has(thrown.code)) throw thrown;
      log.warn(thrown.message, { cure: thrown.cure, nextTryInSeconds: waitMs / 1000 });
      await onWaiting(thrown);
      await sleep(clock, waitMs, signal);
    }
  }
}
