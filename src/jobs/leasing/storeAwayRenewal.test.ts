import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud, refused } from '../../../test/support/clouds/fakeCloud.js';
import { jobsRig, type JobsRig, type RigOptions } from '../../../test/support/jobsRig.js';
import type { Lease } from '../../core/camera/lease.js';
import { JOURNAL_FILE } from '../../store/memory/journal.js';

/** A rig whose database other processes may write to, as with MongoDB. */
async function rigOf(cameras: number, more: Partial<RigOptions> = {}): Promise<{ rig: JobsRig; clouds: FakeCloud[] }> {
  const clouds: FakeCloud[] = [];
  const listed = Array.from({ length: cameras }, (_, at) => aListedCamera(at + 1));
  const rig = await jobsRig({
    clouds: (clock) => {
      clouds.push(new FakeCloud(clock, 'hikvision', listed, { vendor: 'ezviz' }));
      return clouds.slice(-1);
    },
    isAlone: false,
    ticks: { renew: 10 * SECOND },
    ...more,
  });
  await rig.end(rig.jobs.initialize());
  await rig.clock.advance(10 * SECOND);
  return { rig, clouds };
}

const revisions = (rig: JobsRig): (number | undefined)[] => rig.store.peekAll().map(({ lease }) => lease?.revision);

