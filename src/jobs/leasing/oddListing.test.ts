import { describe, expect, it } from 'vitest';
import { makeFleet, startSimulator, TurnedClock } from '../../../simulator/index.js';
import { axiosHolding } from '../../../test/support/clouds/cloudHarness.js';
import { aListedCamera, FakeCloud, refused } from '../../../test/support/clouds/fakeCloud.js';
import { jobsRig } from '../../../test/support/jobsRig.js';
import { createCloudApi } from '../../cloud/vendors/createCloudApi.js';
import type { InitializeReport, Pass } from '../../core/passes/pass.js';
import { VENDORS } from '../../cloud/vendors/registry.js';

const reportOf = ({ report, error }: Pass): InitializeReport => {
  if (report === null || !('discovered' in report)) throw new Error(`no report: ${error?.message ?? ''}`);
  return report;
};

describe.each(VENDORS.map(({ name }) => name))('a listing of %s with an odd record', (vendor) => {
  it('stores and leases the others, calls none missing, and is told until it is clean again', async () => {
    const clock = new TurnedClock();
    const fleet = makeFleet({ cameras: 3, vendor, channelsPerDevice: 1 });
    const simulator = await startSimulator({ fleet, clock, origin: null });
    const [account] = simulator.accounts;
    const [first, second] = fleet.cameras();
    if (!account || !first || !second) throw new Error('the fleet is empty');
    const rig = await jobsRig({
      clock,
      clouds: () => [
        createCloudApi(account, {
          ...{ clock, random: () => 0.5, http: axiosHolding(clock), extraHosts: simulator.extraHosts },
        }),
      ],
    });
    try {
      fleet.setCameraFault(first.ref, 'odd-record', true);
      const report = reportOf(await rig.end(rig.jobs.initialize()));
      expect(report).toMatchObject({ discovered: 2, created: 2, leased: 2, failedAccounts: [] });
      const field = vendor === 'ezviz' ? 'channelNo' : 'device.channelInfo';
      const record = { listing: 'cameras', position: 1, deviceSerial: first.serial, field };
      expect(report.notes).toMatchObject([{ account: account.name, code: 'LISTING_ODD_RECORDS', records: [record] }]);
      expect(rig.jobs.status().accounts).toMatchObject([{ notes: [{ records: [record] }] }]);
      const told = rig.warnings.filter((line) => line.includes(first.serial));
      expect(told).toEqual([expect.stringContaining(field)]);

      // Known cameras keep their status when their record becomes odd, or is lost beside an odd one.
      fleet.setCameraFault(second.ref, 'unlisted', true);
      expect(reportOf(await rig.end(rig.jobs.initialize()))).toMatchObject({ missing: 0 });
      expect([...rig.store.peekAll()].map(({ status }) => status)).toEqual(['active', 'active']);
      expect(rig.warnings.filter((line) => line.includes(first.serial))).toEqual(told);

      fleet.setCameraFault(first.ref, 'odd-record', false);
      expect(reportOf(await rig.end(rig.jobs.initialize()))).toMatchObject({ created: 1, missing: 1, notes: [] });
      expect(rig.jobs.status().accounts).toMatchObject([{ notes: [] }]);
    } finally {
      await simulator.stop();
    }
  });
});

describe('an account that lists no camera', () => {
  it.each([
    ['hikconnect', /imported into an area.*same team/],
    ['ezviz', /sub-account/],
  ] as const)('of %s says why that may be', async (vendor, cure) => {
    const rig = await jobsRig({ clouds: (clock) => [new FakeCloud(clock, 'site', [], { vendor })] });
    const report = reportOf(await rig.end(rig.jobs.initialize()));
    expect(report).toMatchObject({ success: true, discovered: 0, failedAccounts: [] });
    const note = { code: 'LISTING_EMPTY', cure: expect.stringMatching(cure) as string };
    expect(report.notes).toMatchObject([{ account: 'site', ...note }]);
    expect(rig.jobs.status().accounts).toMatchObject([{ name: 'site', notes: [note] }]);
    expect(rig.warnings).toEqual([expect.stringContaining('lists no camera')]);
  });
});

