import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../simulator/clock/turnedClock.js';
import type { Pass } from '../../src/core/passes/pass.js';
import type { Store } from '../../src/store/store.js';
import { aCandidate, aFailure, aLease, at, DAY, HOUR, SOUND_TRACKS, T0 } from '../support/builders.js';
import type { StoreHarness } from '../support/store/storeHarness.js';
import type { MakeHarness } from './cameraStore.contract.js';
import { aDiscovered, aNewCamera, aPlan, aPromotion, claimOf } from './cameraStore.contract.js';

/** What every store promises about leases, claims and passes. */
export function describeLeases(name: string, makeHarness: MakeHarness): void {
  describe(`${name}: leases`, () => {
    let harness: StoreHarness;
    let store: Store;
    let id: string;
    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
      id = (await store.create(aNewCamera(), T0)).id;
    });
    afterEach(() => harness.close());

    it('puts a first lease in force at once, and its URL into rtmpPath', async () => {
      const lease = aLease({ proof: 'pending', provenAt: null });
      const leased = await store.saveLease(await claimOf(store, id), lease, T0);
      expect(leased).toMatchObject({ lease, candidate: null, lastRevision: 1, failure: null });
      expect(await store.get(id)).toEqual(leased);
      expect(await harness.readByHand(id)).toMatchObject({ rtmpPath: lease.url, hikvisionDeviceSerial: 'AB1234567' });
    });

    it('retires a dead lease that is replaced', async () => {
      await store.saveLease(await claimOf(store, id), aLease(), T0);
      const next = aLease({ revision: 2, obtainedAt: at(8 * DAY) });
      const leased = await store.saveLease(await claimOf(store, id), next, at(8 * DAY));
      expect(leased).toMatchObject({ lease: { revision: 2 }, retiredUrlIds: ['1'] });
      expect(await store.update(id, { retiredUrlIds: [] }, T0)).toMatchObject({ retiredUrlIds: [] });
    });

    it('keeps the old lease while a candidate waits, and promotes it by its revision', async () => {
      await store.saveLease(await claimOf(store, id), aLease(), T0);
      const waiting = await store.saveCandidate(await claimOf(store, id), aCandidate(), at(5 * DAY));
      expect(waiting).toMatchObject({ lease: { revision: 1 }, candidate: aCandidate(), lastRevision: 2 });
      expect(await store.promote([aPromotion(id, { revision: 1 })], T0)).toEqual([]);
      expect(await store.promote([aPromotion(id, { revision: 3 })], T0)).toEqual([]);
      const [promoted] = await store.promote([aPromotion(id, { tracks: SOUND_TRACKS })], at(5 * DAY + HOUR));
      expect(promoted).toMatchObject({
        lease: { ...aCandidate(), proof: 'proven', provenAt: at(5 * DAY + HOUR), tracks: SOUND_TRACKS },
        candidate: null,
        retiredUrlIds: ['1'],
      });
      expect(await store.promote([aPromotion(id)], T0)).toEqual([]);
      expect(await harness.readByHand(id)).toMatchObject({ rtmpPath: aCandidate().url });
      expect(await store.get(id)).toEqual(promoted);
    });

    it('rejects a candidate by its revision and never uses the number again', async () => {
      await store.saveLease(await claimOf(store, id), aLease(), T0);
      await store.saveCandidate(await claimOf(store, id), aCandidate(), at(5 * DAY));
      const failure = aFailure({ code: 'STREAM_NO_PICTURE' });
      expect(await store.reject(id, 1, failure, T0)).toBeNull();
      const rejected = await store.reject(id, 2, failure, at(5 * DAY));
      expect(rejected).toMatchObject({ lease: { revision: 1 }, candidate: null, failure, retiredUrlIds: ['2'] });
      const again = await store.saveCandidate(await claimOf(store, id), aCandidate({ revision: 2 }), at(5 * DAY));
      expect(again).toMatchObject({ candidate: { revision: 3 }, lastRevision: 3, failure });
    });

    it('records what a proof of the lease in force said, by its revision', async () => {
      await store.saveLease(await claimOf(store, id), aLease({ proof: 'pending', provenAt: null }), T0);
      const failure = aFailure({ code: 'STREAM_NO_PICTURE' });
      expect(await store.recordProof(id, 9, { proof: 'proven', failure: null, tracks: null }, T0)).toBeNull();
      const failed = await store.recordProof(id, 1, { proof: 'failed', failure, tracks: null }, at(HOUR));
      expect(failed).toMatchObject({ lease: { proof: 'failed', provenAt: at(HOUR) }, failure });
      const said = { proof: 'proven', failure: null, tracks: SOUND_TRACKS } as const;
      const proven = await store.recordProof(id, 1, said, at(2 * HOUR));
      expect(proven).toMatchObject({ lease: { proof: 'proven', provenAt: at(2 * HOUR) }, failure: null });
      expect(proven?.lease?.tracks).toEqual(SOUND_TRACKS);
      const again = await store.recordProof(id, 1, { ...said, tracks: null }, at(3 * HOUR));
      expect(again?.lease).toMatchObject({ provenAt: at(3 * HOUR), tracks: SOUND_TRACKS });
      expect(await store.get(id)).toEqual(again);
    });

    it('keeps lease and candidate when a renewal fails', async () => {
      await store.saveLease(await claimOf(store, id), aLease(), T0);
      const failed = await store.saveFailure(await claimOf(store, id), aFailure(), at(5 * DAY));
      expect(failed).toMatchObject({ lease: { revision: 1 }, failure: aFailure() });
      const renewed = await store.saveCandidate(await claimOf(store, id), aCandidate(), at(5 * DAY));
      expect(renewed.failure).toBeNull();
    });

    it('takes the promotion of one of two that promote at the same time', async () => {
      await store.saveLease(await claimOf(store, id), aLease(), T0);
      await store.saveCandidate(await claimOf(store, id), aCandidate(), T0);
      const other = await harness.open();
      const unproven = aPromotion(id, { proof: 'unproven' });
      const both = await Promise.all([store.promote([aPromotion(id)], T0), other.promote([unproven], T0)]);
      expect(both.flat()).toHaveLength(1);
    });
  });

  describe(`${name}: claims`, () => {
    let harness: StoreHarness;
    let store: Store;
    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });
    afterEach(() => harness.close());

    it('stand while their owner works, against itself and against others', async () => {
      const { id } = await store.create(aNewCamera(), T0);
      const other = await harness.open();
      const claim = await claimOf(store, id);
      expect(claim).toMatchObject({ owner: 'owner-a', fence: 1 });
      expect(await store.claim('owner-a', [id])).toEqual([]);
      expect(await other.claim('owner-b', [id])).toEqual([]);
      await store.release([claim]);
      expect(await other.claim('owner-b', [id])).toMatchObject([{ owner: 'owner-b', fence: 2 }]);
    });

    it('are free for their owner at once when it died and came back', async () => {
      const { id } = await store.create(aNewCamera(), T0);
      const lost = await claimOf(store, id);
      const reborn = await harness.open();
      const claim = await claimOf(reborn, id, 'owner-a');
      expect(claim.fence).toBe(2);
      await expect(store.saveLease(lost, aLease(), T0)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
      expect(await reborn.saveLease(claim, aLease(), T0)).toMatchObject({ lease: { revision: 1 } });
    });

    it('of a life before are given back, and those that are worked on are not', async () => {
      await store.saveDiscovered(aPlan({ create: [aDiscovered(1), aDiscovered(2)] }), T0);
      const [left, busy] = [aDiscovered(1).id, aDiscovered(2).id];
      await claimOf(store, left);
      const [reborn, other] = [await harness.open(), await harness.open()];
      await claimOf(reborn, busy, 'owner-a');
      expect(await other.claim('owner-b', [left, busy])).toEqual([]);
      await reborn.releaseStray('owner-a');
      expect(await other.claim('owner-b', [left, busy])).toMatchObject([{ camera: { id: left }, fence: 2 }]);
    });

    it('go to another owner once the beat of theirs stood still for 15 s, whatever the wall clocks say', async () => {
      const clock = new TurnedClock();
      const { id } = await store.create(aNewCamera(), T0);
      const other = await harness.open({ clock });
      const claim = await claimOf(store, id);
      const tryToTake = (): Promise<unknown[]> => other.claim('owner-b', [id]);
      expect(await tryToTake()).toEqual([]);
      clock.jumpWallClock(DAY);
      expect(await tryToTake()).toEqual([]);
      await clock.advance(14_999);
      expect(await tryToTake()).toEqual([]);
      await store.heartbeat('owner-a');
      await clock.advance(1);
      expect(await tryToTake()).toEqual([]);
      await clock.advance(14_999);
      expect(await tryToTake()).toEqual([]);
      await clock.advance(1);
      const [taken] = await other.claim('owner-b', [id]);
      expect(taken).toMatchObject({ owner: 'owner-b', fence: claim.fence + 1 });

      // The old owner wakes up: too late.
      await store.heartbeat('owner-a');
      for (const save of [
        () => store.saveLease(claim, aLease(), T0),
        () => store.saveCandidate(claim, aLease(), T0),
        () => store.saveFailure(claim, aFailure(), T0),
      ]) {
        await expect(save()).rejects.toMatchObject({ code: 'CLAIM_LOST' });
      }
      await store.release([claim]);
      expect(await store.get(id)).toMatchObject({ lease: null, failure: null });
      expect(await store.claim('owner-a', [id])).toEqual([]);
    });

    it('are lost when the camera is deleted', async () => {
      const { id } = await store.create(aNewCamera(), T0);
      const claim = await claimOf(store, id);
      await store.remove(id, T0);
      await expect(store.saveLease(claim, aLease(), T0)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
      expect(await store.get(id)).toBeNull();
    });

    it('never give one camera to two, however many ask at a time', async () => {
      const create = Array.from({ length: 120 }, (_, n) => aDiscovered(n + 1));
      await store.saveDiscovered(aPlan({ create }), T0);
      const wanted = create.map(({ id }) => id);
      const other = await harness.open();
      const given = await Promise.all([
        ...[1, 2, 3].map(() => store.claim('owner-a', wanted)),
        ...[1, 2, 3].map(() => other.claim('owner-b', wanted)),
      ]);
      const ids = given.flat().map(({ camera }) => camera.id);
      expect(ids.length).toBeGreaterThanOrEqual(50);
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  describe(`${name}: passes`, () => {
    let harness: StoreHarness;
    let store: Store;
    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });
    afterEach(() => harness.close());

    const aPass = (id: string, more: Partial<Pass> = {}): Pass => ({
      id,
      job: 'renew',
      state: 'running',
      startedAt: T0,
      endedAt: null,
      total: 2,
      done: 1,
      failed: 0,
      skipped: 0,
      report: null,
      error: null,
      ...more,
    });

    it('are kept with their report', async () => {
      const failed = [{ cameraId: 'c', code: '$gt', message: 'a.b', cure: '{"$gt":""}' }];
      const report = { success: true, renewed: 1, held: 0, skipped: 0, failed, pass: 'p2' };
      const ended = aPass('p2', { startedAt: at(HOUR), endedAt: at(2 * HOUR), state: 'succeeded', report });
      await store.savePass(aPass('p1'), 'owner-a');
      await store.savePass(aPass('p2', { startedAt: at(HOUR) }), 'owner-a');
      await store.savePass(ended, 'owner-a');
      expect(await store.getPass('p2')).toEqual(ended);
      expect(await store.getPass('p3')).toBeNull();
      expect(await store.getPass('p1')).toEqual(aPass('p1'));
    });

    it('that died with their owner become failed', async () => {
      await store.savePass(aPass('p1'), 'owner-a');
      await store.savePass(aPass('p2'), 'owner-b');
      await store.savePass(aPass('p3', { state: 'succeeded' }), 'owner-a');
      expect(await store.interruptPasses('owner-a', at(HOUR))).toBe(1);
      expect(await store.getPass('p1')).toMatchObject({
        state: 'failed',
        endedAt: at(HOUR),
        error: { code: 'PASS_INTERRUPTED' },
      });
      expect(await store.getPass('p2')).toMatchObject({ state: 'running' });
    });

    it('are kept up to the newest 500', async () => {
      for (let n = 0; n < 503; n++) {
        await store.savePass(aPass(`p${String(n)}`, { startedAt: at(n), state: n < 502 ? 'running' : 'failed' }), 'o');
      }
      const passes = await Promise.all(Array.from({ length: 503 }, (_, n) => store.getPass(`p${String(n)}`)));
      expect(passes.map((pass) => pass !== null)).toEqual(passes.map((_, n) => n >= 3));
    });
  });
}
