import type { Kept } from './kept.js';
import { LIFE_MS } from './ledger.js';
import type { Tell, Watcher } from './watcher.js';

const HOUR = 3_600_000;
/** Renewals are planned for five sevenths of a life, a twentieth either way: an even share of a fleet is an hour's of so many. */
const PLANNED_HOURS = LIFE_MS / 10 / HOUR;
const PLANNED_LEFT_MS = (LIFE_MS * 2) / 7;
const SLACK_MS = LIFE_MS / 20 + HOUR;
/** Hours are filled evenly, but for those in which a fleet begins, and for what a tick brings into the next hour. */
const UNEVEN = 1.15;
const FEW = 3;
/** Fewer need no spreading. */
const LARGE_ACCOUNT = 200;
/** So long after a trouble everybody's turn is where it was planned. */
const CALM_MS = 12 * HOUR;

/** Tells of hours in which much more of an account's renewals were planned than an even share. */
export class Rush implements Watcher {
  readonly #now: () => number;
  readonly #cameras: (account: string) => number;
  readonly #disturbedMs: (account: string) => number;
  readonly #tell: Tell;
  readonly #hours = new Map<string, { readonly hour: number; calls: number }>();

  constructor(
    now: () => number,
    cameras: (account: string) => number,
    disturbedMs: (account: string) => number,
    tell: Tell,
  ) {
    this.#now = now;
    this.#cameras = cameras;
    this.#disturbedMs = disturbedMs;
    this.#tell = tell;
  }

  gave({ account, inForce, blocked, unblockedMs }: Kept): void {
    const now = this.#now();
    const leftMs = (inForce?.expiresMs ?? 0) - now;
    const isPlanned = Math.abs(leftMs - PLANNED_LEFT_MS) < SLACK_MS && blocked === 0;
    if (!isPlanned || now - Math.max(unblockedMs, this.#disturbedMs(account)) < CALM_MS) return;
    const hour = Math.floor(now / HOUR);
    const last = this.#hours.get(account);
    const planned = last?.hour === hour ? last : { hour, calls: 0 };
    this.#hours.set(account, planned);
    planned.calls += 1;
    const cameras = this.#cameras(account);
    if (cameras < LARGE_ACCOUNT) return;
    const most = Math.floor((UNEVEN * cameras) / PLANNED_HOURS) + FEW;
    if (planned.calls === most + 1) this.#tell(account, `more than ${most} of its renewals were planned for one hour`);
  }
}
