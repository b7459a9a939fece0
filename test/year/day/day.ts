import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SimulatedCamera } from '../../../simulator/fleet.js';
import { makeFleet } from '../../../simulator/makeFleet.js';
import type { CameraId, CloudVendor } from '../../../src/core/camera/camera.js';
import { cameraId } from '../../../src/core/camera/cameraId.js';
import { Chance } from '../world/chance.js';
import { YearClock } from '../world/yearClock.js';
import { YearClouds } from '../world/yearClouds.js';
import { idOf, type Pulled } from '../world/pulls.js';
import { YearEngine } from '../world/yearEngine.js';
import { DayBook } from './dayBook.js';
import { DayFaults } from './dayFaults.js';
import { daySchedule, drawOffsetMs, type DayParts } from './daySchedule.js';
import { Replica } from './replica.js';
import { MARKER } from './sharedDoor.js';
import type { DayViolation } from './violation.js';
import { World } from './world.js';

const HOUR = 3_600_000;
const OWNERS = ['north', 'south', 'west'] as const;
const MODES = ['on-demand', 'direct', 'on-demand', 'always-on', 'on-demand', 'seamless'] as const;
const MODES_AFTER_MS = 3 * 60_000;
/** The day ends early: more of the same says nothing new. */
const ENOUGH_VIOLATIONS = 20;

export interface DayOptions {
  readonly seed: number | string;
  readonly hours: number;
  readonly cameras: number;
  readonly lifetimeSeconds: number;
  readonly vendor?: CloudVendor;
  /** What goes wrong and how often, in parts of all; absent: as in a general day. */
  readonly parts?: DayParts;
  /** How long after each other. */
  readonly betweenMs?: readonly [least: number, most: number];
}

export interface DayReport {
  readonly seed: number | string;
  readonly hours: number;
  readonly violations: readonly DayViolation[];
  readonly errors: readonly string[];
  /** Live addresses that clouds gave. */
  readonly given: number;
  /** Cameras that somebody asked a new lease for. */
  readonly asked: number;
  readonly deaths: number;
  readonly freezes: number;
  readonly stops: number;
  /** Happenings of the kinds that only days of one trouble have. */
  readonly rare: number;
  /** Live addresses that were given to one that did not own the media server. */
  readonly whileSplit: number;
  /** Changes of hands from one replica to another. */
  readonly takeovers: number;
  readonly passedOverMs: number;
  /** Of everything that the clouds, the media server and the database saw: the same seed, the same digest. */
  readonly digest: string;
  readonly trace: (about: string) => string[];
  readonly tookMs: number;
}

