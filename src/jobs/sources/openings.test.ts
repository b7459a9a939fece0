import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { MINUTE, SECOND } from '../../../test/support/builders.js';
import { jobsRig, type JobsRig } from '../../../test/support/jobsRig.js';
import type { Camera, Failure } from '../../core/camera/camera.js';
import { sleep } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { NotOpened, Opened, OpeningOptions, SourceOpening } from '../../core/streams/opening.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RenewReport } from '../../core/passes/pass.js';

const TRACKS = { video: { codec: 'H264', width: 640, height: 360 }, audio: null };
const OPENED: Opened = { tracks: TRACKS, keyFrame: Buffer.from('key frame') };
const no = (reason: NotOpened['reason']): NotOpened => ({ reason, code: null });

/** A relay that opens a camera in a second, by the last part of its address, and keeps how many it opened at once. */
class Opener implements SourceOpening {
  readonly opened: string[] = [];
  /** Those for which a person asked. */
  readonly again: string[] = [];
  readonly answers = new Map<string, NotOpened>();
  most = 0;
  isAway = false;
  /** Whether the camera takes the login in the address. */
  isTaken: (url: string) => boolean = () => true;
  #running = 0;
  readonly #clock: TurnedClock;

  constructor(clock: TurnedClock) {
    this.#clock = clock;
  }

