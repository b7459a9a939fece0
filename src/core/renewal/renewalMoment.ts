import type { Random } from '../clock.js';
import { emergencyMs, lastSafeMoment, lifeMs, type LeaseLife } from './renewal.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** A renewal is planned after so many sevenths of the life; the rest is for retries. */
const PLANNED_SEVENTHS = 5;
/** How far from the planned moment a renewal may come, in parts of the life. */
const HALF_WIDTH = 1 / 20;
/** The same where an account's load is known: a wider range is used only when the narrower one is full. */
const HALF_WIDTHS: readonly number[] = [HALF_WIDTH, 1 / 10, 1 / 5, 13 / 28];
/** Renewals plan with this part of the vendor's rate, and leave the rest to first leases, listings, retries and people. */
const SHARE_OF_RATE = 1 / 4;
const BUCKETS_MS: readonly number[] = [HOUR_MS, 10 * MINUTE_MS, MINUTE_MS, 10 * SECOND_MS, SECOND_MS];
/**
 * The time a proof takes: MediaMTX's file with the feeder is written every 2 s at most, the feeder shows its tracks after
 * 2 s, and a key frame has to come.
 */
const PROOF_NEEDS_MS = 12_000;
/** No life is renewed before this part of it: that would be one renewal after the other. */
const EARLIEST_PART = 1 / 3;

/** How many of an account's renewals fall due from `fromMs` (included) to `toMs` (not included), epoch ms. */
export type DueBetween = (fromMs: number, toMs: number) => number;

/** What else an account has to renew. */
export interface AccountLoad {
  /** Calls for live URLs that the vendor allows in an hour. */
  readonly callsPerHour: number;
  readonly dueBetween: DueBetween;
}

/** How long (ms) after it is obtained a lease with this life (ms) is renewed: at 5/7 of the life, if nothing moves the renewal. */
export function plannedAfterMs(lifeOfLeaseMs: number): number {
  return (lifeOfLeaseMs * PLANNED_SEVENTHS) / 7;
}

/**
 * Chooses when to renew a lease; everything that sets `renewAt` calls this function. It is called once, when the lease is
 * obtained or found, and the moment is stored: choosing again at every check could put the renewal off for ever.
 *
 * The moment is about 5/7 of the life. `load` is what the account has to renew besides, and moves it to a time when few
 * others are due. Where the load is not known (null: a lease that was found or typed in), and for a life so short that the
 * time of a proof decides, the moment is drawn.
 */
export function chooseRenewAt(lease: LeaseLife, load: AccountLoad | null, random: Random): Date {
  const spread = load === null || isShort(lease) ? null : spreadOut(lease, load, random);
  return spread ?? drawn(lease, random);
}

/** True for a life of less than 84 s: it is so short that the time of a proof alone decides when to renew. */
function isShort(lease: LeaseLife): boolean {
  return lastSafeMoment(lease).getTime() - PROOF_NEEDS_MS < lease.obtainedAt.getTime() + plannedAfterMs(lifeMs(lease));
}

/**
 * At 5/7 of the life, up to a twentieth of it earlier or later, so that cameras leased together are not renewed together. A
 * short life is renewed sooner, because a proof takes its seconds however short the life is.
 */
function drawn(lease: LeaseLife, random: Random): Date {
  const life = lifeMs(lease);
  const lastSafeMs = lastSafeMoment(lease).getTime() - lease.obtainedAt.getTime();
  const plannedMs = Math.min(plannedAfterMs(life), Math.max(life * EARLIEST_PART, lastSafeMs - PROOF_NEEDS_MS));
  const jitterMs = (random() * 2 - 1) * life * HALF_WIDTH;
  return new Date(lease.obtainedAt.getTime() + Math.min(plannedMs + jitterMs, lastSafeMs));
}

/**
 * At about 5/7 of the life, at the time when fewest others are due: no hour needs more than a quarter of the vendor's
 * `callsPerHour` if the leases allow that. The fuller the hours, the further from 5/7 a renewal is planned, but never within
 * the emergency band, which is for retries. null: the life has no such time.
 */
function spreadOut(lease: LeaseLife, { callsPerHour, dueBetween }: AccountLoad, random: Random): Date | null {
  const life = lifeMs(lease);
  const bucketMs = bucketMsOf(life);
  const latestMs = Math.min(lastSafeMoment(lease).getTime(), lease.expiresAt.getTime() - emergencyMs(lease));
  const plannedMs = lease.obtainedAt.getTime() + plannedAfterMs(life);
  const fullPerMs = (callsPerHour / HOUR_MS) * SHARE_OF_RATE;
  for (const halfWidth of HALF_WIDTHS) {
    const fromMs = plannedMs - halfWidth * life;
    const toMs = Math.min(plannedMs + halfWidth * life, latestMs);
    const slots = slotsOf(fromMs, toMs, bucketMs, fullPerMs, dueBetween);
    const least = Math.min(...slots.map(({ load }) => load));
    const isLast = halfWidth === HALF_WIDTHS.at(-1);
    if (slots.length === 0 || (least > 1 && !isLast)) continue;
    const freest = slots.filter(({ load }) => load <= least);
    const slot = freest[Math.floor(random() * freest.length)];
    if (slot) return new Date(Math.floor(slot.fromMs + random() * (slot.toMs - slot.fromMs)));
  }
  return null;
}

interface Slot {
  readonly fromMs: number;
  readonly toMs: number;
  /** The renewals due here with one more, as a part of how many may be. */
  readonly load: number;
}

/** The length (ms) of the slots in which renewals are counted: an hour, and less where leases live for less than a day. */
export function bucketMsOf(lifeOfLeaseMs: number): number {
  return BUCKETS_MS.find((bucketMs) => bucketMs <= lifeOfLeaseMs / 24) ?? SECOND_MS;
}

/** The slots of this range, cut off at its ends, each with its load if one more renewal is planned there. */
function slotsOf(fromMs: number, toMs: number, bucketMs: number, fullPerMs: number, dueBetween: DueBetween): Slot[] {
  const slots: Slot[] = [];
  for (let startMs = Math.floor(fromMs / bucketMs) * bucketMs; startMs < toMs; startMs += bucketMs) {
    const slot = { fromMs: Math.max(fromMs, startMs), toMs: Math.min(toMs, startMs + bucketMs) };
    // A small rest of a slot is left out: rounding would distort its load.
    if (slot.toMs - slot.fromMs < bucketMs / 8) continue;
    const due = dueBetween(startMs, startMs + bucketMs);
    slots.push({ ...slot, load: (due + 1) / (fullPerMs * bucketMs) });
  }
  return slots;
}
