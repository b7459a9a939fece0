import { afterEach, beforeEach, expect, it } from 'vitest';
import { T0 } from '../../../test/support/builders.js';
import { sqliteHarness, type StoreHarness } from '../../../test/support/store/storeHarness.js';
import type { NewCamera } from '../cameraStore.js';
import type { Store } from '../store.js';
import { CachedCameraStore } from '../memory/cachedCameraStore.js';

let harness: StoreHarness;
let other: Store;
let store: CachedCameraStore;

const camera = (id: string): NewCamera => ({
  id,
  name: id,
  source: { kind: 'cloud', vendor: 'hikconnect', account: 'north', deviceSerial: id, channel: 1, resourceId: '' },
});

beforeEach(async () => {
  harness = await sqliteHarness();
  other = await harness.open();
  store = new CachedCameraStore(await harness.open());
  await store.open();
});
afterEach(() => harness.close());

it('what another process wrote is told once, and all ids there are', async () => {
  await other.create(camera('gate'), T0);
  await other.create(camera('yard'), T0);
  await store.changes();
  expect((await store.changes()).changed).toEqual([]);
  await other.update('gate', { name: 'The gate' }, T0);
  const { changed, ids } = await store.changes();
  expect(changed.map(({ name }) => name)).toEqual(['The gate']);
  expect([...ids].sort()).toEqual(['gate', 'yard']);
});

it('memory learns what another process added, changed in the very same millisecond, and deleted', async () => {
  await other.create(camera('gate'), T0);
  await store.refreshChanges();
  expect(store.peek('gate')?.labels).toEqual([]);
  await other.update('gate', { labels: ['north'] }, T0);
  await store.refreshChanges();
  expect(store.peek('gate')?.labels).toEqual(['north']);
  await other.remove('gate', T0);
  await store.refreshChanges();
  expect(store.peek('gate')).toBeNull();
});

it('a lease that was obtained under a claim that another process took meanwhile is refused', async () => {
  await other.create(camera('gate'), T0);
  const [stale] = await other.claim('first', ['gate']);
  if (!stale) throw new Error('no claim');
  await other.release([stale]);
  const [fresh] = await store.claim('second', ['gate']);
  expect(fresh?.fence).toBe(stale.fence + 1);
  const failure = {
    ...{ code: 'X', failureClass: 'retry' as const, message: '', cure: '', since: T0, at: T0 },
    ...{ attempts: 1, nextLookAt: T0 },
  };
  await expect(other.saveFailure(stale, failure, T0)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
});
