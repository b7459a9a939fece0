import { describe, expect, it } from 'vitest';
import { makeFleet, startSimulator, TurnedClock } from '../../../simulator/index.js';
import { axiosHolding } from '../../../test/support/clouds/cloudHarness.js';
import { jobsRig } from '../../../test/support/jobsRig.js';
import { createCloudApi } from '../../cloud/vendors/createCloudApi.js';
import { VENDORS } from '../../cloud/vendors/registry.js';

const HOUR = 3_600_000;

describe.each(VENDORS.map(({ name }) => name))('stream encryption of a camera of %s', (vendor) => {
  it('is told with its cure, costs no call that the listing makes needless, and ends with the listing that says so', async () => {
    const clock = new TurnedClock();
    const fleet = makeFleet({ cameras: 2, vendor, channelsPerDevice: 1 });
    const simulator = await startSimulator({ fleet, clock, origin: null });
    const [account] = simulator.accounts;
    const [shut] = fleet.cameras();
    if (!account || !shut) throw new Error('the fleet is empty');
    fleet.setCameraFault(shut.ref, 'encrypted', true);
    const rig = await jobsRig({
      clock,
      ticks: { renew: 60_000, discover: HOUR / 4 },
      clouds: () => [
        createCloudApi(account, {
          ...{ clock, random: () => 0.5, http: axiosHolding(clock), extraHosts: simulator.extraHosts },
        }),
      ],
    });
    const asked = (): number => simulator.calls('live-address').filter(({ camera }) => camera === shut.ref).length;
    try {
      const { report } = await rig.end(rig.jobs.initialize());
      const code = vendor === 'ezviz' ? '60019' : 'EVZ60019';
      expect(report).toMatchObject({ leased: 1, failed: [{ code }] });
      const failure = { code, failureClass: 'permanent', cure: expect.stringMatching(/[Tt]urn off/) as string };
      expect(rig.camera(shut.name).failure).toMatchObject(failure);
      // The listing of Hik-Connect does not say it: the first refusal does.
      expect(asked()).toBe(vendor === 'ezviz' ? 0 : 1);

      const before = asked();
      await clock.advance(3 * HOUR);
      await rig.end(rig.jobs.initialize());
      expect(asked()).toBe(before);
      expect(rig.camera(shut.name).failure).toMatchObject(failure);

      fleet.setCameraFault(shut.ref, 'encrypted', false);
      await clock.advance(HOUR / 4 + 60_000);
      expect(rig.camera(shut.name)).toMatchObject({ failure: null, lease: { revision: 1 } });
      expect(asked()).toBe(before + 1);
    } finally {
      await simulator.stop();
    }
  });
});
