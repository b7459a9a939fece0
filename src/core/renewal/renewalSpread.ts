import type { Random } from '../clock.js';
import { drawRenewAt, emergencyMs, isShort, lastSafeMoment, lifeMs } from './renewal.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Renewals are planned at this part of the life; the rest is for retries. */
const PLANNED_PART = 5 / 7;
/** How far from there a renewal may be planned, in parts of the life; a wider range is used only when the narrower one is full. */
const HALF_WIDTHS: readonly number[] = [1 / 20, 1 / 10, 1 / 5, 13 / 28];
/** Renewals plan with this part of the vendor's rate, and leave the rest to first leases, listings, retries and people. */
const SHARE_OF_RATE = 1 / 4;
const BUCKETS_MS: readonly number[] = [HOUR_MS, 10 * MINUTE_MS, MINUTE_MS, 10 * SECOND_MS, SECOND_MS];

/** How many of an account's renewals fall due from `fromMs` (included) to `toMs` (not included), epoch ms. */
export type DueBetween = (fromMs: number, toMs: number) => number;

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

/**
 * When to renew a lease that was just obtained: at about 5/7 of its life, at the time when fewest others are due. So
 * cameras that were leased together are not renewed together, and no hour needs more than a quarter of the vendor's
 * `callsPerHour` if the leases allow that: the fuller the hours, the further from 5/7 a renewal is planned. Never within
 * the emergency band, which is for retries. Drawn once, at obtaining, and stored.
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
