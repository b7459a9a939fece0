import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  aDiscovered,
  aNewCamera,
  aPlan,
  aPromotion,
  aSource,
  claimOf,
} from '../../../test/contracts/cameraStore.contract.js';
import { aLease, at, DAY, T0 } from '../../../test/support/builders.js';
import type { StoreHarness } from '../../../test/support/store/storeHarness.js';
import { sqliteHarness } from '../../../test/support/store/storeHarness.js';
import type { Camera } from '../../core/camera/camera.js';
import type { Store } from '../store.js';
import { CachedCameraStore } from './cachedCameraStore.js';
import type { CameraEvent } from '../../core/camera/cameraEvent.js';

/** Holds a method's answer back until `open` is called, so that a test can act in between. */
function gated(store: Store, method: 'all' | 'update'): { store: Store; reached: Promise<void>; open: () => void } {
  const reached = new EventEmitter();
  const whenReached = once(reached, 'reached').then(() => undefined);
  const whenOpen = once(reached, 'open');
  const held = async <T>(answer: Promise<T>): Promise<T> => {
    const value = await answer;
    reached.emit('reached');
    await whenOpen;
    return value;
  };
  const all = (): Promise<Camera[]> => held(store.all());
  const update: Store['update'] = (id, change, now) => held(store.update(id, change, now));
  const proxy = new Proxy(store, {
    get(target, name) {
      if (name === method) return method === 'all' ? all : update;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { store: proxy, reached: whenReached, open: () => void reached.emit('open') };
}

describe('cameras in memory', () => {
  let harness: StoreHarness;
  let database: Store;
  let cached: CachedCameraStore;
  let events: string[];
  beforeEach(async () => {
    harness = await sqliteHarness();
    database = await harness.open();
    cached = new CachedCameraStore(database);
    await cached.open();
    events = [];
    cached.onChange((event: CameraEvent) => {
      events.push('camera' in event ? event.camera.name : `gone: ${event.removed}`);
    });
  });
  afterEach(() => harness.close());

  it('are there at once, sorted, and told of when they change', async () => {
    const b = await cached.create(aNewCamera({ name: 'B' }), T0);
    const a = await cached.create(aNewCamera({ name: 'A', source: aSource({ channel: 2 }) }), T0);
    expect(cached.peekAll()).toEqual([a, b]);
    expect(cached.peekAll()).toBe(cached.peekAll());
    await cached.update(b.id, { name: '0' }, T0);
    expect(cached.peekAll().map(({ name }) => name)).toEqual(['0', 'A']);
    await cached.remove(a.id, T0);
    expect(cached.peek(a.id)).toBeNull();
    expect(cached.count).toBe(1);
    expect(events).toEqual(['B', 'A', '0', `gone: ${a.id}`]);
  });

  it('follow each step of a lease', async () => {
    const { id } = await cached.create(aNewCamera(), T0);
    await cached.saveLease(await claimOf(cached, id), aLease(), T0);
    expect(cached.peek(id)?.lease?.revision).toBe(1);
    await cached.saveCandidate(await claimOf(cached, id), aLease({ revision: 2 }), T0);
    expect(cached.peek(id)?.candidate?.revision).toBe(2);
    await cached.promote([aPromotion(id)], T0);
    expect(cached.peek(id)?.lease?.revision).toBe(2);
    await database.recordProof(id, 2, { proof: 'failed', failure: null, tracks: null }, at(DAY));
    expect(await cached.promote([aPromotion(id)], T0)).toEqual([]);
    expect(cached.peek(id)?.lease?.proof).toBe('failed');
  });

  it('follow many promotions, each told once, and see those that were not made', async () => {
    const ids: string[] = [];
    for (let channel = 1; channel <= 30; channel++) {
      const { id } = await cached.create(aNewCamera({ name: `C${String(channel)}`, source: aSource({ channel }) }), T0);
      await cached.saveLease(await claimOf(cached, id), aLease(), T0);
      await cached.saveCandidate(await claimOf(cached, id), aLease({ revision: 2 }), T0);
      ids.push(id);
    }
    const promotions = ids.map((id) => aPromotion(id));
    const behind = new CachedCameraStore(database);
    await behind.refresh();
    events = [];
    const [first, ...others] = promotions;
    expect(await database.promote(first ? [first] : [], T0)).toHaveLength(1);
    const promoted = await cached.promote(promotions, T0);
    expect(promoted.map(({ id }) => id).sort()).toEqual(others.map(({ id }) => id).sort());
    expect([...events].sort()).toEqual(ids.map((_, index) => `C${String(index + 1)}`).sort());
    for (const id of ids) expect(cached.peek(id)).toMatchObject({ lease: { revision: 2 }, candidate: null });
    expect(await behind.promote(promotions, T0)).toEqual([]);
    for (const id of ids) expect(behind.peek(id)).toEqual(cached.peek(id));
  });

  it('wait with a promotion for a write of one of its cameras, and with a write for the promotion', async () => {
    const { id } = await database.create(aNewCamera(), T0);
    const other = await database.create(aNewCamera({ name: 'Other', source: aSource({ channel: 2 }) }), T0);
    for (const one of [id, other.id]) {
      await database.saveLease(await claimOf(database, one), aLease(), T0);
      await database.saveCandidate(await claimOf(database, one), aLease({ revision: 2 }), T0);
    }
    const gate = gated(database, 'update');
    const racing = new CachedCameraStore(gate.store);
    await racing.refresh();
    const steps: string[] = [];
    racing.onChange((event) => {
      if ('camera' in event) steps.push(`${event.camera.name} ${String(event.camera.lease?.revision)}`);
    });
    const written = racing.update(id, { name: 'Before' }, T0);
    await gate.reached;
    const promoted = racing.promote([aPromotion(id), aPromotion(other.id)], T0);
    const after = racing.recordProof(other.id, 2, { proof: 'failed', failure: null, tracks: null }, at(DAY));
    const refreshed = racing.refresh();
    expect((await database.get(other.id))?.lease?.revision).toBe(1);
    gate.open();
    await Promise.all([written, promoted, after, refreshed]);
    expect(steps.slice(0, 1)).toEqual(['Before 1']);
    expect(steps).toContain('Before 2');
    expect(racing.peek(id)).toMatchObject({ name: 'Before', lease: { revision: 2, proof: 'proven' } });
    expect(racing.peek(other.id)).toMatchObject({ lease: { revision: 2, proof: 'failed' } });
  });

  it('are right after a refresh that ran while many were promoted', async () => {
    const create = Array.from({ length: 40 }, (_, n) => aDiscovered(n + 1));
    await database.saveDiscovered(aPlan({ create }), T0);
    for (const claim of await database.claim(
      'o',
      create.map(({ id }) => id),
    )) {
      await database.saveLease(claim, aLease(), T0);
    }
    for (const claim of await database.claim(
      'o',
      create.map(({ id }) => id),
    )) {
      await database.saveCandidate(claim, aLease({ revision: 2 }), T0);
    }
    const gate = gated(database, 'all');
    const racing = new CachedCameraStore(gate.store);
    const refreshed = racing.refresh();
    await gate.reached;
    await racing.promote(
      create.map(({ id }) => aPromotion(id)),
      T0,
    );
    await harness.setByHand(create[7]?.id ?? '', { name: 'Newest, by hand' });
    gate.open();
    await refreshed;
    expect(racing.count).toBe(40);
    expect(racing.peekAll().every(({ lease }) => lease?.revision === 2)).toBe(true);
    expect(racing.peek(create[7]?.id ?? '')?.name).toBe('Newest, by hand');
  });

  it('see what others wrote at the next refresh, and nothing is told twice', async () => {
    const { id } = await database.create(aNewCamera(), T0);
    const second = await database.create(aNewCamera({ name: 'Second', source: aSource({ channel: 2 }) }), T0);
    expect(cached.peek(id)).toBeNull();
    await cached.refresh();
    const before = cached.peek(id);
    await cached.refresh();
    expect(cached.peek(id)).toBe(before);
    await database.remove(second.id, T0);
    await cached.refresh();
    expect(events).toEqual(['Gate', 'Second', `gone: ${second.id}`]);
  });

  it('learn of what discovery saved, be it little or much', async () => {
    await cached.saveDiscovered(aPlan({ create: [aDiscovered(1)] }), T0);
    expect(cached.count).toBe(1);
    await cached.saveDiscovered(aPlan({ create: Array.from({ length: 60 }, (_, n) => aDiscovered(n + 1)) }), T0);
    expect(cached.count).toBe(60);
    expect(events).toHaveLength(60);
  });

  it('keep a write that is made while a refresh reads', async () => {
    const { id } = await database.create(aNewCamera(), T0);
    const other = await database.create(aNewCamera({ name: 'Other', source: aSource({ channel: 2 }) }), T0);
    const gate = gated(database, 'all');
    const racing = new CachedCameraStore(gate.store);
    const refreshed = racing.refresh();
    await gate.reached;
    await racing.update(id, { name: 'Written meanwhile' }, T0);
    await racing.remove(other.id, T0);
    const third = await racing.create(aNewCamera({ name: 'Third', source: aSource({ channel: 3 }) }), T0);
    gate.open();
    await refreshed;
    expect(racing.peekAll().map(({ name }) => name)).toEqual(['Third', 'Written meanwhile']);
    expect(racing.peek(third.id)).toEqual(third);
  });

  it('end up with the newest when a refresh overtakes the answer of a write', async () => {
    const { id } = await database.create(aNewCamera(), T0);
    const gate = gated(database, 'update');
    const racing = new CachedCameraStore(gate.store);
    await racing.refresh();
    const written = racing.update(id, { name: 'Ours' }, T0);
    await gate.reached;
    await database.recordProof(id, 1, { proof: 'proven', failure: null, tracks: null }, T0);
    await harness.setByHand(id, { name: 'Newest, by hand' });
    const refreshed = racing.refresh();
    gate.open();
    await Promise.all([written, refreshed]);
    expect(racing.peek(id)?.name).toBe('Newest, by hand');
  });

  it('can be read while the database is away', async () => {
    const camera = await cached.create(aNewCamera(), T0);
    await database.close();
    await expect(cached.ping()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await expect(cached.refresh()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(cached.peekAll()).toEqual([camera]);
    await database.open();
    await cached.refresh();
    expect(cached.peekAll()).toEqual([camera]);
  });
});
