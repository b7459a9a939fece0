import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import type { MediaEngine } from '../engine/mediaEngine.js';
import type { Sharing } from '../engine/mediamtx/sharing/sharing.js';
import { OwnershipByRecords } from '../jobs/replicas/ownershipByRecords.js';
import { SOLE_OWNER, type Ownership } from '../jobs/run/ownership.js';
import type { Log } from '../observe/logger.js';
import type { Store } from '../store/store.js';

interface Parts {
  /** False: no other process uses the database. */
  readonly isShared: boolean;
  readonly owner: string;
  readonly accounts: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Several processes on one database: what the engine needs before the store is open, and the ownership once it is. */
export interface Replicas {
  /** Absent: this process is alone. */
  readonly sharing?: Sharing;
  /** Takes ownership of everything that no other replica owns. */
  open(store: Pick<Store, 'records' | 'livingOthers'>, engine: MediaEngine): Promise<Ownership>;
  /** Gives up what this replica owns. */
  close(): Promise<void>;
}

/** One record for all replicas: each process on this database may reach any of its media servers. */
const USERS_RECORD = ['engine-users', 'mediamtx'] as const;

const pathsBody = z.object({ paths: z.array(z.string()) });

export function createReplicas({ isShared, owner, accounts, clock, log }: Parts): Replicas {
  if (!isShared) return { open: () => Promise.resolve(SOLE_OWNER), close: () => Promise.resolve() };
  let ownership: OwnershipByRecords | null = null;
  let records: Store['records'] | null = null;
  const sharing: Sharing = {
    mayWrite: () => ownership?.engine() ?? false,
    fence: () => ownership?.engineFence() ?? 0,
    newId: randomUUID,
    writer: owner,
    async readPaths(marker) {
      const read = pathsBody.safeParse((await records?.get('engine-paths', marker))?.body);
      return read.success ? read.data.paths : null;
    },
    async writePaths(marker, names) {
      const record = { kind: 'engine-paths', id: marker, group: '', at: clock.now(), body: { paths: names } } as const;
      await records?.putMany([record]);
    },
    async agreeOnUsers(mine) {
      if (!records)
        throw new AppError('STORE_UNREACHABLE', 'camlease has not read the users of MediaMTX from the store yet.');
      const found = await records.get(...USERS_RECORD);
      if (found) return found.body;
      const [kind, id] = USERS_RECORD;
      // Another process may be faster: the stored users are the ones that all processes use.
      await records.put({ kind, id, group: '', at: clock.now(), body: mine }, 0);
      return (await records.get(kind, id))?.body;
    },
  };
  return {
    sharing,
    async open(store, engine) {
      ({ records } = store);
      ownership = new OwnershipByRecords({
        ...{ clock, log, owner, accounts, records },
        livingOthers: (self) => store.livingOthers(self),
        ...(engine.marker && { marker: () => engine.marker?.() ?? Promise.resolve(null) }),
      });
      await ownership.start();
      return ownership;
    },
    close: async () => ownership?.stop(),
  };
}
