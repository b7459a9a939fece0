import type { Random } from '../clock.js';
import { drawRenewAt, emergencyMs, isShort, lastSafeMoment, lifeMs } from './renewal.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The planned part of a life; the rest is for what goes wrong. */
const PLANNED_PART = 5 / 7;
/** How far from it a renewal may be planned, in parts of the life: no further than is needed. */
const HALF_WIDTHS: readonly number[] = [1 / 20, 1 / 10, 1 / 5, 13 / 28];
/** Renewals leave the rest of the vendor's rate to first leases, listings, retries and people. */
const SHARE_OF_RATE = 1 / 4;
const BUCKETS_MS: readonly number[] = [HOUR_MS, 10 * MINUTE_MS, MINUTE_MS, 10 * SECOND_MS, SECOND_MS];

/** What an account has to renew already: how many fall due at or after `fromMs` and before `toMs` (epoch milliseconds). */
export type DueBetween = (fromMs: number, toMs: number) => number;

interface Slot {
  readonly fromMs: number;
  readonly toMs: number;
  /** Renewals that would be due here, as a part of what may be. */
  readonly load: number;
}

/** Renewals are counted by hours, and by shorter times where leases live for less than a day. */
export function bucketMsOf(lifeOfLeaseMs: number): number {
  return BUCKETS_MS.find((bucketMs) => bucketMs <= lifeOfLeaseMs / 24) ?? SECOND_MS;
}

/**
 * When to renew a lease that was just obtained: at about 5/7 of its life, where least is due already. Cameras that were leased
 * together so part company, and no hour needs more than a quarter of the vendor's `callsPerHour` where the leases allow that: the
 * fuller it gets, the further from 5/7 a renewal is planned. Never within the emergency band, which is for what failed before.
 * Drawn once, at obtaining, and stored.
 */
export function spreadRenewAt(
  lease: { readonly obtainedAt: Date; readonly expiresAt: Date },
  callsPerHour: number,
  dueBetween: DueBetween,
  random: Random,
): Date {
  const { obtainedAt, expiresAt } = lease;
  if (isShort(lease)) return drawRenewAt(obtainedAt, expiresAt, random);
  const life = lifeMs(lease);
  const bucketMs = bucketMsOf(life);
  const latestMs = Math.min(lastSafeMoment(lease).getTime(), expiresAt.getTime() - emergencyMs(lease));
  const plannedMs = obtainedAt.getTime() + life * PLANNED_PART;
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
  return drawRenewAt(obtainedAt, expiresAt, random);
}

/** The buckets of this time, cut off at its ends: each with how full it would be with one renewal more. */
function slotsOf(fromMs: number, toMs: number, bucketMs: number, fullPerMs: number, dueBetween: DueBetween): Slot[] {
  const slots: Slot[] = [];
  for (let startMs = Math.floor(fromMs / bucketMs) * bucketMs; startMs < toMs; startMs += bucketMs) {
    const slot = { fromMs: Math.max(fromMs, startMs), toMs: Math.min(toMs, startMs + bucketMs) };
    // A sliver of a bucket is not worth its rounding.
    if (slot.toMs - slot.fromMs < bucketMs / 8) continue;
    const due = dueBetween(startMs, startMs + bucketMs);
    slots.push({ ...slot, load: (due + 1) / (fullPerMs * bucketMs) });
  }
  return slots;
}
