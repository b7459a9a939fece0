import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../test/support/builders.js';
import { cloudRig } from '../../../test/support/clouds/cloudRig.js';
import { jobsRig } from '../../../test/support/jobsRig.js';

describe('initialize through the real clients', () => {
  it('leases 1,200 cameras in three pages at the pace of the account', async () => {
    const cloud = await cloudRig('hikconnect', { cameras: 1200 });
    const rig = await jobsRig({ clock: cloud.clock, clouds: () => [cloud.api] });
    const startMs = cloud.clock.monotonicMs();
    const pass = await rig.end(rig.jobs.initialize());
    const floorMs = ((1 + 3 + 1200) / 5) * SECOND;
    expect(pass.report).toMatchObject({
      discovered: 1200,
      created: 1200,
      leased: 1200,
      failed: [],
      failedAccounts: [],
    });
    expect(cloud.clock.monotonicMs() - startMs).toBeLessThan(floorMs * 1.03);
    expect(cloud.simulator.maxCallsWithin(950)).toBeLessThanOrEqual(5);
    expect(rig.engine.applied.filter((streams) => streams.size > 0).length).toBeLessThanOrEqual(8);
    expect(rig.engine.applied.at(-1)?.size).toBe(1200);
  }, 120_000);
});
