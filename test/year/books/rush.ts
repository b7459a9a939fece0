import type { Kept } from './kept.js';
import { LIFE_MS } from './ledger.js';
import type { Facts, Tell, Watcher } from './watcher.js';

const HOUR = 3_600_000;
/** Renewals are planned for five sevenths of a life, a twentieth either way: an even share of a fleet is an hour's of so many. */
const PLANNED_HOURS = LIFE_MS / 10 / HOUR;
const PLANNED_LEFT_MS = (LIFE_MS * 2) / 7;
const SLACK_MS = LIFE_MS / 20 + HOUR;
/** Where that needs more than this part of the vendor's rate they go further apart, */
const PART_OF_RATE = 1 / 4;
/** though never into the last hours of a lease. */
export const LAST_HOURS_MS = 12 * HOUR;
/** Hours are filled evenly, but for those in which a fleet begins, and for what a tick brings into the next hour. */
const UNEVEN = 1.15;
const FEW = 3;
/** Fewer need no spreading. */
const LARGE_ACCOUNT = 200;
/** So long after a trouble everybody's turn is where it was planned. */
const CALM_MS = 12 * HOUR;

/** So many cameras for the rate that renewals are planned further from five sevenths. */
export function needsMoreRoom(cameras: number, callsPerHour: number): boolean {
  return evenShare(cameras) > callsPerHour * PART_OF_RATE;
}

function evenShare(cameras: number): number {
  return (UNEVEN * cameras) / PLANNED_HOURS;
}

export interface RushFacts extends Pick<Facts, 'now' | 'tickMs'> {
  readonly cameras: (account: string) => number;
  readonly disturbedMs: (account: string) => number;
  /** What camlease takes for the vendor's rate. */
  readonly callsPerHour: number;
}

/** Tells of hours in which much more of an account's renewals were planned than an even share, or than its part of the rate. */
export class Rush implements Watcher {
  readonly #facts: RushFacts;
  readonly #tell: Tell;
  readonly #hours = new Map<string, { readonly hour: number; calls: number }>();

  constructor(facts: RushFacts, tell: Tell) {
    this.#facts = facts;
    this.#tell = tell;
  }

  gave({ account, inForce, blocked, unblockedMs }: Kept): void {
    const now = this.#facts.now();
    const cameras = this.#facts.cameras(account);
    if (cameras < LARGE_ACCOUNT || blocked > 0) return;
    const leftMs = (inForce?.expiresMs ?? 0) - now;
    const isWide = needsMoreRoom(cameras, this.#facts.callsPerHour);
    const isPlanned = isWide ? leftMs > LAST_HOURS_MS : Math.abs(leftMs - PLANNED_LEFT_MS) < SLACK_MS;
    if (!isPlanned || now - Math.max(unblockedMs, this.#facts.disturbedMs(account)) < CALM_MS) return;
    const hour = Math.floor(now / HOUR);
    const last = this.#hours.get(account);
    const planned = last?.hour === hour ? last : { hour, calls: 0 };
    this.#hours.set(account, planned);
    planned.calls += 1;
    // What was due since the tick before comes with the hour's own.
    const hours = 1 + this.#facts.tickMs / HOUR;
    const most = Math.floor(Math.min(evenShare(cameras), this.#facts.callsPerHour * PART_OF_RATE) * hours) + FEW;
    if (planned.calls === most + 1) this.#tell(account, `more than ${most} of its renewals were planned for one hour`);
  }
}
