import type { Camera, CameraId } from '../camera/camera.js';
import { byUrgency, decideRenewal, dueAt, lifeMs, longestLease } from './renewal.js';
import { plannedAfterMs } from './renewalMoment.js';

/** The renewals that fall due within one hour or day; the first one has the overdue ones too. */
export interface DueBucket {
  /** The hour or day begins here. */
  readonly from: Date;
  readonly leases: number;
}

/** The forecast of one account. */
export interface AccountForecast {
  readonly account: string;
  /** Calls for live URLs that the vendor allows in an hour. */
  readonly callsPerHour: number;
  /** Cameras that are due now, or wait in a pass. */
  readonly backlog: number;
  /** When the backlog is done at the vendor's rate, if it begins when the account may be called again; null: no camera waits. */
  readonly backlogDoneAt: Date | null;
  /** When the first camera goes dark unless it is renewed before; null: no camera has a lease that ends. */
  readonly firstDarkAt: Date | null;
  /** Cameras that will be dark before the backlog reaches them. */
  readonly tooLate: number;
  /** Part (0 to 1) of the vendor's cap on streams that is in use; null: no cap is known. */
  readonly quotaUsed: number | null;
}

export interface Forecast {
  readonly madeAt: Date;
  /** From the beginning of this hour: 24 hours. */
  readonly hours: readonly DueBucket[];
  /** 14 times 24 hours from the same moment. Renewals of leases that are obtained in that time are counted too. */
  readonly days: readonly DueBucket[];
  readonly accounts: readonly AccountForecast[];
}

const HOUR_MS = 3_600_000;
const HOURS = 24;
const DAYS = 14;

export interface AccountFacts {
  readonly account: string;
  /** Calls for live URLs that the vendor allows in an hour. */
  readonly callsPerHour: number;
  /** The account must not be called before; null: it may be called now. */
  readonly openAt: Date | null;
  /** Part (0 to 1) of the vendor's cap on streams that is in use; null: no cap is known. */
  readonly quotaUsed: number | null;
  readonly cameras: readonly Camera[];
  /** Cameras that wait for their turn in a pass, due or not. */
  readonly queued: ReadonlySet<CameraId>;
}

/** The forecast of the accounts from what is known now. Assumes that every call brings a lease as long as the previous one. */
export function forecastOf(now: Date, newLifeMs: number, accounts: readonly AccountFacts[]): Forecast {
  const fromMs = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const hours = emptyBuckets(fromMs, HOUR_MS, HOURS);
  const days = emptyBuckets(fromMs, 24 * HOUR_MS, DAYS);
  for (const { cameras } of accounts) {
    for (const camera of cameras) {
      const due = dueAt(camera);
      if (due === null) continue;
      const periodMs = plannedAfterMs(lifeMs(longestLease(camera) ?? NO_LIFE) || newLifeMs);
      countDue(hours, HOUR_MS, due.getTime(), periodMs, now);
      countDue(days, 24 * HOUR_MS, due.getTime(), periodMs, now);
    }
  }
  return { madeAt: now, hours, days, accounts: accounts.map((facts) => accountForecast(facts, now)) };
}

const NO_LIFE = { obtainedAt: new Date(0), expiresAt: new Date(0) };

type Counted = { -readonly [Field in keyof DueBucket]: DueBucket[Field] };

function emptyBuckets(fromMs: number, lengthMs: number, count: number): Counted[] {
  return Array.from({ length: count }, (_, index) => ({ from: new Date(fromMs + index * lengthMs), leases: 0 }));
}

/**
 * Adds a camera's renewals from now on to the buckets. An overdue one counts as due now: it is asked for as soon as the
 * account's rate allows.
 */
function countDue(buckets: Counted[], lengthMs: number, dueMs: number, periodMs: number, now: Date): void {
  const firstMs = Math.max(dueMs, now.getTime());
  const before = (endMs: number): number => (endMs <= firstMs ? 0 : Math.ceil((endMs - firstMs) / periodMs));
  for (const bucket of buckets) {
    const startMs = bucket.from.getTime();
    bucket.leases += before(startMs + lengthMs) - before(startMs);
  }
}

function accountForecast(facts: AccountFacts, now: Date): AccountForecast {
  const { account, callsPerHour, openAt, quotaUsed, cameras, queued } = facts;
  const ends = cameras.filter((camera) => dueAt(camera) !== null).flatMap((camera) => darkAtMs(camera, now) ?? []);
  const waiting = cameras.filter((camera) => queued.has(camera.id) || decideRenewal(camera, now).action === 'renew');
  const backlog = byUrgency(waiting, now);
  const callMs = HOUR_MS / callsPerHour;
  const opensMs = Math.max(now.getTime(), openAt?.getTime() ?? 0);
  return {
    account,
    callsPerHour,
    backlog: backlog.length,
    backlogDoneAt: backlog.length === 0 ? null : new Date(Math.ceil(opensMs + backlog.length * callMs)),
    firstDarkAt: ends.length === 0 ? null : new Date(ends.reduce((least, end) => Math.min(least, end))),
    tooLate: tooLate(facts, backlog, opensMs, callMs, now),
    quotaUsed,
  };
}

/**
 * Counts the cameras whose lease ends before their turn, if the cloud is asked at the vendor's rate: first for the
 * backlog, then for each camera when it falls due.
 */
function tooLate(
  { cameras }: AccountFacts,
  backlog: readonly Camera[],
  opensMs: number,
  callMs: number,
  now: Date,
): number {
  const waits = new Set(backlog);
  const later = cameras
    .filter((camera) => !waits.has(camera))
    .flatMap((camera) => {
      const dueMs = dueAt(camera)?.getTime();
      return dueMs === undefined ? [] : [{ camera, dueMs }];
    })
    .sort((a, b) => a.dueMs - b.dueMs);
  let freeMs = opensMs;
  let count = 0;
  for (const { camera, dueMs } of [...backlog.map((one) => ({ camera: one, dueMs: 0 })), ...later]) {
    freeMs = Math.max(freeMs, dueMs) + callMs;
    const endMs = darkAtMs(camera, now);
    // The next try of a failed camera may come after its lease's end; that is not the backlog's fault.
    if (endMs !== null && endMs < freeMs && dueMs < endMs) count += 1;
  }
  return count;
}

/** When the camera's last lease ends (epoch ms); null: it has no living one. */
function darkAtMs(camera: Camera, now: Date): number | null {
  const endMs = longestLease(camera)?.expiresAt.getTime() ?? 0;
  return endMs > now.getTime() ? endMs : null;
}
