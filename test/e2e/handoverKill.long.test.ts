import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { messageOf } from '../../src/core/errors.js';
import { goesByRelay, isAlwaysPulled, type CameraMode } from '../../src/core/camera/camera.js';
import { mediaMtx, until } from '../support/installation/appRig.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { Diary } from '../support/viewers/diary.js';
import {
  startHandoverRig,
  type CameraNow,
  type HandoverRig,
  type RigCamera,
  type Victim,
} from '../support/installation/handoverRig.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';
import { openViewer, type Viewer } from '../support/viewers/viewers.js';

/**
 * The steps of a renewal as they are seen from outside. `asked`: the cloud does not answer. `being proven`: the candidate's feeder
 * is there, and the cloud lets no further stream through. `applied`: MediaMTX or the relay has left the old URL.
 */
const STEPS = ['asked', 'obtained', 'being proven', 'proven', 'promoted', 'applied', 'handed-over'] as const;
type Step = (typeof STEPS)[number];

/** Whose step is waited for; all four cameras are renewed at once. */
const LEADS: readonly CameraMode[] = ['always-on', 'seamless', 'on-demand', 'direct'];
/** `EVERY_LEAD=1 npx vitest run test/e2e/handoverKill` is the long run. */
const isLongRun = process.env['EVERY_LEAD'] !== undefined;

const LIMIT_MS = 30_000;
const SOME_FRAMES = 15;

const WHAT = 'processes killed at every step of a handover';
const canRun = mediaMtx !== null && chromiumFor(WHAT) && nodeAvFor(WHAT);

/**
 * MediaMTX and camlease in turns: the pauses before the next start, which grow while MediaMTX dies again and again, begin anew with a
 * new camlease.
 */
const PARTS: readonly {
  readonly name: string;
  readonly victims: readonly Victim[];
  readonly steps: readonly Step[];
}[] = [
  { name: 'the relay and its workers', victims: ['relay', 'relay worker'], steps: STEPS },
  { name: 'MediaMTX and camlease, in the first steps', victims: ['mediamtx', 'camlease'], steps: STEPS.slice(0, 3) },
  { name: 'MediaMTX and camlease, in the last steps', victims: ['mediamtx', 'camlease'], steps: STEPS.slice(3) },
];

/** The relay carries two cameras, which are waited for in turns. */
function leadsAt(victim: Victim, turn: number): readonly CameraMode[] {
  if (isLongRun) return LEADS;
  const isOfRelay = victim === 'relay' || victim === 'relay worker';
  if (isOfRelay) return turn % 4 < 2 ? ['on-demand'] : ['seamless'];
  return LEADS.slice(turn % LEADS.length).slice(0, 1);
}

describe.skipIf(!canRun)('kill -9 at every step of a renewal', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  // Side by side: most of it is waiting.
  it.concurrent.for(PARTS)(
    'of $name: viewers see the picture again by themselves, and each lease ends promoted or rejected',
    { timeout: isLongRun ? 1_200_000 : 400_000 },
    async ({ victims, steps }, { onTestFinished }) => {
      const rig = await startHandoverRig(mediaMtx ?? '');
      onTestFinished(() => rig.stop());
      const walk = new WalkThrough(rig);
      let viewers: readonly Viewer[] = [];
      let doing = 'before anything was killed';
      try {
        await walk.whenCalm();
        viewers = await Promise.all(rig.cameras.map((camera) => openViewer(browser, rig.url, camera)));
        onTestFinished(async () => {
          await Promise.all(viewers.map((viewer) => viewer.leave()));
        });
        await Promise.all(viewers.map((viewer) => viewer.watched(SOME_FRAMES, 0, LIMIT_MS)));
        let turn = 0;
        for (const step of steps)
          for (const victim of victims)
            for (const lead of leadsAt(victim, turn++)) {
              doing = `${victim} killed when the ${lead} camera was ${step}`;
              await walk.killAt(step, victim, lead, viewers);
            }
      } catch (thrown) {
        throw new Error(`${doing}: ${messageOf(thrown)}\n${await walk.story(viewers)}`, { cause: thrown });
      }
    },
  );
});

type Cameras = ReadonlyMap<string, CameraNow>;

class WalkThrough {
  readonly #rig: HandoverRig;
  readonly #diary = new Diary();
  #beganMs = 0;

  constructor(rig: HandoverRig) {
    this.#rig = rig;
  }

