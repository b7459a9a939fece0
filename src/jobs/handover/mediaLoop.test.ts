import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import { goodProof } from '../../../test/support/engine/fakeEngine.js';
import { jobsRig, type JobsRig } from '../../../test/support/jobsRig.js';
import { sleep } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { ApplyGap } from './applyGap.js';

const away = new AppError('ENGINE_UNREACHABLE', 'MediaMTX does not answer.');

function rigOf(cameras: number): Promise<JobsRig> {
  const listed = Array.from({ length: cameras }, (_, at) => aListedCamera(at + 1));
  return jobsRig({ clouds: (clock) => [new FakeCloud(clock, 'hikvision', listed)] });
}

describe('the media loop', () => {
  it('tells the engine at once of a camera that is asked for, and leaves the rest for later', async () => {
    const rig = await rigOf(60);
    rig.jobs.initialize();
    await rig.clock.advance(8_000);
    const waiting = rig.store.peekAll().filter(({ id, lease }) => lease && rig.engine.revisionOf(id) === null);
    expect(waiting.length).toBeGreaterThan(5);
    const [camera] = waiting;
    if (!camera) return;
    const applied = rig.engine.applied.length;
    rig.jobs.urgent(camera.id);
    await rig.clock.advance(0);
    expect(rig.engine.revisionOf(camera.id)).toBe(1);
    expect(rig.engine.applied).toHaveLength(applied + 1);
    rig.jobs.urgent(camera.id);
    await rig.clock.advance(0);
    expect(rig.engine.applied).toHaveLength(applied + 1);
  });

  it('tells an engine that has lost everything at once', async () => {
    const rig = await rigOf(20);
    await rig.end(rig.jobs.initialize());
    rig.engine.reset();
    await rig.clock.advance(0);
    expect(rig.engine.applied.at(-1)?.size).toBe(20);
  });

  it('goes on trying while the engine is away, and says so once', async () => {
    const rig = await rigOf(5);
    rig.engine.away = away;
    await rig.end(rig.jobs.initialize());
    await rig.clock.advance(2 * MINUTE);
    expect(rig.jobs.status().loop).toMatchObject({ problem: 'MediaMTX does not answer.', served: 0 });
    expect(rig.warnings).toEqual([
      'The media server did not accept the list of cameras; camlease tries again: MediaMTX does not answer.',
    ]);
    rig.engine.away = null;
    await rig.clock.advance(16 * SECOND);
    expect(rig.engine.applied.at(-1)?.size).toBe(5);
    expect(rig.jobs.status().loop).toMatchObject({ problem: null, served: 5 });
    await rig.clock.advance(MINUTE);
    expect(rig.store.peekAll().map(({ lease }) => lease?.proof)).toEqual(Array<string>(5).fill('proven'));
  });

  it("looks at first leases within the account's stream budget", async () => {
    const rig = await rigOf(12);
    const takesFourSeconds = async (): Promise<typeof goodProof> => {
      await sleep(rig.clock, 4_000);
      return goodProof;
    };
    await rig.end(rig.jobs.initialize());
    rig.engine.provingAtMost = 0;
    for (const { id } of rig.store.peekAll()) rig.engine.proofs.set(id, takesFourSeconds);
    await rig.end(rig.jobs.renew({ force: true }));
    expect(rig.engine.provingAtMost).toBe(3);
    expect(rig.store.peekAll().map(({ lease }) => lease?.revision)).toEqual(Array<number>(12).fill(2));
  });

  it('goes on from memory while the store is away', async () => {
    const rig = await rigOf(3);
    await rig.end(rig.jobs.initialize());
    await rig.clock.advance(SECOND);
    rig.storeAway(true);
    rig.engine.reset();
    await rig.clock.advance(SECOND);
    expect(rig.engine.applied.at(-1)?.size).toBe(3);
    const pass = await rig.end(rig.jobs.initialize());
    expect(pass).toMatchObject({ state: 'failed', error: { code: 'STORE_UNREACHABLE' } });
    await rig.clock.advance(10 * SECOND);
    rig.storeAway(false);
    await rig.clock.advance(10 * SECOND);
    expect(rig.warnings.some((line) => line.includes('goes on from memory'))).toBe(true);
    expect(await rig.end(rig.jobs.initialize())).toMatchObject({ state: 'succeeded' });
  });

  it('takes a deleted camera off the engine', async () => {
    const rig = await rigOf(2);
    await rig.end(rig.jobs.initialize());
    const { id } = rig.camera('Camera 1');
    await rig.store.remove(id, rig.clock.now());
    await rig.clock.advance(10 * SECOND);
    expect(rig.engine.revisionOf(id)).toBeNull();
    expect(rig.engine.applied.at(-1)?.size).toBe(1);
  });
});

describe('the gap between two rewrites', () => {
  /** When changes that never stop are applied (s). */
  function moments(untilMs: number, longestMs?: number): number[] {
    const gap = new ApplyGap();
    const applied: number[] = [];
    for (let nowMs = 0; nowMs <= untilMs; nowMs += 200) {
      if (nowMs < gap.opensAtMs()) continue;
      gap.applied(nowMs, longestMs);
      applied.push(nowMs / 1000);
    }
    return applied;
  }

  it('doubles up to 128 s while changes keep coming', () => {
    expect(moments(600_000)).toEqual([0, 4, 12, 28, 60, 124, 252, 380, 508]);
  });

  it('stays short where leases are short', () => {
    expect(moments(20_000, 6_000)).toEqual([0, 4, 10, 16]);
  });

  it('is over after a quiet time', () => {
    const gap = new ApplyGap();
    for (const nowMs of [0, 4_000, 12_000]) gap.applied(nowMs);
    expect(gap.opensAtMs()).toBe(28_000);
    gap.applied(120_000);
    expect(gap.opensAtMs()).toBe(124_000);
  });
});
