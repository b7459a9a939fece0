import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import type { InitializeReport, Pass } from '../../core/passes/pass.js';
import { CameraError } from '../../core/errors.js';
import { liveVerdict } from '../../core/health/health.js';
import { SQLITE_FILE } from '../../store/opening/createStore.js';
import { aListedCamera, FakeCloud, refused } from '../../../test/support/clouds/fakeCloud.js';
import { jobsRig, type JobsRig } from '../../../test/support/jobsRig.js';

const many = (count: number): FakeCloud['listed'] => Array.from({ length: count }, (_, at) => aListedCamera(at + 1));

async function rigOf(
  listed: FakeCloud['listed'],
  ticks: NonNullable<Parameters<typeof jobsRig>[0]>['ticks'] = {},
): Promise<JobsRig & { cloud: FakeCloud }> {
  let cloud: FakeCloud | undefined;
  const rig = await jobsRig({ ticks, clouds: (clock) => [(cloud ??= new FakeCloud(clock, 'hikvision', listed))] });
  if (!cloud) throw new Error('no cloud');
  return { ...rig, cloud };
}

const reportOf = (pass: Pass): InitializeReport => {
  if (pass.report === null || !('discovered' in pass.report))
    throw new Error(`no report: ${pass.error?.message ?? ''}`);
  return pass.report;
};

