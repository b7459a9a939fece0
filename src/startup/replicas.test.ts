import { expect, it } from 'vitest';
import { TurnedClock } from '../../simulator/clock/turnedClock.js';
import { createLog } from '../observe/logger.js';
import { createRedactor } from '../observe/redact.js';
import type { Store } from '../store/store.js';
import type { StoredRecord } from '../store/recordTable.js';
import { createReplicas, type Replicas } from './replicas.js';

it('replicas that start at once have the same users in MediaMTX', async () => {
  const stored = new Map<string, StoredRecord>();
  const records = {
    get: async (kind: string, id: string) => stored.get(`${kind}/${id}`) ?? null,
    list: async () => [],
    put: async (record: Omit<StoredRecord, 'version'>, expected: number) => {
      const key = `${record.kind}/${record.id}`;
      if ((stored.get(key)?.version ?? 0) !== expected) return false;
      stored.set(key, { ...record, version: expected + 1 });
      return true;
    },
  } as unknown as Store['records'];
  const log = createLog({ level: 'silent', redactor: createRedactor(), readable: false, write: () => undefined });
  const make = async (owner: string): Promise<Replicas> => {
    const replicas = createReplicas({ isShared: true, owner, accounts: [], clock: new TurnedClock(), log });
    await expect(replicas.sharing?.agreeOnUsers({ of: owner })).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    const store = { records, livingOthers: async () => new Set<string>() };
    await replicas.open(store, {} as Parameters<Replicas['open']>[1]);
    return replicas;
  };
  const [a, b] = [await make('a'), await make('b')];
  const agree = async ({ sharing }: Replicas, of: string): Promise<unknown> => sharing?.agreeOnUsers({ of });
  const agreed = await Promise.all([agree(a, 'a'), agree(b, 'b')]);
  expect(agreed[0]).toEqual(agreed[1]);
  expect(await agree(b, 'later')).toEqual(agreed[0]);
  await Promise.all([a.close(), b.close()]);
});
