import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordTable, StoredRecord } from '../../src/store/recordTable.js';
import { at, HOUR, T0 } from '../support/builders.js';
import type { StoreHarness } from '../support/store/storeHarness.js';
import type { MakeHarness } from './cameraStore.contract.js';

type NewRecord = Omit<StoredRecord, 'version'>;

function aRecord(more: Partial<NewRecord> = {}): NewRecord {
  return { kind: 'outage', id: 'one', group: 'gate', at: T0, body: { 'a.b': 1, $c: [null, 'ü'] }, ...more };
}

/** What every store promises about its small documents. */
export function describeRecords(name: string, makeHarness: MakeHarness): void {
  describe(`${name}: records`, () => {
    let harness: StoreHarness;
    let records: RecordTable;
    beforeEach(async () => {
      harness = await makeHarness();
      ({ records } = await harness.open());
    });
    afterEach(() => harness.close());

    const ids = async (...query: Parameters<RecordTable['list']>): Promise<string[]> =>
      (await records.list(...query)).map(({ id }) => id);

    it('come back as they were put, by kind and id', async () => {
      expect(await records.get('outage', 'one')).toBeNull();
      expect(await records.put(aRecord(), 0)).toBe(true);
      expect(await records.get('outage', 'one')).toEqual({ ...aRecord(), version: 1 });
      expect(await records.get('alert', 'one')).toBeNull();
      expect(await records.put(aRecord({ kind: 'alert', body: 'text' }), 0)).toBe(true);
      expect(await records.get('alert', 'one')).toMatchObject({ body: 'text', version: 1 });
    });

    it('are changed by whoever knows the version, and by nobody else', async () => {
      await records.put(aRecord(), 0);
      expect(await records.put(aRecord({ body: 'again' }), 0)).toBe(false);
      expect(await records.put(aRecord({ body: 'two', at: at(HOUR) }), 1)).toBe(true);
      expect(await records.put(aRecord({ body: 'late' }), 1)).toBe(false);
      expect(await records.put(aRecord({ id: 'nobody' }), 1)).toBe(false);
      expect(await records.get('outage', 'one')).toMatchObject({ version: 2, body: 'two', at: at(HOUR) });
      expect(await records.remove('outage', 'one', 1)).toBe(false);
      expect(await records.remove('outage', 'one', 2)).toBe(true);
      expect(await records.remove('outage', 'one')).toBe(false);
    });

    it('of two that put at the same time one is the first', async () => {
      const { records: others } = await harness.open();
      const puts = await Promise.all([1, 2, 3, 4].map((n) => (n % 2 ? records : others).put(aRecord({ body: n }), 0)));
      expect(puts.filter(Boolean)).toHaveLength(1);
      const changes = await Promise.all(
        [5, 6, 7, 8].map((n) => (n % 2 ? records : others).put(aRecord({ body: n }), 1)),
      );
      expect(changes.filter(Boolean)).toHaveLength(1);
      expect(await records.get('outage', 'one')).toMatchObject({ version: 2 });
    });

    it('are listed newest first, by group, from and to, up to a limit', async () => {
      await records.putMany([
        aRecord({ id: 'a', at: T0 }),
        aRecord({ id: 'b', at: at(HOUR) }),
        aRecord({ id: 'c', at: at(HOUR), group: 'door' }),
        aRecord({ id: 'd', at: at(2 * HOUR) }),
        aRecord({ id: 'e', kind: 'alert', at: at(HOUR) }),
      ]);
      expect(await ids('outage')).toEqual(['d', 'b', 'c', 'a']);
      expect(await ids('outage', { group: 'gate' })).toEqual(['d', 'b', 'a']);
      expect(await ids('outage', { from: at(HOUR), to: at(2 * HOUR) })).toEqual(['b', 'c']);
      expect(await ids('outage', { group: 'gate', from: at(HOUR), limit: 1 })).toEqual(['d']);
      expect(await ids('maintenance')).toEqual([]);
    });

    it('are put by the thousand, over what was there', async () => {
      const many = Array.from({ length: 1200 }, (_, n) => aRecord({ id: `r${n}`, body: n }));
      await records.putMany(many);
      await records.putMany([aRecord({ id: 'r7', body: 'new' })]);
      expect(await records.list('outage')).toHaveLength(1200);
      expect(await records.get('outage', 'r7')).toMatchObject({ version: 2, body: 'new' });
    });

    it('are dropped by age, of one kind only', async () => {
      await records.putMany([
        aRecord({ id: 'old' }),
        aRecord({ id: 'new', at: at(HOUR) }),
        aRecord({ id: 'alert', kind: 'alert' }),
      ]);
      await records.dropBefore('outage', at(HOUR));
      expect(await ids('outage')).toEqual(['new']);
      expect(await ids('alert')).toEqual(['alert']);
    });
  });
}