describe('initialize', () => {
  it('discovers, leases and serves every online camera', async () => {
    const rig = await rigOf(many(9));
    const pass = await rig.end(rig.jobs.initialize());
    expect(reportOf(pass)).toMatchObject({ success: true, discovered: 9, created: 9, leased: 9, failed: [] });
    expect(pass).toMatchObject({ state: 'succeeded', total: 9, done: 9, failed: 0 });
    for (const camera of rig.store.peekAll()) expect(rig.engine.revisionOf(camera.id)).toBe(1);
    expect(rig.warnings).toEqual([]);
  });

  it('makes no camera beside a document that cannot be read, and tells it among the failed ones', async () => {
    const rig = await rigOf(many(3));
    const { deviceSerial, channel } = aListedCamera(2);
    const source = {
      kind: 'cloud',
      vendor: 'hikconnect',
      account: null,
      deviceSerial,
      channel,
      resourceId: '',
    } as const;
    await rig.store.create({ id: 'old-link', name: 'Old', source }, rig.clock.now());
    rig.editByHand('old-link', { status: 'weird' });
    const report = reportOf(await rig.end(rig.jobs.initialize()));
    expect(report).toMatchObject({ discovered: 3, created: 2, leased: 2 });
    expect(report.failed).toMatchObject([
      { cameraId: 'old-link', code: 'DOCUMENT_LEFT_OUT', message: expect.stringContaining('"weird"') as string },
    ]);
    rig.editByHand('old-link', { status: 'Active' });
    expect(reportOf(await rig.end(rig.jobs.initialize()))).toMatchObject({
      created: 0,
      updated: 1,
      leased: 1,
      failed: [],
    });
    expect(rig.store.peekAll().map(({ id }) => id)).toContain('old-link');
    expect(rig.store.peekAll()).toHaveLength(3);
  });

  it('names a hundred of the documents that are left out, and says how many more there are', async () => {
    const rig = await rigOf(many(2));
    const source = { kind: 'cloud', vendor: 'hikconnect', account: null, channel: 1, resourceId: '' } as const;
    for (let at = 0; at < 103; at++) {
      await rig.store.create(
        { id: `old-${at}`, name: 'Old', source: { ...source, deviceSerial: `A${at}` } },
        rig.clock.now(),
      );
      rig.editByHand(`old-${at}`, { status: 'weird' });
    }
    const pass = await rig.end(rig.jobs.initialize());
    const { failed } = reportOf(pass);
    expect(failed).toHaveLength(100);
    expect(failed.at(-1)?.message).toMatch(/3 more documents are left out, too; GET \/api\/camera names them all\.$/);
    expect(failed.filter(({ message }) => message.includes('more'))).toHaveLength(1);
    expect(pass.failed).toBe(103);
  });

  it('names the cameras that the database does not take among the failed ones, once, and goes on with the others', async () => {
    const listed = many(3).map((camera, at) => ({
      ...camera,
      deviceSerial: at < 2 ? 'SAME' : camera.deviceSerial,
      channel: at + 1,
    }));
    const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-refused-'));
    let cloud: FakeCloud | undefined;
    const rig = await jobsRig({ dataDir, clouds: (clock) => [(cloud ??= new FakeCloud(clock, 'hikvision', listed))] });
    const database = new Database(path.join(dataDir, SQLITE_FILE));
    database.exec('CREATE UNIQUE INDEX hand_serial ON cameras (hikvisionDeviceSerial)');
    database.close();
    const pass = await rig.end(rig.jobs.initialize());
    expect(reportOf(pass)).toMatchObject({ discovered: 3, created: 2, leased: 2 });
    expect(reportOf(pass).failed).toMatchObject([
      { code: 'DOCUMENT_REFUSED', message: expect.stringContaining('hikvisionDeviceSerial') as unknown },
    ]);
    expect(pass).toMatchObject({ total: 3, done: 2, failed: 1 });
    await rig.store.close();
    rmSync(dataDir, { recursive: true });
  });

  it('does nothing a second time', async () => {
    const rig = await rigOf(many(3));
    await rig.end(rig.jobs.initialize());
    expect(reportOf(await rig.end(rig.jobs.initialize()))).toMatchObject({
      discovered: 3,
      created: 0,
      updated: 0,
      leased: 0,
    });
    expect(rig.cloud.opened()).toHaveLength(3);
  });

  it('leases its cameras itself, however often the renew job ticks meanwhile', async () => {
    const rig = await rigOf(many(60), { renew: 1_000 });
    const report = reportOf(await rig.end(rig.jobs.initialize()));
    expect(report).toMatchObject({ discovered: 60, leased: 60, failed: [] });
    expect(rig.cloud.opened()).toHaveLength(60);
  });

  it('is joined by a second call while it runs', async () => {
    const rig = await rigOf(many(3));
    const first = rig.jobs.initialize();
    expect(rig.jobs.initialize().id).toBe(first.id);
    expect(rig.jobs.status().running).toEqual([{ job: 'initialize', pass: first.id }]);
    await rig.end(first);
    expect(rig.jobs.initialize().id).not.toBe(first.id);
  });

  it('leases 1,200 cameras at the pace of the account, with at most 8 rewrites of the paths', async () => {
    const rig = await rigOf(many(1200));
    const startMs = rig.clock.monotonicMs();
    const handle = rig.jobs.initialize();
    await rig.clock.advance(60_000);
    const half = await rig.jobs.pass(handle.id);
    expect(half?.done).toBeGreaterThan(250);
    expect(half?.state).toBe('running');
    const pass = await rig.end(handle);
    const floorMs = ((1 + 3 + 1200) / 5) * 1000;
    expect(reportOf(pass)).toMatchObject({ discovered: 1200, created: 1200, leased: 1200, failed: [] });
    expect(rig.clock.monotonicMs() - startMs).toBeLessThan(floorMs * 1.03);
    expect(rig.engine.applied.filter((streams) => streams.size > 0).length).toBeLessThanOrEqual(8);
    expect(rig.engine.applied.at(-1)?.size).toBe(1200);
    expect(new Set(rig.cloud.opened()).size).toBe(1200);
  }, 60_000);

  it('gives each camera that cannot be leased its own code and cure, and the rest their leases', async () => {
    const listed = [...many(6), aListedCamera(7, { online: false }), aListedCamera(8)];
    const rig = await rigOf(listed);
    rig.cloud.refusals.set('SN0000001_1', refused.encrypted);
    rig.cloud.refusals.set('SN0000002_1', refused.deleted);
    rig.cloud.refusals.set('SN0000003_1', refused.offline);
    const report = reportOf(await rig.end(rig.jobs.initialize()));
    const codes: Record<string, string> = {};
    for (const { cameraId, code } of report.failed) codes[rig.store.peek(cameraId)?.name ?? ''] = code;
    expect(codes).toEqual({
      'Camera 1': 'EVZ60019',
      'Camera 2': 'OPEN000503',
      'Camera 3': 'EVZ20007',
      'Camera 7': 'CAMERA_OFFLINE',
    });
    expect(report.leased).toBe(4);
    expect(report.failed.filter(({ cure }) => cure === '')).toEqual([]);
    expect(liveVerdict(rig.camera('Camera 1'), rig.clock.now())).toMatchObject({ live: false, reason: 'EVZ60019' });
    expect(rig.camera('Camera 7').lease).toBeNull();
    expect(rig.cloud.opened()).not.toContain('SN0000007_1');
  });

  it('says that no account is configured', async () => {
    const rig = await jobsRig({ clouds: () => [] });
    expect(await rig.end(rig.jobs.initialize())).toMatchObject({ state: 'failed', error: { code: 'NO_ACCOUNT' } });
  });

  it('says that every account is refused, after one call', async () => {
    const rig = await rigOf(many(5));
    rig.cloud.refusal = refused.keys;
    const pass = await rig.end(rig.jobs.initialize());
    expect(pass.error).toMatchObject({ code: 'ALL_ACCOUNTS_REFUSED', cure: 'Check key and secret.' });
    expect(pass.error?.message).toContain('hikvision: The cloud knows no such key.');
    expect(rig.cloud.calls).toHaveLength(1);
    expect(rig.jobs.status().accounts).toMatchObject([{ name: 'hikvision', refused: { code: 'OPEN000001' } }]);
  });

  it('goes on with the other accounts when one is refused', async () => {
    const rig = await jobsRig({
      clouds: (clock) => {
        const bad = new FakeCloud(clock, 'hikvision', many(2));
        bad.refusal = refused.keys;
        return [bad, new FakeCloud(clock, 'ezviz', many(2), { vendor: 'ezviz' })];
      },
    });
    const report = reportOf(await rig.end(rig.jobs.initialize()));
    expect(report).toMatchObject({ leased: 2, failedAccounts: [{ account: 'hikvision', code: 'OPEN000001' }] });
  });

  it('spends no call per camera when the account is refused in the middle, and no camera is blamed', async () => {
    const rig = await rigOf(many(400));
    const handle = rig.jobs.initialize();
    await rig.clock.advance(10_000);
    const before = rig.cloud.calls.length;
    rig.cloud.refusal = refused.keys;
    const pass = await rig.end(handle);
    expect(rig.cloud.calls.length - before).toBeLessThanOrEqual(16);
    expect(pass).toMatchObject({ state: 'succeeded', failed: 0 });
    expect(rig.store.peekAll().filter(({ failure }) => failure !== null)).toEqual([]);
    expect(rig.jobs.status().accounts[0]?.refused?.code).toBe('OPEN000001');
  });

  it('says so when leasing broke off, and what was listed after that is leased by the renewals', async () => {
    const rig = await rigOf(many(1200), { renew: 10_000 });
    const tooOften = { cure: 'The account waits.', accountWide: true, retryAfterMs: 60_000 };
    rig.cloud.refusals.set('SN0000020_1', new CameraError('EVZ10029', 'quota', 'We call too often.', tooOften));
    const handle = rig.jobs.initialize();
    const pass = await rig.end(handle);
    expect(reportOf(pass)).toMatchObject({
      discovered: 1200,
      failed: [],
      failedAccounts: [{ account: 'hikvision', code: 'EVZ10029', cure: 'The account waits.' }],
    });
    expect(pass.total).toBe(pass.done + pass.failed + pass.skipped);
    rig.cloud.refusals.clear();
    await rig.clock.advance(10 * 60_000);
    expect(rig.store.peekAll().filter(({ lease }) => lease === null)).toEqual([]);
  }, 60_000);

  it('marks what is not listed any more and brings it back', async () => {
    const rig = await rigOf(many(2));
    await rig.end(rig.jobs.initialize());
    rig.cloud.listed = many(1);
    expect(reportOf(await rig.end(rig.jobs.initialize())).missing).toBe(1);
    expect(rig.camera('Camera 2').status).toBe('missing');
    rig.cloud.listed = many(2);
    await rig.end(rig.jobs.initialize());
    expect(rig.camera('Camera 2').status).toBe('active');
  });

  it('calls nothing missing after a listing that failed', async () => {
    const rig = await rigOf(many(2));
    await rig.end(rig.jobs.initialize());
    rig.cloud.refusal = refused.timeout;
    expect(await rig.end(rig.jobs.initialize())).toMatchObject({ error: { code: 'ALL_ACCOUNTS_REFUSED' } });
    expect(rig.store.peekAll().map(({ status }) => status)).toEqual(['active', 'active']);
  });

  it('does not bring a deleted camera back', async () => {
    const rig = await rigOf(many(2));
    await rig.end(rig.jobs.initialize());
    await rig.store.remove(rig.camera('Camera 2').id, rig.clock.now());
    expect(reportOf(await rig.end(rig.jobs.initialize()))).toMatchObject({ discovered: 2, created: 0 });
    expect(rig.store.count).toBe(1);
  });
});