describe('a listing that is suddenly empty', () => {
  it('calls the cameras missing when it comes again, and not before', async () => {
    let cloud: FakeCloud | undefined;
    const listed = [aListedCamera(1), aListedCamera(2)];
    const rig = await jobsRig({ clouds: (clock) => [(cloud = new FakeCloud(clock, 'site', listed))] });
    await rig.end(rig.jobs.initialize());
    if (!cloud) throw new Error('no cloud');
    const unsure = { code: 'LISTING_EMPTY', cure: expect.stringMatching(/^The 2 cameras .* keep working/) as string };
    for (let twice = 0; twice < 2; twice++) {
      cloud.listed = [];
      expect(reportOf(await rig.end(rig.jobs.initialize()))).toMatchObject({ missing: 0, notes: [unsure] });
      expect([...rig.store.peekAll()].map(({ status }) => status)).toEqual(['active', 'active']);
      cloud.listed = listed;
      expect(reportOf(await rig.end(rig.jobs.initialize()))).toMatchObject({ missing: 0, notes: [] });
    }
    cloud.listed = [];
    await rig.end(rig.jobs.initialize());
    const sure = { code: 'LISTING_EMPTY', cure: expect.not.stringMatching(/keep working/) as string };
    expect(reportOf(await rig.end(rig.jobs.initialize()))).toMatchObject({ missing: 2, notes: [sure] });
  });
});

describe('a listing that promised more than it showed', () => {
  it('calls no camera missing', async () => {
    let cloud: FakeCloud | undefined;
    const listed = [aListedCamera(1), aListedCamera(2)];
    const rig = await jobsRig({ clouds: (clock) => [(cloud = new FakeCloud(clock, 'site', listed))] });
    await rig.end(rig.jobs.initialize());
    if (!cloud) throw new Error('no cloud');
    cloud.listed = [aListedCamera(1)];
    cloud.short = { promised: 2 };
    const report = reportOf(await rig.end(rig.jobs.initialize()));
    expect(report).toMatchObject({ missing: 0, notes: [{ code: 'LISTING_INCOMPLETE' }] });
    cloud.short = null;
    expect(reportOf(await rig.end(rig.jobs.initialize()))).toMatchObject({ missing: 1, notes: [] });
  });
});

describe('an account that could never be reached', () => {
  it('is known by what stands in the way, until it answers', async () => {
    let cloud: FakeCloud | undefined;
    const rig = await jobsRig({ clouds: (clock) => [(cloud = new FakeCloud(clock, 'site', [aListedCamera(1)]))] });
    if (!cloud) throw new Error('no cloud');
    cloud.refusal = refused.timeout;
    await rig.end(rig.jobs.initialize());
    expect(rig.jobs.status().accounts).toMatchObject([{ lastSuccessAt: null, away: { code: 'CLOUD_TIMEOUT' } }]);
    cloud.refusal = null;
    await rig.end(rig.jobs.initialize());
    expect(rig.jobs.status().accounts).toMatchObject([{ lastSuccessAt: expect.any(Date) as Date, away: null }]);
  });
});

describe('a listing that fails while the account is served', () => {
  const rigOf = async (): Promise<{ rig: Awaited<ReturnType<typeof jobsRig>>; cloud: FakeCloud }> => {
    let cloud: FakeCloud | undefined;
    const rig = await jobsRig({ clouds: (clock) => [(cloud = new FakeCloud(clock, 'site', [aListedCamera(1)]))] });
    if (!cloud) throw new Error('no cloud');
    await rig.end(rig.jobs.initialize());
    return { rig, cloud };
  };

  it('is a note of the account from the second time on, until a listing comes to its end', async () => {
    const { rig, cloud } = await rigOf();
    const notes = () => rig.jobs.status().accounts[0]?.notes;
    cloud.listRefusal = refused.timeout;
    await rig.end(rig.jobs.initialize());
    expect(notes()).toEqual([]);
    await rig.end(rig.jobs.renew({ force: true }));
    await rig.end(rig.jobs.initialize());
    expect(notes()).toMatchObject([
      {
        code: 'LISTING_FAILED',
        message: expect.stringContaining(refused.timeout.message) as string,
        cure: expect.stringContaining(refused.timeout.cure) as string,
      },
    ]);
    // The cloud refuses every call of the account: that is one fault, and the account's.
    cloud.refusal = refused.timeout;
    for (let one = 0; one < 3; one++) await rig.end(rig.jobs.initialize());
    expect(rig.jobs.status().accounts).toMatchObject([{ away: { isLasting: true }, notes: [] }]);
    cloud.refusal = cloud.listRefusal = null;
    await rig.end(rig.jobs.initialize());
    expect(notes()).toEqual([]);
  });

  it('is told at once where it will not pass by itself', async () => {
    const { rig, cloud } = await rigOf();
    cloud.listRefusal = refused.deleted;
    await rig.end(rig.jobs.initialize());
    expect(rig.jobs.status().accounts).toMatchObject([{ refused: null, notes: [{ code: 'LISTING_FAILED' }] }]);
  });
});