  async killAt(step: Step, victim: Victim, lead: CameraMode, viewers: readonly Viewer[]): Promise<void> {
    const rig = this.#rig;
    this.#beganMs = Date.now();
    const before = await this.whenCalm();
    this.#diary.note('all are calm, and are renewed');
    const { letGo, renewed } = await this.#standAt(step, this.#cameraOf(lead), before);
    this.#diary.note(`the ${lead} camera is ${step}, and ${victim} is killed`);
    await rig.kill(victim);
    letGo();
    if (victim === 'camlease') await rig.start();
    else await renewed;
    if (step === 'asked') expect((await rig.post('/api/hikvision/renew', { force: true })).status).toBe(200);
    const after = await this.whenCalm(before);
    // New ones from now on, and not those of the slate: all cameras are known to flow.
    const calmMs = Date.now();
    this.#diary.note('all are calm again');
    await Promise.all(viewers.map((viewer) => viewer.watched(SOME_FRAMES, calmMs, LIMIT_MS)));
    for (const camera of rig.cameras) await this.#expectEnded(camera, before.get(camera.id), after.get(camera.id));
    const { id } = this.#cameraOf(lead);
    expect(after.get(id)?.lease?.revision).toBeGreaterThan(before.get(id)?.lease?.revision ?? 0);
    this.#diary.note('all who watch saw frames');
    await this.#expectTidy(after);
  }

  /** What happened since the last step was gone to. */
  async story(viewers: readonly Viewer[]): Promise<string> {
    const sinceMs = this.#beganMs;
    // A page that is gone must not hide the failure that is told of.
    const told = (story: Promise<string>): Promise<string> => story.catch((thrown: unknown) => messageOf(thrown));
    const watching = await Promise.all(viewers.map((viewer) => told(viewer.story(sinceMs))));
    return [
      ['What was seen', ...this.#diary.since(sinceMs)].join('\n  '),
      ...watching,
      await this.#rig.story(sinceMs),
    ].join('\n');
  }

  #cameraOf(mode: CameraMode): RigCamera {
    const found = this.#rig.cameras.find((camera) => camera.mode === mode);
    if (!found) throw new Error(`no ${mode} camera`);
    return found;
  }

