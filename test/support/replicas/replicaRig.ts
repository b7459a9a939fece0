import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { LeaseEvent } from '../../../src/core/handover/leaseEvents.js';
import { OwnershipByRecords } from '../../../src/jobs/replicas/ownershipByRecords.js';
import { createStore } from '../../../src/store/opening/createStore.js';
import type { RecordTable } from '../../../src/store/recordTable.js';
import { aListedCamera, FakeCloud } from '../clouds/fakeCloud.js';
import { jobsRig, type JobsRig, type RigOptions } from '../jobsRig.js';
import { seededRandom } from '../store/storeHarness.js';
import { vendorsWith } from '../clouds/vendors.js';

export const ACCOUNT = 'hikvision';

export interface Replica extends JobsRig {
  readonly ownership: OwnershipByRecords;
  /** This replica's way to the one account. */
  readonly cloud: FakeCloud;
  /** The steps that the replica's listeners got. */
  readonly heard: { readonly event: LeaseEvent; readonly isOurs: boolean }[];
  /** Stops the replica's clock, so that it does nothing more, like a dead one. */
  kill(): void;
}

export interface ReplicaHouse {
  /** Starts the next replica. `aheadMs`: how far its wall clock is ahead of the others'. */
  readonly start: (owner: string, options?: { readonly aheadMs?: number } & Partial<RigOptions>) => Promise<Replica>;
  /** Lets time pass for all living replicas. */
  readonly pass: (ms: number) => Promise<void>;
  readonly records: RecordTable;
}

/** Replicas with one account on one SQLite file; each has its own clock, engine and fake cloud. */
export async function replicaHouse(cameras = 1): Promise<ReplicaHouse> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-replicas-'));
  const clocks = new Set<TurnedClock>();
  const opened = async (clock: TurnedClock) => {
    const log = { warn: () => undefined };
    const store = createStore({
      mongodbUri: null,
      dataDir,
      vendors: vendorsWith(),
      clock,
      random: seededRandom(),
      log,
    });
    await store.open();
    onTestFinished(() => store.close());
    return store;
  };
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const { records } = await opened(new TurnedClock());
  return {
    records,
    async start(owner, { aheadMs = 0, ...options } = {}) {
      const clock = new TurnedClock();
      clock.jumpWallClock(aheadMs);
      const store = await opened(clock);
      const ownership = new OwnershipByRecords({
        ...{ clock, owner, records: store.records, accounts: [ACCOUNT] },
        log: { info: () => undefined, warn: () => undefined, debug: () => undefined },
        livingOthers: (self) => store.livingOthers(self),
        marker: () => Promise.resolve({ name: 'media-1', fence: 0 }),
      });
      await ownership.start();
      onTestFinished(() => ownership.stop());
      const listed = Array.from({ length: cameras }, (_, index) => aListedCamera(index + 1));
      const cloud = new FakeCloud(clock, ACCOUNT, listed);
      const rig = await jobsRig({
        ...{ clock, owner, ownership, dataDir, isAlone: false, ticks: { renew: 1_000 }, clouds: () => [cloud] },
        ...options,
      });
      rig.engine.markerName = 'media-1';
      clocks.add(clock);
      const heard: Replica['heard'] = [];
      rig.jobs.events.onEvent((event, isOurs) => void heard.push({ event, isOurs }));
      return { ...rig, ownership, cloud, heard, kill: () => void clocks.delete(clock) };
    },
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += 500)
        await Promise.all([...clocks].map((clock) => clock.advance(Math.min(500, ms - passed))));
    },
  };
}
