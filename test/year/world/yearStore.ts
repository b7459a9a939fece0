import { AppError } from '../../../src/core/errors.js';
import type { Store } from '../../../src/store/store.js';
import type { CachedCameraStore } from '../../../src/store/memory/cachedCameraStore.js';
import type { RecordTable } from '../../../src/store/recordTable.js';
import { unanswered } from '../../support/store/awayStore.js';
import type { Ground } from './ground.js';

/** Nobody edits the database by hand in this year: it is read as a whole this often, not every minute. */
const REFRESH_MS = 6 * 3_600_000;
/** Of a slow one, each way. */
const FASTEST_MS = 100;
const SLOWEST_MS = 2_000;

/** A database as one process sees it: away at times, and silent to a process that is dead. */
export function storeThatMayBeAway(ground: Ground, isAlive: () => boolean, store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'records') return recordsThatMayBeAway(ground, isAlive, target.records);
      if (typeof value !== 'function') return value;
      // From memory, whether the database answers or not.
      if (name === 'close' || name === 'leftOut') return value.bind(target) as unknown;
      return (...args: unknown[]): unknown => {
        const call = (): unknown => {
          if (!isAlive()) return new Promise(() => undefined);
          if (ground.storeAway > 0) return unanswered(target, String(name), args);
          return Reflect.apply(value, target, args);
        };
        return ground.storeSlow > 0 ? late(ground, call) : call();
      };
    },
  });
}

/** A call on a slow way there and back: others may come between it and what it follows from. */
async function late({ clock, chance }: Ground, call: () => unknown): Promise<unknown> {
  const wait = (): Promise<void> =>
    new Promise((resolve) => clock.afterAwake(chance.between(FASTEST_MS, SLOWEST_MS), resolve));
  await wait();
  const answer = await call();
  await wait();
  return answer;
}

function recordsThatMayBeAway(ground: Ground, isAlive: () => boolean, records: RecordTable): RecordTable {
  return new Proxy(records, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (!isAlive()) return new Promise(() => undefined);
        if (ground.storeAway > 0) return Promise.reject(away());
        return Reflect.apply(value, target, args);
      };
    },
  });
}

export function seldomRefreshed(ground: Ground, store: CachedCameraStore): CachedCameraStore {
  const { clock } = ground;
  let refreshedMs = clock.nowMs;
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'refresh') return value.bind(target) as unknown;
      return async (): Promise<void> => {
        // What a slow one is read for comes amid other calls.
        if (ground.storeSlow === 0 && clock.nowMs - refreshedMs < REFRESH_MS) return;
        refreshedMs = clock.nowMs;
        await target.refresh();
      };
    },
  });
}

/** As the process waits for it at its start. */
export async function isOpened(store: CachedCameraStore): Promise<boolean> {
  try {
    await store.open();
    return true;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'STORE_UNREACHABLE') return false;
    throw thrown;
  }
}

function away(): AppError {
  return new AppError('STORE_UNREACHABLE', 'The database does not answer.');
}
