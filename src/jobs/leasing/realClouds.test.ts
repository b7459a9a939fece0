import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../test/support/builders.js';
import { cloudRig, type CloudRig } from '../../../test/support/clouds/cloudRig.js';
import { jobsRig, type JobsRig } from '../../../test/support/jobsRig.js';
import type { FleetOptions } from '../../../simulator/index.js';
import type { CloudVendor } from '../../core/camera/camera.js';

/** The real clients against the simulated clouds, over HTTP, on a turned clock. */
async function rigOf(vendor: CloudVendor, fleet: FleetOptions): Promise<{ cloud: CloudRig; rig: JobsRig }> {
  const cloud = await cloudRig(vendor, fleet);
  const rig = await jobsRig({ clock: cloud.clock, clouds: () => [cloud.api] });
  return { cloud, rig };
}

describe('initialize through the real clients', () => {
  it.each([
    ['hikconnect', { encrypted: 'EVZ60019', deleted: 'OPEN000503' }],
    ['ezviz', { encrypted: '60019', deleted: '20002' }],
  ] as const)(
    'tells of %s cameras that are offline, encrypted or deleted by their own codes',
    async (vendor, codes) => {
      const { cloud, rig } = await rigOf(vendor, { cameras: 9 });
      const { fleet } = cloud.simulator;
      fleet.setCameraFault('Camera 0001', 'offline', true);
      fleet.setCameraFault('Camera 0002', 'offline', true);
      fleet.setCameraFault('Camera 0003', 'encrypted', true);
      fleet.setCameraFault('Camera 0004', 'deleted', true);
      const { report } = await rig.end(rig.jobs.initialize());
      if (report === null || !('leased' in report)) throw new Error('no report');
      const told = report.failed.map(({ cameraId, code }) => `${rig.store.peek(cameraId)?.name ?? ''} ${code}`);
      expect(told.toSorted()).toEqual([
        'Camera 0001 CAMERA_OFFLINE',
        'Camera 0002 CAMERA_OFFLINE',
        `Camera 0003 ${codes.encrypted}`,
        `Camera 0004 ${codes.deleted}`,
      ]);
      expect(report.leased).toBe(5);
    },
  );

  it.each(['hikconnect', 'ezviz'] as const)(
    'waits out a %s limit that passes, and leases the rest then',
    async (vendor) => {
      const { cloud, rig } = await rigOf(vendor, { cameras: 40 });
      const { rateLimit } = cloud.simulator.fleet.account(cloud.accountName);
      const handle = rig.jobs.initialize();
      await cloud.clock.advance(3 * SECOND);
      rateLimit.calls = 1;
      await cloud.clock.advance(2 * SECOND);
      rateLimit.calls = 5;
      const { report } = await rig.end(handle);
      expect(report).toMatchObject({ discovered: 40, leased: 40, failed: [], failedAccounts: [] });
      expect(rig.jobs.status().accounts).toMatchObject([{ refused: null }]);
    },
  );

  it('does not blame cameras for keys that are refused', async () => {
    const { cloud, rig } = await rigOf('ezviz', { cameras: 3 });
    cloud.simulator.fleet.setAccountFault(cloud.accountName, 'refused', true);
    const pass = await rig.end(rig.jobs.initialize());
    expect(pass).toMatchObject({ state: 'failed', error: { code: 'ALL_ACCOUNTS_REFUSED' } });
    expect(pass.error?.message).not.toContain('undefined');
  });
});
