import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import { goodProof } from '../../../test/support/engine/fakeEngine.js';
import { jobsRig } from '../../../test/support/jobsRig.js';
import { sleep } from '../../core/clock.js';

describe('leases of 90 seconds, as in the demo', () => {
  it('never leave the engine with an expired lease through five lives, watched or not', async () => {
    const listed = Array.from({ length: 9 }, (_, at) => aListedCamera(at + 1));
    const rig = await jobsRig({
      clouds: (clock) => [new FakeCloud(clock, 'hikvision', listed)],
      lifetimeSeconds: 90,
      ticks: { renew: 10 * SECOND },
    });
    await rig.end(rig.jobs.initialize());
    for (const [index, { id }] of rig.store.peekAll().entries()) {
      rig.engine.viewersOf.set(id, index % 3);
      rig.engine.proofs.set(id, async () => {
        await sleep(rig.clock, 4_000);
        return goodProof;
      });
    }
    const dark: string[] = [];
    for (let seconds = 0; seconds < 5 * 90; seconds++) {
      await rig.clock.advance(SECOND);
      for (const { id, name } of rig.store.peekAll()) {
        const served = rig.engine.applied.at(-1)?.get(id)?.inForce;
        if (!served?.endsAt || served.endsAt <= rig.clock.now()) dark.push(`${name} at ${seconds} s`);
      }
    }
    expect(dark).toEqual([]);
    for (const { lease } of rig.store.peekAll()) {
      expect(lease?.proof).toBe('proven');
      expect(lease?.revision).toBeGreaterThanOrEqual(6);
      expect(lease?.revision).toBeLessThanOrEqual(8);
    }
    expect(rig.warnings).toEqual([]);
  });
});