  async open(
    { url, givenBy }: PullTarget,
    _signal: AbortSignal,
    options?: OpeningOptions,
  ): Promise<Opened | NotOpened> {
    expect(givenBy).toBe('person');
    if (this.isAway) throw new AppError('RELAY_UNREACHABLE', 'The relay does not answer.', { cure: 'Start it.' });
    const name = url.split('/').at(-1) ?? '';
    this.opened.push(name);
    if (options?.again === true) this.again.push(name);
    this.#running += 1;
    this.most = Math.max(this.most, this.#running);
    await new Promise<void>((resolve) => void this.#clock.after(SECOND, resolve));
    this.#running -= 1;
    return this.isTaken(url) ? (this.answers.get(name) ?? OPENED) : no('login');
  }
}

interface Rig extends JobsRig {
  readonly opener: Opener;
  add(name: string, more?: Partial<Camera>): Promise<Camera>;
  pass(ms: number): Promise<void>;
}

async function rig(): Promise<Rig> {
  const clock = new TurnedClock();
  const opener = new Opener(clock);
  const pictureOf = (keyFrame: Buffer): Promise<Buffer> =>
    Promise.resolve(Buffer.from(`jpeg of a ${keyFrame.toString()}`));
  const jobs = await jobsRig({ clock, clouds: () => [], opening: opener, pictureOf });
  return {
    ...jobs,
    opener,
    add: (name, more = {}) =>
      jobs.store.create(
        {
          name,
          source: {
            kind: 'url',
            url: `rtsp://10.0.0.9/${name}`,
            login: { user: 'admin', password: 'geheim99' },
            ...{ revision: 1, tracks: null, openedAt: null },
          },
          ...more,
        },
        clock.now(),
      ),
    pass: (ms) => clock.advance(ms),
  };
}

const source = (camera: Camera) => (camera.source.kind === 'url' ? camera.source : null);
const waitMs = ({ nextLookAt, at }: Failure): number => (nextLookAt?.getTime() ?? 0) - at.getTime();

describe('cameras with an address of their own', () => {
  it('are each opened once after they come, sixteen at a time, and get tracks and picture', async () => {
    const here = await rig();
    const { opener, pictures } = here;
    for (let at = 0; at < 40; at++) await here.add(`cam${at}`);
    await here.pass(5 * SECOND);
    expect([opener.opened.length, new Set(opener.opened).size, opener.most]).toEqual([40, 40, 16]);
    const cam = here.camera('cam39');
    expect([source(cam)?.tracks, source(cam)?.openedAt, cam.failure]).toEqual([TRACKS, expect.any(Date), null]);
    expect((await pictures.getPicture(cam.id))?.jpeg.toString()).toBe('jpeg of a key frame');
    await here.pass(10 * MINUTE);
    expect(opener.opened).toHaveLength(40);
    // Nobody watches them, so camlease looks every quarter of an hour whether they are still there.
    await here.pass(6 * MINUTE);
    expect(opener.opened).toHaveLength(80);
  });

  it('share their sixteen turns with requests, which come first', async () => {
    const here = await rig();
    const { opener, jobs } = here;
    const { openingTurns } = jobs;
    let isDone = false;
    const requests = Array.from({ length: 20 }, () =>
      openingTurns.take(new AbortController().signal, () => sleep(here.clock, 2 * SECOND)),
    );
    for (let at = 0; at < 20; at++) await here.add(`cam${at}`);
    await here.pass(SECOND);
    expect(opener.opened).toEqual([]);
    void Promise.all(requests).then(() => (isDone = true));
    // The last four requests run, and the job has the other twelve turns.
    await here.pass(SECOND);
    expect([opener.opened.length, isDone]).toEqual([12, false]);
    await here.pass(4 * SECOND);
    expect([new Set(opener.opened).size, opener.most <= 16, isDone]).toEqual([20, true, true]);
  });

  it('that fail say why, are tried again by waits, and one of them costs the others nothing', async () => {
    const here = await rig();
    const { opener, warnings } = here;
    opener.answers.set('dead', no('connection')).set('locked', no('login'));
    for (const name of ['dead', 'locked', 'good']) await here.add(name);
    await here.pass(3 * SECOND);
    expect(here.camera('dead').failure).toMatchObject({ code: 'STREAM_UNREACHABLE', attempts: 1 });
    const firstFailure = here.camera('dead').failure;
    expect(here.camera('locked').failure).toMatchObject({ code: 'STREAM_LOGIN_REFUSED', attempts: 1 });
    expect(here.camera('good').failure).toBeNull();
    await here.pass(25 * MINUTE);
    // Later failures are of the same run.
    const run = here.camera('dead').failure;
    expect(run?.since).toEqual(firstFailure?.since);
    expect(run?.attempts).toBeGreaterThan(4);
    const tries = (name: string): number => opener.opened.filter((one) => one === name).length;
    expect([tries('locked'), tries('dead') > 4, tries('good')]).toEqual([1, true, 2]);
    await here.pass(10 * MINUTE);
    expect(tries('locked')).toBe(2);
    for (const name of ['dead', 'locked']) {
      const { failure } = here.camera(name);
      if (failure === null) throw new Error('it failed');
      expect(waitMs(failure)).toBeLessThanOrEqual(name === 'dead' ? 15 * MINUTE : 33 * MINUTE);
    }
    // One line for each, however often they fail.
    expect(warnings.filter((line) => line.includes('does not open'))).toHaveLength(2);
    expect(warnings.join()).not.toContain('geheim99');
    opener.answers.clear();
    await here.pass(35 * MINUTE);
    for (const name of ['dead', 'locked']) expect(here.camera(name).failure).toBeNull();
  });

  it('are opened at once when a person renews them, when a viewer asks for one that failed, and when they are changed', async () => {
    const here = await rig();
    const { opener, jobs } = here;
    opener.answers.set('gate', no('login')).set('yard', no('connection'));
    const [gate, yard, good] = [await here.add('gate'), await here.add('yard'), await here.add('good')];
    await here.pass(3 * MINUTE);
    opener.opened.length = 0;
    const report = (await here.end(jobs.renew({ cameraIds: [gate.id, good.id], force: true }))).report as RenewReport;
    expect(report).toMatchObject({
      ...{ renewed: 0, skipped: 1, skippedCameras: [{ cameraId: good.id, reason: 'not-leased' }] },
      failed: [{ cameraId: gate.id, code: 'STREAM_LOGIN_REFUSED' }],
    });
    for (const list of [opener.opened, opener.again]) expect([...list].sort()).toEqual(['gate', 'good']);

    opener.answers.clear();
    opener.opened.length = 0;
    jobs.urgent(gate.id);
    jobs.urgent(yard.id);
    await here.pass(2 * SECOND);
    // A refused login is not tried again because somebody watches: many cameras lock the user out.
    expect([opener.opened, here.camera('yard').failure]).toEqual([['yard'], null]);
    jobs.cameraChanged(gate.id);
    await here.pass(2 * SECOND);
    expect(here.camera('gate').failure).toBeNull();
    opener.opened.length = 0;
    jobs.cameraChanged(gate.id);
    await here.pass(2 * SECOND);
    // It opened, and another name or mode needs no login at the camera.
    expect(opener.opened).toEqual([]);
  });

  it('are opened by the other reading of their login where the camera refuses the first', async () => {
    const here = await rig();
    const { opener } = here;
    const url = 'rtsp://10.0.0.9/gate';
    const [login, otherLogin] = [
      { user: 'admin', password: 'a%20b' },
      { user: 'admin', password: 'a b' },
    ];
    const tried: string[] = [];
    opener.isTaken = (asked) => {
      tried.push(decodeURIComponent(new URL(asked).password));
      return tried.at(-1) === 'a b';
    };
    const source = { kind: 'url', url, login, otherLogin, revision: 1, tracks: null, openedAt: null } as const;
    await here.add('gate', { source });
    await here.pass(3 * SECOND);
    const { failure, source: opened } = here.camera('gate');
    expect([tried, failure]).toEqual([['a%20b', 'a b'], null]);
    expect(opened).toMatchObject({ login: otherLogin, revision: 2, tracks: TRACKS });
    expect(opened).not.toHaveProperty('otherLogin');
  });

  it('keep the picture of an opening by a request', async () => {
    const here = await rig();
    const { jobs, opener, pictures } = here;
    opener.isAway = true;
    const gate = await here.add('gate');
    const keyFrame = Buffer.from('a key frame');
    jobs.sourceOpened(gate.id, { tracks: TRACKS, keyFrame });
    await here.pass(SECOND / 4);
    expect(await pictures.getPicture(gate.id)).not.toBeNull();
  });

  it('are left as they are while the relay does not answer, and a person is told so', async () => {
    const here = await rig();
    const { opener, jobs } = here;
    opener.isAway = true;
    const gate = await here.add('gate');
    await here.pass(MINUTE);
    expect(here.camera('gate').failure).toBeNull();
    const report = (await here.end(jobs.renew({ cameraIds: [gate.id], force: true }))).report as RenewReport;
    expect(report.failed).toMatchObject([{ cameraId: gate.id, code: 'RELAY_UNREACHABLE', cure: 'Start it.' }]);
    opener.isAway = false;
    await here.pass(MINUTE);
    expect(source(here.camera('gate'))?.tracks).toEqual(TRACKS);
  });

  it('have their snapshots from an opening, unless their picture is young', async () => {
    const here = await rig();
    const { opener, jobs, pictures } = here;
    const [gate] = [await here.add('gate'), await here.add('yard')];
    await here.pass(3 * SECOND);
    expect((await here.end(jobs.snapshot())).report).toMatchObject({ taken: 0, reused: 2, failed: [] });
    expect(opener.opened).toHaveLength(2);
    const before = (await pictures.getPicture(gate.id))?.takenAt ?? null;
    opener.answers.set('yard', no('connection'));
    // Somewhat younger than the period of snapshots, in which the two were also looked at because nobody watches.
    await here.pass(14 * MINUTE);
    await here.pass(14 * MINUTE);
    const { report } = await here.end(jobs.snapshot());
    expect(report).toMatchObject({ failed: [], skipped: 0 });
    expect((await pictures.getPicture(gate.id))?.takenAt).not.toEqual(before);
  });

  it('that got another address meanwhile keep nothing of what the old one said', async () => {
    const here = await rig();
    const { opener, store, clock } = here;
    opener.answers.set('old', no('not-found'));
    const { id } = await here.add('old');
    await here.pass(SECOND / 2);
    const address = { url: 'rtsp://10.0.0.9/new', login: null, tracks: null, openedAt: null };
    await store.update(id, { source: address, failure: null }, clock.now());
    await here.pass(5 * SECOND);
    expect([here.camera('old').failure, opener.opened.at(-1)]).toEqual([null, 'new']);
    expect(source(here.camera('old'))).toMatchObject({ revision: 2, tracks: TRACKS });
  });
});