describe('a store that is away', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'camlease-away-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const journal = (): string => readFileSync(path.join(folder, JOURNAL_FILE), 'utf8');

  it('for an hour costs no camera its lease: what is in its last hours is renewed once and used at once', async () => {
    const { rig, clouds } = await rigOf(3, { dataDir: folder });
    rig.storeAway(true);
    rig.clock.jumpWallClock(7 * DAY - 30 * MINUTE);
    await rig.clock.advance(2 * MINUTE);
    rig.clock.jumpWallClock(HOUR);
    await rig.clock.advance(2 * MINUTE);
    expect(revisions(rig)).toEqual([2, 2, 2]);
    expect(clouds[0]?.opened()).toHaveLength(6);
    for (const camera of rig.store.peekAll()) {
      expect(camera.lease?.expiresAt.getTime()).toBeGreaterThan(rig.clock.now().getTime());
      expect(rig.engine.revisionOf(camera.id)).toBe(2);
      expect(journal()).toContain(camera.lease?.url);
    }
    rig.storeAway(false);
    await rig.clock.advance(MINUTE);
    await rig.store.refresh();
    expect(revisions(rig)).toEqual([2, 2, 2]);
    expect(journal()).toBe('');
    expect(clouds[0]?.opened()).toHaveLength(6);
  });

  it('keeps back what can wait until it is back, and that it is away is said once', async () => {
    const { rig, clouds } = await rigOf(2);
    rig.storeAway(true);
    // The lease is due; it expires in a day and a half.
    rig.clock.jumpWallClock(5.5 * DAY);
    await rig.clock.advance(5 * MINUTE);
    expect(clouds[0]?.opened()).toHaveLength(2);
    expect(rig.warnings.filter((line) => line.includes('from memory'))).toHaveLength(1);
    rig.storeAway(false);
    await rig.clock.advance(MINUTE);
    expect(revisions(rig)).toEqual([2, 2]);
  });

  it('does nothing for an account that another replica owned last', async () => {
    let isOurs = true;
    const ownership = { account: () => isOurs, engine: () => true, onChange: () => () => undefined };
    const { rig, clouds } = await rigOf(2, { ownership });
    isOurs = false;
    const before = clouds[0]?.calls.length;
    rig.storeAway(true);
    rig.clock.jumpWallClock(7 * DAY - 30 * MINUTE);
    await rig.clock.advance(5 * MINUTE);
    expect(clouds[0]?.calls).toHaveLength(before ?? -1);
  });

  /** A lease that was obtained from memory, and the journal as it was then. */
  async function heldRig(): Promise<{ rig: JobsRig; clouds: FakeCloud[]; held: Lease | null; text: string }> {
    const { rig, clouds } = await rigOf(1, { dataDir: folder });
    rig.storeAway(true);
    rig.clock.jumpWallClock(7 * DAY + MINUTE);
    await rig.clock.advance(MINUTE);
    return { rig, clouds, held: rig.camera('Camera 1').lease, text: journal() };
  }

  it('has what the journal holds after the process was killed, once, however often it is told', async () => {
    const { rig, clouds, held, text } = await heldRig();
    expect(held?.revision).toBe(2);
    const again = await rig.killAndRestart();
    expect(again.camera('Camera 1').lease).toMatchObject({ revision: 2, url: held?.url });
    expect(journal()).toBe('');
    // As if camlease had been killed after the write to the database, and before the journal was emptied.
    appendFileSync(path.join(folder, JOURNAL_FILE), text);
    const third = await again.killAndRestart();
    const { lease, lastRevision, candidate, retiredUrlIds } = third.camera('Camera 1');
    expect({ url: lease?.url, lastRevision, candidate }).toEqual({ url: held?.url, lastRevision: 2, candidate: null });
    expect(retiredUrlIds).not.toContain(held?.urlId);
    expect(clouds.flatMap((cloud) => cloud.opened())).toHaveLength(2);
  });

  it('keeps what another process made of the camera meanwhile, and the journaled URL is given back', async () => {
    const { rig, clouds, held, text } = await heldRig();
    writeFileSync(path.join(folder, JOURNAL_FILE), '');
    const other = await rig.killAndRestart();
    await other.clock.advance(MINUTE);
    await other.end(other.jobs.renew({ force: true }));
    const newest = other.camera('Camera 1').lease;
    expect(newest?.url).not.toBe(held?.url);
    // The first process comes back with its journal; the cloud goes on numbering its URLs.
    appendFileSync(path.join(folder, JOURNAL_FILE), text.replaceAll('"urlId":"2"', '"urlId":"journaled"'));
    const third = await other.killAndRestart();
    expect(third.camera('Camera 1').lease?.url).toBe(newest?.url);
    expect(third.camera('Camera 1').retiredUrlIds).toContain('journaled');
    await third.clock.advance(MINUTE);
    const closed = clouds
      .at(-1)
      ?.calls.filter(({ kind }) => kind === 'close')
      .map(({ ref }) => ref);
    expect(closed).toContain('SN0000001_1 journaled');
  });

  it('gives a replaced URL back once, however long it is away', async () => {
    const { rig, clouds } = await rigOf(1, { dataDir: folder });
    const closed = (): number => clouds[0]?.calls.filter(({ kind }) => kind === 'close').length ?? 0;
    await rig.end(rig.jobs.renew({ force: true }));
    expect(rig.camera('Camera 1').retiredUrlIds).toHaveLength(1);
    rig.storeAway(true);
    await rig.clock.advance(10 * MINUTE);
    expect(closed()).toBe(1);
    expect(rig.warnings.filter((line) => line.includes('given back'))).toEqual([]);
    rig.storeAway(false);
    await rig.clock.advance(MINUTE);
    expect(closed()).toBe(1);
    expect(rig.camera('Camera 1').retiredUrlIds).toEqual([]);
  });

  it('loses no URL by going between the call and the write', async () => {
    const { rig, clouds } = await rigOf(1, { dataDir: folder });
    const [cloud] = clouds;
    const open = cloud?.openStream.bind(cloud);
    if (cloud && open) {
      cloud.openStream = async (...asked) => {
        const opened = await open(...asked);
        rig.storeAway(true);
        return opened;
      };
    }
    const { ended } = rig.jobs.renew({ force: true });
    // The journal has the lease at once: if camlease died before its next try of the store, the URL would be lost.
    await rig.clock.advance(SECOND / 2);
    expect(journal()).toContain('"revision":2');
    await rig.clock.advance(20 * SECOND);
    const { lease } = rig.camera('Camera 1');
    expect(lease?.revision).toBe(2);
    expect(journal()).toContain(lease?.url);
    rig.storeAway(false);
    await rig.clock.advance(MINUTE);
    await rig.clock.runUntil(ended);
    expect(journal()).toBe('');
    await rig.store.refresh();
    expect(rig.camera('Camera 1').lease?.url).toBe(lease?.url);
    expect(cloud?.opened()).toHaveLength(2);
  });

  it('does not make the cloud be asked without pause for a camera that fails', async () => {
    const { rig, clouds } = await rigOf(1);
    const [cloud] = clouds;
    cloud?.refusals.set('SN0000001_1', refused.timeout);
    rig.storeAway(true);
    rig.clock.jumpWallClock(7 * DAY - 30 * MINUTE);
    await rig.clock.advance(5 * MINUTE);
    const asked = (cloud?.opened().length ?? 0) - 1;
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThan(12);
    cloud?.refusals.clear();
    await rig.clock.advance(10 * MINUTE);
    expect(rig.camera('Camera 1')).toMatchObject({ lease: { revision: 2 }, failure: null });
  });
});
