import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeFleet } from '../../simulator/makeFleet.js';
import type { SimulatedCamera } from '../../simulator/fleet.js';
import { CALLS_PER_HOUR } from '../../src/cloud/calls/rateLimit.js';
import type { CameraId } from '../../src/core/camera/camera.js';
import { cameraId } from '../../src/core/camera/cameraId.js';
import { Chance } from './world/chance.js';
import { faultSchedule, type FaultKind } from './faults/faultSchedule.js';
import { Faults } from './faults/faults.js';
import type { Kept, Violation } from './books/kept.js';
import { Ledger } from './books/ledger.js';
import { Lives } from './world/lives.js';
import { idOf, type Pulled } from './world/pulls.js';
import { rareFaults } from './faults/rareFaults.js';
import { relayFaults } from './faults/relayFaults.js';
import { Watchers } from './books/watchers.js';
import type { Ground } from './world/ground.js';
import { YearClock } from './world/yearClock.js';
import { YearClouds } from './world/yearClouds.js';
import { YearEngine } from './world/yearEngine.js';

const DAY = 86_400_000;
/** Calls are counted once what the faults left has been made good. */
const QUIET_AFTER_MS = DAY;
/** Encrypted, or no device of that name any more. */
const REFUSED_FOR_GOOD = /(?:60019|20002|000503)$/;
/** The year ends early: more of the same says nothing new. */
const ENOUGH_VIOLATIONS = 50;

export interface YearOptions {
  readonly seed: number | string;
  readonly days: number;
  readonly cameras: number;
  readonly accountsPerVendor?: number;
  /** So many times as much goes wrong as in a usual year; 1 by default. */
  readonly intensity?: number;
  /** Only these happen; absent: everything. */
  readonly kinds?: readonly FaultKind[];
  /** Planned renewals are made on this grid; 10 s by default, as `RENEW_CRON` has it. */
  readonly calmTickMs?: number;
  /** What camlease takes for the vendor's rate when it plans; the vendor's own by default. */
  readonly callsPerHour?: number;
  /** There are no other ticks than these: renewals and listings once a day, at midnight, say. */
  readonly ticksOnGridOnly?: boolean;
  /** Each day, with what is to be seen. */
  readonly onDay?: (day: number) => void;
}

export interface YearReport {
  readonly seed: number | string;
  readonly violations: readonly Violation[];
  /** Camera-seconds without a lease that the cloud would have given. */
  readonly lostSeconds: number;
  /** Camera-seconds without a lease, whoever was to blame. */
  readonly darkSeconds: number;
  readonly happenings: number;
  readonly deaths: number;
  /** Calls for live addresses, URLs that came of them, and those that were needed. */
  readonly calls: number;
  readonly given: number;
  readonly renewals: number;
  readonly quiet: { readonly calls: number; readonly needed: number };
  /** How often somebody who watched had to come again, and why. */
  readonly losses: ReadonlyMap<string, number>;
  /** On-demand cameras that do not come through the relay, at the end. */
  readonly notRelayed: number;
  /** Of everything that the clouds and the media server saw: the same seed, the same digest. */
  readonly digest: string;
  /** What was said at the levels warn (how often) and error. */
  readonly warnings: ReadonlyMap<string, number>;
  readonly errors: readonly string[];
  trace(about: string): string[];
  readonly tookMs: number;
}

