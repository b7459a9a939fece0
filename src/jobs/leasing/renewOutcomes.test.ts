import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud, refused } from '../../../test/support/clouds/fakeCloud.js';
import { noPicture } from '../../../test/support/engine/fakeEngine.js';
import { jobsRig, type JobsRig, type RigOptions } from '../../../test/support/jobsRig.js';
import { replicaHouse, type Replica } from '../../../test/support/replicas/replicaRig.js';
import { CameraError } from '../../core/errors.js';
import { errorClipError, h265Error } from '../../core/handover/proof.js';
import { cameraHealth } from '../../core/health/health.js';
import { renewalStory, type RenewalStory } from '../../core/health/renewalStory.js';
import type { Pass, RenewReport } from '../../core/passes/pass.js';
import type { Ownership } from '../run/ownership.js';

const flaky = new CameraError('STREAM_NO_PICTURE', 'retry', 'The stream showed no picture within 15 s.', {
  cure: 'Look at the camera.',
});

interface Rig extends JobsRig {
  readonly cloud: FakeCloud;
  readonly id: string;
}

/** One camera with a proven lease of seven days, by the sub stream unless said otherwise. */
async function rigOf(options: Partial<RigOptions> = {}, quality: 'auto' | 'sub' = 'sub'): Promise<Rig> {
  const clouds: FakeCloud[] = [];
  const rig = await jobsRig({
    ...options,
    clouds: (clock) => {
      clouds.push(new FakeCloud(clock, 'hikvision', [aListedCamera(1)]));
      return clouds;
    },
  });
  await rig.end(rig.jobs.initialize());
  const { id } = rig.camera('Camera 1');
  await rig.store.update(id, { quality }, rig.clock.now());
  await rig.clock.advance(SECOND);
  const [cloud] = clouds;
  if (!cloud) throw new Error('no cloud');
  return { ...rig, cloud, id };
}

/** The camera's renewal story now. */
function storyOf({ store, jobs, clock }: JobsRig, id: string): RenewalStory {
  const camera = store.peek(id);
  if (!camera) throw new Error('no camera');
  return renewalStory(camera, jobs.handoverOf(id), clock.now());
}

function reportOf(pass: Pass): RenewReport {
  if (pass.report === null || !('renewed' in pass.report)) throw new Error(`no report: ${pass.error?.message ?? ''}`);
  return pass.report;
}

/** A proof that throws after `ms`. */
const after = (clock: JobsRig['clock'], ms: number, error: Error) => () =>
  new Promise<never>((_resolve, reject) => {
    clock.after(ms, () => reject(error));
  });

interface Row {
  readonly name: string;
  readonly quality?: 'auto' | 'sub';
  readonly options?: Partial<RigOptions>;
  /** Called before the renewal is asked for. */
  readonly given: (rig: Rig) => Promise<void> | void;
  readonly force?: boolean;
  /** Called while the pass runs. */
  readonly meanwhile?: (rig: Rig) => Promise<void>;
  readonly report?: Partial<RenewReport> | ((id: string) => object);
  readonly error?: string;
  readonly withinMs: number;
  readonly says: Partial<RenewalStory>;
}

const failedWith = (code: string) => (id: string) => ({
  ...{ renewed: 0, held: 0, heldCameras: [], skipped: 0 },
  failed: [{ cameraId: id, code, message: expect.any(String) as string, cure: expect.any(String) as string }],
});
const heldFor = (reason: string) => (id: string) => ({
  ...{ renewed: 0, held: 1, skipped: 0, failed: [] },
  heldCameras: [
    { cameraId: id, reason, until: expect.toSatisfy(isMoment) as string, sentence: expect.any(String) as string },
  ],
});
const isMoment = (until: unknown): boolean => until === null || (typeof until === 'string' && until.endsWith('Z'));
const skippedFor = (reason: string) => (id: string) => ({
  ...{ renewed: 0, held: 0, heldCameras: [], failed: [], skipped: 1 },
  skippedCameras: [{ cameraId: id, reason }],
});

