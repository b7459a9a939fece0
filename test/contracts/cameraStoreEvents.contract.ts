import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeaseEvent } from '../../src/core/handover/leaseEvents.js';
import { eventId } from '../../src/core/handover/leaseEvents.js';
import type { Store } from '../../src/store/store.js';
import { at, DAY, HOUR, SECOND, T0 } from '../support/builders.js';
import type { StoreHarness } from '../support/store/storeHarness.js';
import type { MakeHarness } from './cameraStore.contract.js';
import { aNewCamera } from './cameraStore.contract.js';

function anEvent(more: Partial<LeaseEvent> = {}): LeaseEvent {
  const event = {
    at: T0,
    cameraId: 'gate',
    step: 'proven',
    revision: 2,
    reason: 'due',
    message: 'Seen.',
    ...more,
  } as const;
  return { id: eventId(event), ...event };
}

/** What every store promises about the steps that it keeps. */
export function describeEvents(name: string, makeHarness: MakeHarness): void {
  describe(`${name}: events`, () => {
    let harness: StoreHarness;
    let store: Store;
    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });
    afterEach(() => harness.close());

    const obtained = anEvent({ step: 'obtained' });
    const proven = anEvent({ step: 'proven', at: at(HOUR) });
    const promoted = anEvent({ step: 'promoted', at: at(HOUR), reason: 'nobody-watches' });
    const handedOver = anEvent({ step: 'handed-over', at: at(HOUR), reason: 'swap' });
    const failed = anEvent({ step: 'failed', revision: null, at: at(2 * HOUR), reason: 'EVZ20007' });
    const elsewhere = anEvent({ cameraId: 'door', at: at(HOUR) });

    it('come newest first, and those of one moment the last added first', async () => {
      await store.addEvents([obtained, proven]);
      await store.addEvents([elsewhere, promoted, handedOver]);
      await store.addEvents([failed]);
      expect(await store.eventsOf('gate', { limit: 10 })).toEqual([failed, handedOver, promoted, proven, obtained]);
      expect(await store.eventsOf('door', { limit: 10 })).toEqual([elsewhere]);
      expect(await store.eventsOf('nobody', { limit: 10 })).toEqual([]);
    });

    it('that come late have the place of their moment', async () => {
      await store.addEvents([failed]);
      await store.addEvents([proven]);
      await store.addEvents([obtained]);
      expect(await store.eventsOf('gate', { limit: 10 })).toEqual([failed, proven, obtained]);
    });

    it('are kept once, however often they are told', async () => {
      await store.addEvents([]);
      await store.addEvents([obtained, proven, obtained]);
      const again = { ...obtained, at: at(9 * DAY), message: 'Told again.' };
      await store.addEvents([again, promoted, proven]);
      expect(await store.eventsOf('gate', { limit: 10 })).toEqual([promoted, proven, obtained]);
    });

    it('are kept once when two tell them at the same time', async () => {
      const other = await harness.open();
      const events = Array.from({ length: 50 }, (_, index) => anEvent({ revision: index, at: at(index) }));
      await Promise.all([store.addEvents(events), other.addEvents(events), store.addEvents([...events].reverse())]);
      expect(await store.eventsOf('gate', { limit: 100 })).toEqual([...events].reverse());
    });

    it('can be read page by page', async () => {
      const events = Array.from({ length: 25 }, (_, index) =>
        // Five of each moment: a page ends among them.
        anEvent({ revision: index, at: at(Math.floor(index / 5) * SECOND) }),
      );
      await store.addEvents(events);
      const seen: LeaseEvent[] = [];
      let page = await store.eventsOf('gate', { limit: 7 });
      while (page.length > 0) {
        expect(page.length).toBeLessThanOrEqual(7);
        seen.push(...page);
        page = await store.eventsOf('gate', { limit: 7, before: page.at(-1)?.id ?? '' });
      }
      expect(seen).toEqual([...events].reverse());
      expect(await store.eventsOf('gate', { limit: 7, before: 'nothing' })).toEqual([]);
      expect(await store.eventsOf('gate', { limit: 0 })).toEqual([]);
    });

    it('of all cameras can be followed in the order in which they were added', async () => {
      await store.addEvents([obtained, elsewhere]);
      await store.addEvents([failed, proven]);
      expect(await store.eventsAfter(obtained.id, 10)).toEqual([elsewhere, failed, proven]);
      expect(await store.eventsAfter(obtained.id, 2)).toEqual([elsewhere, failed]);
      expect(await store.eventsAfter(failed.id, 10)).toEqual([proven]);
      expect(await store.eventsAfter(proven.id, 10)).toEqual([]);
      expect(await store.eventsAfter(obtained.id, 0)).toEqual([]);
      for (const id of ['nothing', '', '{"$gt":""}', '$gt']) expect(await store.eventsAfter(id, 10)).toEqual([]);
    });

    it('are dropped when they are older', async () => {
      await store.addEvents([obtained, proven, promoted, failed, elsewhere]);
      await store.dropEventsBefore(at(HOUR));
      expect(await store.eventsOf('gate', { limit: 10 })).toEqual([failed, promoted, proven]);
      expect(await store.eventsAfter(obtained.id, 10)).toEqual([]);
      expect(await store.eventsOf('gate', { limit: 10, before: obtained.id })).toEqual([]);
      await store.dropEventsBefore(at(9 * DAY));
      expect(await store.eventsOf('gate', { limit: 10 })).toEqual([]);
      expect(await store.eventsOf('door', { limit: 10 })).toEqual([]);
      // The order goes on where it was, even when none is left.
      await store.addEvents([obtained, proven]);
      expect(await store.eventsAfter(obtained.id, 10)).toEqual([proven]);
    });

    it('are many, added and dropped at a time', async () => {
      const events = Array.from({ length: 4500 }, (_, index) => anEvent({ revision: index, at: at(index) }));
      await store.addEvents(events);
      expect(await store.eventsOf('gate', { limit: 5000 })).toEqual([...events].reverse());
      await store.dropEventsBefore(at(4400));
      expect(await store.eventsOf('gate', { limit: 5000 })).toEqual(events.slice(4400).reverse());
    }, 60_000);

    it('stay when the camera is deleted and when the store is opened again', async () => {
      const { id } = await store.create(aNewCamera(), T0);
      const odd = anEvent({ cameraId: id, reason: '$gt', message: 'a.b {"$gt":""} 대문 \'; DROP TABLE events; --' });
      await store.addEvents([odd, anEvent({ cameraId: id, step: 'held', reason: 'watched' })]);
      await store.remove(id, T0);
      await store.close();
      const reopened = await harness.open();
      const kept = await reopened.eventsOf(id, { limit: 10 });
      expect(kept.map(({ step }) => step)).toEqual(['held', 'proven']);
      expect(kept[1]).toEqual(odd);
      await reopened.addEvents([anEvent({ cameraId: id, step: 'expired' })]);
      expect(await reopened.eventsAfter(odd.id, 10)).toMatchObject([{ step: 'held' }, { step: 'expired' }]);
    });
  });
}