/** Lives through `days` with the real jobs, store and clients, and what goes wrong in them; says what was lost. */
export async function liveYear(options: YearOptions): Promise<YearReport> {
  const beganMs = performance.now();
  const { days, cameras, seed } = options;
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-year-'));
  const clock = new YearClock(new Date('2026-01-05T08:00:00Z'));
  const quiet = { fromMs: days * DAY * 0.6, toMs: days * DAY * 0.8 };
  const countFromMs = clock.startMs + quiet.fromMs + QUIET_AFTER_MS;
  const ledger = new Ledger(() => clock.nowMs, { fromMs: countFromMs, toMs: clock.startMs + quiet.toMs });
  const accountsPerVendor = options.accountsPerVendor ?? 2;
  const fleet = makeFleet({ cameras, vendor: 'both', accountsPerVendor, seed: `year-${seed}` });
  const warnings = new Map<string, number>();
  const errors: string[] = [];
  const byId = new Map<CameraId, SimulatedCamera>();
  const idByRef = new Map<string, CameraId>();
  for (const camera of fleet.cameras()) {
    const { vendor } = fleet.account(camera.account);
    const id = cameraId(vendor, camera.serial, camera.channel);
    byId.set(id, camera);
    idByRef.set(camera.ref, id);
  }
  const refOf = (id: CameraId): string | null => byId.get(id)?.ref ?? null;
  const keptOf = (id: CameraId): Kept => ledger.of(refOf(id) ?? id);
  const clouds = new YearClouds(fleet, clock, new Chance(`${seed} clouds`), {
    onCall: (call) => {
      const { kind, camera, code, account, urlId } = call;
      watchers.onCall(call);
      ledger.trace.note(`call ${account ?? '-'} ${kind} ${camera ?? ''} ${code}`);
      if (kind === 'live-address') ledger.called(camera);
      if (account !== null && code.endsWith('10007')) ledger.book.overQuota(account);
      if (account !== null && code.endsWith('10029') && !fleet.account(account).faults.has('rate-limited'))
        ledger.book.tooFast(account);
      if (camera !== null && kind === 'live-address' && REFUSED_FOR_GOOD.test(code)) {
        ledger.book.refusedForGood(camera);
        watchers.cures.refused(camera);
      }
      if (kind === 'disable-address' && camera !== null && urlId !== null) {
        ledger.closed(camera, urlId);
        ledger.book.givenBack(camera, urlId);
        const id = idByRef.get(camera);
        if (id !== undefined && engine.isPulling(id, urlId) && ledger.of(camera).inForce?.urlId !== urlId)
          ledger.violate(camera, 'closed', 'a URL that is still pulled was given back');
      }
    },
    onAnswered: (call) => watchers.onAnswered(call),
    onGiven: (given) => {
      ledger.gave(given);
      faults.onGiven(given);
    },
  });
  const engine = new YearEngine(clock, new Chance(`${seed} engine`), new Chance(`${seed} relay`), {
    onInForce: (id, pulled, why) => {
      const ref = refOf(id);
      if (ref === null) return;
      ledger.trace.note(`serve ${ref} ${pulled?.revision ?? 'nothing'}`);
      if (pulled === null && why === 'told') ledger.takenOff(ref, ground.wallOffsetMs === 0);
      const inForce = pulled && { revision: pulled.revision, urlId: idOf(pulled.url), ...truthOf(clouds, pulled) };
      ledger.inForce(ref, inForce, why === 'old-file');
      if (why === 'old-file') watchers.relay.relapsed(ledger.of(ref));
    },
    onExpiredTold: (id) => ledger.expiredTold(refOf(id) ?? id),
    onCut: (id) => ledger.cut(refOf(id) ?? id),
    onLoss: (id, why) => {
      ledger.trace.note(`viewers of ${refOf(id)} have to come again: ${why}`);
      watchers.relay.lost(keptOf(id), why);
    },
    onLineGone: (id) => watchers.relay.lineGone(keptOf(id)),
    onThirdPull: (id, pulls) => ledger.violate(refOf(id) ?? id, 'third-pull', `${pulls} pulls are open for it at once`),
    onProved: (id, { revision }) => watchers.relay.proved(keptOf(id), revision),
    plays: (id, pulled) => plays(clouds, byId.get(id), pulled),
  });
  if (options.kinds?.includes('relay-comes') !== true) engine.addRelay();
  const ground: Ground = {
    ...{
      clock,
      clouds,
      engine,
      dataDir,
      chance: new Chance(`${seed} jobs`),
      wallOffsetMs: 0,
      clockSetMs: 0,
      sleptMs: 0,
    },
    ...{ startedMs: 0, scarceUntilMs: new Map() },
    ...{
      storeAway: 0,
      storeSlow: 0,
      ticksAway: 0,
      ticksBackMs: 0,
      listingChanged: true,
      newsHeldBack: false,
      calmTickMs: options.calmTickMs ?? 10_000,
      callsPerHour: options.callsPerHour ?? CALLS_PER_HOUR,
      ticksOnGridOnly: options.ticksOnGridOnly ?? false,
    },
    isTroubled: () => ledger.isAnyAccountBlocked,
    note: (line) => ledger.trace.note(line),
    log: (level, line) => {
      if (level === 'error') errors.push(`${clock.now().toISOString()} ${line}`);
      const kind = line.replace(/\b[0-9a-f]{24}\b/g, '…').replace(/\d+/g, 'N');
      warnings.set(kind, (warnings.get(kind) ?? 0) + 1);
    },
  };
  const watchers = new Watchers(ledger, ground, (ref) => idByRef.get(ref));
  const accounts = fleet.accounts.map(({ name }) => name);
  const plan = {
    ...{ days, cameras, accounts, quiet, intensity: options.intensity ?? 1 },
    ...(options.kinds && { kinds: options.kinds }),
  };
  const rare = rareFaults(new Chance(`${seed} rare`), plan);
  const relayed = relayFaults(new Chance(`${seed} relay faults`), plan);
  const schedule = faultSchedule(new Chance(`${seed} faults`), plan, [...rare, ...relayed]);
  const lives = new Lives(ground, ledger, [...byId], new Chance(`${seed} deaths`));
  const faults = new Faults(ground, ledger, lives, [...byId], (ref) => watchers.cures.cured(ledger.of(ref)));
  let notRelayed = 0;
  try {
    for (const camera of fleet.cameras()) ledger.addCamera(camera.ref, camera.account);
    faults.begin(schedule);
    await lives.begin();
    ledger.onViolation = () => (clock.isOver = ledger.violations.length >= ENOUGH_VIOLATIONS);
    for (let day = 1; day <= days && !clock.isOver; day++) {
      await clock.runUntil(clock.startMs + day * DAY);
      options.onDay?.(day);
      for (const id of engine.pulledByItself) watchers.relay.lookBesides(keptOf(id), engine.watchedMs(id));
      if (day === Math.floor(days * 0.8)) watchers.lookInQuiet();
    }
    ledger.close();
    notRelayed = engine.pulledByItself.length;
    await lives.end();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  const { violations, darkSeconds, calls, given, renewals } = ledger;
  return {
    ...{ seed, violations, darkSeconds, calls, given, renewals, warnings, errors },
    lostSeconds: violations.reduce((sum, one) => sum + one.lostSeconds, 0),
    happenings: schedule.length,
    deaths: lives.deaths,
    losses: watchers.relay.losses,
    notRelayed,
    quiet: ledger.quiet,
    digest: ledger.trace.digest(),
    trace: (about) => ledger.trace.about(about),
    tookMs: performance.now() - beganMs,
  };
}

/** By the URL itself: a lease's own `expiresAt` is what camlease says. */
function truthOf(clouds: YearClouds, pulled: Pulled): { readonly expiresMs: number; readonly isDud: boolean } {
  const verdict = clouds.urls.check(streamName(pulled));
  if (!verdict.good) return { expiresMs: 0, isDud: false };
  return { expiresMs: verdict.expiresAt.getTime(), isDud: verdict.plays === 'nothing' };
}

function plays(clouds: YearClouds, camera: SimulatedCamera | undefined, pulled: Pulled): boolean {
  const verdict = clouds.urls.check(streamName(pulled));
  if (!verdict.good || verdict.plays === 'nothing' || !camera) return false;
  return !camera.faults.has('offline') && !camera.faults.has('timeout');
}

function streamName({ url }: Pulled): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