/** Lives through a day of three replicas on one database, and what goes wrong in it. */
export async function liveDay(options: DayOptions): Promise<DayReport> {
  const beganMs = performance.now();
  const { seed, hours, cameras, lifetimeSeconds, vendor, parts, betweenMs } = options;
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-day-'));
  for (const owner of OWNERS) mkdirSync(path.join(dataDir, owner), { mode: 0o700 });
  const clock = new YearClock(new Date('2026-01-05T08:00:00Z'));
  clock.happened(2 * hours * HOUR);
  const fleet = makeFleet({
    ...{ cameras, vendor: vendor ?? 'both', seed: `day-${seed}` },
    // Two accounts in all.
    ...(vendor && { accountsPerVendor: 2 }),
  });
  const byId = new Map<CameraId, SimulatedCamera>();
  for (const camera of fleet.cameras())
    byId.set(cameraId(fleet.account(camera.account).vendor, camera.serial, camera.channel), camera);
  const refOf = (id: CameraId): string | null => byId.get(id)?.ref ?? null;
  const book: DayBook = new DayBook({
    ...{
      now: () => clock.nowMs,
      awakeMs: () => clock.nowMs - clock.passedOverMs,
      lifeMs: lifetimeSeconds * 1000,
      refOf,
    },
    after: (ms, run) => world.after(ms, run),
  });
  let whileSplit = 0;
  const replicaOf = (caller: string): Replica | undefined => replicas.find(({ machine }) => machine?.name === caller);
  const clouds = new YearClouds(fleet, clock, new Chance(`${seed} clouds`), {
    onCall: ({ kind, camera, code, account, urlId }, caller) => {
      book.trace.note(`call ${caller} ${account ?? '-'} ${kind} ${camera ?? ''} ${code}`);
      world.happened();
      const replica = replicaOf(caller);
      if (account !== null && replica?.machine) book.owners.called(account, replica.owner, replica.machine);
      if (account !== null && code.endsWith('10029')) book.tooFast(account);
      if (kind === 'disable-address' && camera !== null && urlId !== null) book.leases.closed(camera, urlId);
    },
    onGiven: (given) => {
      const replica = replicaOf(given.caller);
      const machine = replica?.machine;
      if (!machine) return;
      if (book.owners.ownerOf(`engine-owner ${MARKER}`) !== replica.owner) whileSplit += 1;
      book.leases.gave(given.ref, given.urlId, machine, () => given.arrived);
      for (const [id, { ref }] of byId) if (ref === given.ref) faults.onMoment('call', replica, machine, [id]);
    },
  });
  const engine = new YearEngine(clock, new Chance(`${seed} engine`), new Chance(`${seed} relay`), {
    onInForce: (id, pulled) => {
      const ref = refOf(id);
      if (ref === null) return;
      book.trace.note(`serve ${ref} ${pulled?.revision ?? 'nothing'}`);
      const isCutOff = book.owners.lastWriter?.isCutOff === true;
      book.leases.inForce(ref, pulled && { urlId: idOf(pulled.url), expiresMs: expiresMsOf(clouds, pulled) }, isCutOff);
    },
    onExpiredTold: () => undefined,
    onCut: () => undefined,
    ...{
      onLoss: () => undefined,
      onLineGone: () => undefined,
      onThirdPull: () => undefined,
      onProved: () => undefined,
    },
    plays: (_id, pulled) => expiresMsOf(clouds, pulled) > clock.nowMs,
  });
  const world = new World({
    ...{ clock, clouds, engine, book, dataDir, lifetimeSeconds },
    ...{ chance: new Chance(`${seed} jobs`), cameras: byId },
  });
  const chance = new Chance(`${seed} faults`);
  const replicas = OWNERS.map((owner) => new Replica(owner, world, (...moment) => faults.onMoment(...moment)));
  const faults = new DayFaults(world, replicas, chance);
  engine.addRelay();
  const aheadMs = (): number => Math.max(...replicas.map(({ wallOffsetMs }) => Math.abs(wallOffsetMs)));
  const dueMs = (): number =>
    replicas.some(({ isRunning }) => isRunning) ? book.nextDueMs(aheadMs()) : Number.POSITIVE_INFINITY;
  clock.calmMs = () => world.calmMs(dueMs);
  clock.onStop = () => {
    book.look(engine.away === 0);
    clock.isOver = book.violations.length >= ENOUGH_VIOLATIONS;
  };
  try {
    for (const { ref, account } of fleet.cameras()) book.leases.add(ref, account);
    for (const replica of replicas) replica.wallOffsetMs = drawOffsetMs(chance);
    const accounts = fleet.accounts.length;
    faults.begin(daySchedule(chance, { hours, cameras, accounts, replicas: replicas.length, parts, betweenMs }));
    world.after(MODES_AFTER_MS, () => {
      for (const [index, id] of [...byId.keys()].entries()) {
        const mode = MODES[index % MODES.length] ?? 'on-demand';
        if (mode !== 'on-demand') void replicas[0]?.store?.update(id, { mode }, clock.now()).catch(() => undefined);
      }
    });
    for (const replica of replicas) void replica.start();
    await clock.runUntil(clock.startMs + hours * HOUR);
    clock.calmMs = () => 0;
    await clock.until(Promise.all(replicas.map((replica) => replica.stop())));
  } finally {
    for (const replica of replicas) replica.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
  const { violations, trace, owners, leases } = book;
  return {
    ...{ seed, hours, violations, errors: world.errors, digest: trace.digest(), passedOverMs: clock.passedOverMs },
    ...{ given: leases.given, asked: leases.asked, takeovers: owners.takeovers },
    ...{ deaths: faults.deaths, freezes: faults.freezes, stops: faults.stops, rare: faults.rare.count },
    whileSplit,
    trace: (about) => trace.about(about),
    tookMs: performance.now() - beganMs,
  };
}

/** By the URL itself; 0: it is no good. */
function expiresMsOf(clouds: YearClouds, { url }: Pulled): number {
  const verdict = clouds.urls.check(url.slice(url.lastIndexOf('/') + 1));
  return verdict.good && verdict.plays !== 'nothing' ? verdict.expiresAt.getTime() : 0;
}