const ROWS: readonly Row[] = [
  {
    name: 'it is renewed',
    given: () => undefined,
    report: { renewed: 1, held: 0, heldCameras: [], skipped: 0, skippedCameras: [], failed: [] },
    withinMs: 2 * SECOND,
    says: { state: 'resting', reason: 'fresh' },
  },
  {
    name: 'it is held for those who watch',
    given: (rig) => {
      rig.engine.viewersOf.set(rig.id, 2);
      rig.clock.jumpWallClock(6 * DAY);
    },
    force: false,
    report: heldFor('watched'),
    withinMs: 2 * SECOND,
    says: { state: 'held', reason: 'watched' },
  },
  {
    name: 'it is held because the camera is away',
    given: ({ engine, id }) => void engine.proofs.set(id, noPicture()),
    report: heldFor('STREAM_NO_PICTURE'),
    withinMs: 2 * SECOND,
    says: { state: 'failing', reason: 'STREAM_NO_PICTURE' },
  },
  {
    name: 'it is held because nothing can look: the media server is away',
    given: ({ engine }) => void (engine.away = new Error('away')),
    report: heldFor('unprovable'),
    withinMs: 62 * SECOND,
    says: { state: 'failing', reason: 'unprovable' },
  },
  {
    name: 'it is held because all streams of the account are in use',
    options: { streamBudget: 0 },
    given: () => undefined,
    report: heldFor('no-free-stream'),
    withinMs: 62 * SECOND,
    says: { state: 'proving', reason: 'no-free-stream' },
  },
  {
    name: 'its new URL brings nothing, three times',
    given: ({ engine, clock, id }) => void engine.proofs.set(id, after(clock, 15 * SECOND, flaky)),
    report: failedWith('STREAM_NO_PICTURE'),
    withinMs: 57 * SECOND,
    says: { state: 'failing', reason: 'STREAM_NO_PICTURE' },
  },
  {
    name: 'its new URL brings nothing, and the looks take too long for three of them',
    given: ({ engine, clock, id }) => void engine.proofs.set(id, after(clock, 25 * SECOND, flaky)),
    report: failedWith('STREAM_NO_PICTURE'),
    withinMs: 62 * SECOND,
    says: { state: 'failing', reason: 'STREAM_NO_PICTURE' },
  },
  {
    name: 'its new URL brings an error clip',
    given: ({ engine, id }) => void engine.proofs.set(id, errorClipError()),
    report: failedWith('STREAM_ERROR_CLIP'),
    withinMs: 2 * SECOND,
    says: { state: 'failing', reason: 'STREAM_ERROR_CLIP' },
  },
  {
    name: 'both of its streams are H.265',
    quality: 'auto',
    given: ({ engine, id }) => void engine.proofs.set(id, h265Error()),
    report: failedWith('STREAM_H265'),
    withinMs: 2 * SECOND,
    says: { state: 'due', reason: 'retry' },
  },
  {
    name: 'the cloud says no',
    given: ({ cloud }) => void cloud.refusals.set('SN0000001_1', refused.encrypted),
    report: failedWith('EVZ60019'),
    withinMs: 2 * SECOND,
    says: { state: 'failing', reason: 'EVZ60019' },
  },
  {
    name: 'the cloud refuses the account',
    given: ({ cloud }) => void (cloud.refusal = refused.keys),
    report: failedWith('OPEN000001'),
    withinMs: 2 * SECOND,
    says: { state: 'resting', reason: 'fresh' },
  },
  {
    name: 'another pass has it',
    given: async ({ jobs, store, clock, cloud, id }) => {
      cloud.openStream = () => new Promise(() => undefined);
      jobs.renew({ cameraIds: [id, 'other'], force: true });
      await clock.advance(100);
      expect(store.peek(id)?.candidate).toBeNull();
    },
    report: skippedFor('another-pass'),
    withinMs: 2 * SECOND,
    says: { state: 'resting', reason: 'fresh' },
  },
  {
    name: 'another process has claimed it',
    given: async ({ store, id }) => {
      // The other process is alive.
      await store.heartbeat('owner-2');
      expect(await store.claim('owner-2', [id])).toHaveLength(1);
    },
    report: skippedFor('another-pass'),
    withinMs: 2 * SECOND,
    says: { state: 'resting', reason: 'fresh' },
  },
  {
    name: 'it is switched off',
    given: async ({ store, clock, id }) => {
      await store.update(id, { enabled: false }, clock.now());
    },
    report: skippedFor('disabled'),
    withinMs: 2 * SECOND,
    says: { state: 'stopped', reason: 'disabled' },
  },
  {
    name: 'it is not due',
    given: () => undefined,
    force: false,
    report: skippedFor('fresh'),
    withinMs: 2 * SECOND,
    says: { state: 'resting', reason: 'fresh' },
  },
  {
    name: 'the store is away',
    given: (rig) => rig.storeAway(true),
    error: 'STORE_UNREACHABLE',
    withinMs: MINUTE,
    says: { state: 'resting', reason: 'fresh' },
  },
  {
    name: 'camlease stops while the cloud is asked',
    given: ({ cloud }) => {
      cloud.openStream = (_address, _wanted, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        });
    },
    meanwhile: ({ jobs, clock }) => clock.runUntil(jobs.stop()),
    error: 'SHUTTING_DOWN',
    withinMs: 12 * SECOND,
    says: { state: 'resting', reason: 'fresh' },
  },
  {
    name: 'camlease stops while the new URL is looked at',
    given: ({ engine, clock, id }) => void engine.proofs.set(id, after(clock, 25 * SECOND, flaky)),
    meanwhile: async ({ jobs, clock }) => {
      await clock.advance(SECOND);
      await clock.runUntil(jobs.stop());
    },
    report: heldFor('shutting-down'),
    withinMs: 12 * SECOND,
    says: { state: 'proving', reason: 'prove' },
  },
];