  /** Renews all cameras; resolves when the lead is at this step. `letGo` takes away what holds it there. */
  async #standAt(
    step: Step,
    lead: RigCamera,
    before: Cameras,
  ): Promise<{ letGo: () => void; renewed: Promise<unknown> }> {
    const { fleet } = this.#rig.simulator;
    const account = fleet.accounts[0];
    if (!account) throw new Error('the fleet has no account');
    const hang = (isHanging: boolean): void => {
      for (const { ref } of fleet.cameras()) fleet.setCameraFault(ref, 'hang', isHanging);
    };
    if (step === 'asked') hang(true);
    // What plays now goes on, and no stream more.
    if (step === 'being proven') account.streamCap = this.#rig.cameras.length;
    const old = before.get(lead.id)?.lease?.revision ?? 0;
    const hung = new Promise<void>((resolve) => {
      const stop = this.#rig.simulator.onCall(({ code }) => {
        if (code !== 'HANG') return;
        stop();
        resolve();
      });
    });
    const told = isTold(step) ? (await this.#rig.listen(lead.id, step)).told : hung;
    const renewed = this.#rig.post('/api/hikvision/renew', { force: true }).catch(() => null); // it is killed meanwhile
    if (step === 'being proven') await this.#whenBeingProven(lead, old + 1);
    else if (step === 'applied') await this.#whenApplied(lead, old);
    else await told;
    return {
      letGo: () => {
        hang(false);
        account.streamCap = null;
      },
      renewed,
    };
  }

  async #whenBeingProven({ id, mode }: RigCamera, revision: number): Promise<void> {
    const there = async (): Promise<boolean> => {
      if ((await this.#rig.camera(id)).candidate?.revision !== revision) return false;
      return mode !== 'always-on' || (await this.#rig.served()).some(({ name }) => name === `_lease/${id}/${revision}`);
    };
    await until('the candidate and its feeder', LIMIT_MS, there, Boolean);
  }

  async #whenApplied({ id, mode }: RigCamera, old: number): Promise<void> {
    if (goesByRelay(mode)) {
      const revision = async (): Promise<number> => (await this.#rig.camera(id)).stream?.revision ?? 0;
      await until('the relay at the new lease', LIMIT_MS, revision, (now) => now > old);
      return;
    }
    const name = mode === 'direct' ? id : `_lease/${id}/${old}`;
    const source = async (): Promise<string | null> =>
      (await this.#rig.served()).find((path) => path.name === name)?.source ?? null;
    const first = await source();
    await until(
      'MediaMTX without the old URL',
      LIMIT_MS,
      source,
      (now) => now !== first,
      () => 'it has it',
    );
  }

  /**
   * Resolves when nothing is under way and every picture flows from the lease in force. A camera that is held since somebody
   * watches is asked for once more: that somebody wanted it at once is forgotten by a process that dies.
   */
  async whenCalm(before: Cameras = new Map()): Promise<Cameras> {
    const rig = this.#rig;
    const found = new Map<string, CameraNow>();
    const highest = new Map([...before].map(([id, { lease }]) => [id, lease?.revision ?? 0]));
    for (const { id, mode } of rig.cameras) {
      let asked = false;
      const look = async (): Promise<boolean> => {
        const now = await rig.camera(id);
        const revision = now.lease?.revision ?? 0;
        expect(revision, `the lease of the ${mode} camera`).toBeGreaterThanOrEqual(highest.get(id) ?? 0);
        highest.set(id, revision);
        found.set(id, now);
        const isOnline = await rig.isOnline(id);
        for (const one of ['mediamtx', 'camlease', 'relay'] as const) this.#diary.saw(`pid of ${one}`, rig.pid(one));
        const { lease, candidate, renewal, stream } = now;
        const revisions = { lease: lease?.revision, candidate: candidate?.revision };
        this.#diary.saw(mode, { ...revisions, renewal: renewal.state, reason: renewal.reason, stream, isOnline });
        if (now.renewal.state === 'held' && !asked) {
          expect({ mode, reason: now.renewal.reason }).toEqual({ mode: 'direct', reason: 'watched' });
          asked = true;
          void rig.post('/api/hikvision/renew', { cameraIds: [id], force: true }).catch(() => null);
        }
        if (now.candidate !== null || now.lease === null || now.stream?.revision !== revision) return false;
        if (before.size === 0 && !isAlwaysPulled(mode)) return true; // nobody may watch it yet
        // Where the relay was away, feeders go on with a camera that is watched, until its next lease.
        const isWatched = before.size > 0 || (now.stream.viewers ?? 0) > 0;
        const carried = mode !== 'seamless' || isWatched || now.stream.carrier === 'relay';
        return carried && now.stream.flow === 'flowing' && isOnline;
      };
      await until(`calm of the ${mode} camera`, 2 * LIMIT_MS, look, Boolean, () => JSON.stringify(found.get(id)));
    }
    return found;
  }

  async #expectEnded(
    { id, mode }: RigCamera,
    before: CameraNow | undefined,
    after: CameraNow | undefined,
  ): Promise<void> {
    const [old, now] = [before?.lease?.revision ?? 0, after?.lease?.revision ?? 0];
    expect(Date.parse(after?.lease?.expiresAt ?? ''), mode).toBeGreaterThan(Date.now());
    const steps = (await this.#rig.steps(id)).filter(({ revision }) => revision !== null && revision > old);
    const obtained = new Set(steps.flatMap(({ step, revision }) => (step === 'obtained' ? [revision] : [])));
    for (const revision of obtained) {
      const isRejected = steps.some((one) => one.revision === revision && one.step === 'rejected');
      expect(isRejected || (revision ?? 0) <= now, `lease ${revision} of the ${mode} camera`).toBe(true);
    }
  }

  /** MediaMTX has exactly what is in force, in its file and in its head. */
  async #expectTidy(now: Cameras): Promise<void> {
    const feederOf = (id: string): string => `_lease/${id}/${now.get(id)?.lease?.revision}`;
    const needed = this.#rig.cameras.flatMap(({ id, mode }) => (mode === 'always-on' ? [id, feederOf(id)] : [id]));
    // A person who watched a direct camera through the change is served by a feeder until leaving.
    const allowed = new Set([...needed, ...this.#rig.cameras.map(({ id }) => feederOf(id))]);
    const isOurs = (name: string): boolean => this.#rig.cameras.some(({ id }) => name.includes(id));
    const names = async (): Promise<string[]> =>
      (await this.#rig.served())
        .map(({ name }) => name)
        .filter(isOurs)
        .sort();
    const isRight = (found: string[]): boolean =>
      needed.every((name) => found.includes(name)) && found.every((name) => allowed.has(name));
    await until('the paths in force and no other', LIMIT_MS, names, isRight);
    const inFile = async (): Promise<string[]> => {
      const document = parseDocument(readFileSync(this.#rig.configPath, 'utf8'));
      expect(document.errors).toEqual([]);
      const { paths } = document.toJS() as { paths?: Record<string, unknown> };
      return Object.keys(paths ?? {})
        .filter(isOurs)
        .sort();
    };
    await until('the same in the file', LIMIT_MS, inFile, isRight);
    // The feeder of the always-on camera forwards; that of the seamless one where the relay was away and it is watched since.
    const forwarding = async (): Promise<string[]> =>
      (await this.#rig.served()).filter(({ forward }) => forward.length > 0).map(({ name }) => name);
    const feeder = feederOf(this.#cameraOf('always-on').id);
    const maybe = feederOf(this.#cameraOf('seamless').id);
    const isForwarded = (found: string[]): boolean =>
      found.includes(feeder) && found.every((name) => name === feeder || name === maybe);
    await until('one feeder that forwards', LIMIT_MS, forwarding, isForwarded);
    const served = await this.#rig.served();
    for (const { source } of served) {
      const [, expire] = /[?&]expire=(\d+)/.exec(source) ?? [];
      if (expire !== undefined) expect(Number(expire) * 1000).toBeGreaterThan(Date.now());
    }
  }
}

function isTold(step: Step): step is Exclude<Step, 'asked' | 'being proven' | 'applied'> {
  return step !== 'asked' && step !== 'being proven' && step !== 'applied';
}