describe('each way in which a renewal that somebody asked for can end', () => {
  it.each(ROWS)(
    '$name',
    async ({ quality, options, given, force = true, meanwhile, report, error, withinMs, says }) => {
      const rig = await rigOf(options, quality);
      await given(rig);
      const beganMs = rig.clock.monotonicMs();
      const handle = rig.jobs.renew({ cameraIds: [rig.id], ...(force && { force }) });
      await rig.clock.advance(0);
      await meanwhile?.(rig);
      const pass = await rig.end(handle);
      expect(rig.clock.monotonicMs() - beganMs).toBeLessThan(withinMs);
      if (error === undefined) {
        const expected = typeof report === 'function' ? report(rig.id) : report;
        expect(reportOf(pass)).toMatchObject({ success: true, ...expected });
        expect(await rig.jobs.pass(pass.id)).toMatchObject({ state: 'succeeded', report: expected });
      } else expect(pass).toMatchObject({ state: 'failed', report: null, error: { code: error } });
      expect(storyOf(rig, rig.id)).toMatchObject(says);
    },
  );
});

describe('a camera whose new URL is refused', () => {
  it('says so from the first look on, with what helps, while the old picture goes on', async () => {
    const rig = await rigOf();
    rig.engine.proofs.set(rig.id, after(rig.clock, 15 * SECOND, flaky));
    const handle = rig.jobs.renew({ cameraIds: [rig.id], force: true });
    await rig.clock.advance(16 * SECOND);
    const sentence =
      'Lease 2 was obtained, but checking its picture failed: The stream showed no picture within 15 s. Lease 1 stays in force until 2026-01-12 08:00:00 UTC.';
    expect(storyOf(rig, rig.id)).toMatchObject({ state: 'failing', reason: 'STREAM_NO_PICTURE', sentence });
    expect(storyOf(rig, rig.id).nextStep).toContain('What helps: Look at the camera.');
    // Also during the next proof.
    await rig.clock.advance(6 * SECOND);
    expect(storyOf(rig, rig.id)).toMatchObject({ reason: 'STREAM_NO_PICTURE', nextStepAt: null });
    const camera = rig.camera('Camera 1');
    const health = cameraHealth(camera, { revision: 1, flow: 'flowing' }, rig.clock.now(), storyOf(rig, rig.id));
    expect(health).toMatchObject({ state: 'failing', reason: 'STREAM_NO_PICTURE' });
    expect(health.sentence).toMatch(/^The picture still plays, but renewing the lease fails: The stream showed/);
    expect((await rig.end(handle)).report).toMatchObject({ failed: [{ code: 'STREAM_NO_PICTURE' }] });
  });

  it('is not called renewed for a lease that is in force and was never seen', async () => {
    const rig = await rigOf();
    rig.clock.jumpWallClock(8 * DAY);
    rig.engine.proofs.set(rig.id, after(rig.clock, 25 * SECOND, flaky));
    const handle = rig.jobs.renew({ cameraIds: [rig.id], force: true });
    await rig.clock.advance(26 * SECOND);
    expect(storyOf(rig, rig.id)).toMatchObject({ state: 'failing', reason: 'STREAM_NO_PICTURE' });
    expect(storyOf(rig, rig.id).sentence).toMatch(/^Lease 2 is in force, but checking its picture failed/);
    const report = reportOf(await rig.end(handle));
    expect(report).toMatchObject({ renewed: 0, held: 0, failed: [{ code: 'STREAM_NO_PICTURE' }] });
  });

  it('is told to who renews all cameras, though the account is refused', async () => {
    const rig = await rigOf();
    rig.cloud.refusal = refused.keys;
    const report = reportOf(await rig.end(rig.jobs.renew({ force: true })));
    expect(report).toMatchObject({ skipped: 0, failed: [{ cameraId: rig.id, code: 'OPEN000001' }] });
  });
});

/** A shared ownership that never changes. */
const owning = (account: boolean, engine: boolean): Ownership => ({
  account: () => account,
  engine: () => engine,
  isShared: () => true,
  onChange: () => () => undefined,
});

describe('with replicas', () => {
  it.each([
    ['is refused', flaky, { held: 0, failed: [{ code: 'STREAM_NO_PICTURE', cure: 'Look at the camera.' }] }],
    ['is away', noPicture(), { held: 1, heldCameras: [{ reason: 'STREAM_NO_PICTURE' }], failed: [] }],
  ])(
    'one asks, another renews and a third looks: who asks is told of a camera that %s, and every replica says it',
    async (_what, error, expected) => {
      const house = await replicaHouse();
      const renews = await house.start('renews', { ownership: owning(true, false) });
      const looks = await house.start('looks', { ownership: owning(false, true) });
      const asks = await house.start('asks', { ownership: owning(false, false) });
      const first = renews.jobs.initialize();
      await house.pass(10 * SECOND);
      await first.ended;
      const { id } = looks.camera('Camera 1');
      expect(looks.camera('Camera 1').lease).toMatchObject({ proof: 'proven' });
      looks.engine.proofs.set(id, after(looks.clock, 15 * SECOND, error));
      const handle = asks.jobs.renew({ cameraIds: [id], force: true });
      await house.pass(24 * SECOND);
      const story = (replica: Replica): RenewalStory => storyOf(replica, id);
      for (const replica of [renews, looks, asks]) {
        expect(story(replica)).toMatchObject({ state: 'failing', reason: 'STREAM_NO_PICTURE' });
        expect(story(replica).nextStep).toContain(error.cure);
      }
      await house.pass(45 * SECOND);
      expect((await handle.ended).report).toMatchObject({ renewed: 0, ...expected });
      await house.pass(HOUR / 60);
    },
  );
});
