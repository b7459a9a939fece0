import { accountOf } from '../../../src/core/camera/cameraSource.js';
import { dueAt } from '../../../src/core/renewal/renewal.js';
import type { Jobs } from '../../../src/jobs/createJobs.js';
import type { Schedule } from '../../../src/jobs/run/deps.js';
import type { CachedCameraStore } from '../../../src/store/memory/cachedCameraStore.js';
import type { Ground } from './ground.js';

/** Ticks come on this grid, as by `RENEW_CRON`. */
const TICK_MS = 10_000;
/** After a tick that moved nothing, where the next would move nothing either. */
const IDLE_TICK_MS = 60_000;
/** Whatever is thought to be due, a tick comes this often, or as often as planned renewals do. */
const COARSE_TICK_MS = 10 * 60_000;
const DISCOVER_MS = 15 * 60_000;
/** While listings bring no news. */
const COARSE_DISCOVER_MS = 12 * 3_600_000;

/** What the ticks of one life look at. */
export interface Ticking {
  readonly store: CachedCameraStore;
  readonly jobs: Jobs;
}

/**
 * The schedule of one life of camlease. A year has three million ticks of 10 s; those that would find nothing to do are not
 * made.
 */
export class Ticks {
  readonly #ground: Ground;
  readonly #renew = new Tick();
  readonly #discover = new Tick();
  #life: Ticking | null = null;
  #nextRenewMs: number | null = null;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** The process has started, and lists everything at its first tick. */
  begin(life: Ticking): void {
    this.#life = life;
    this.#renew.lastMs = this.#ground.clock.nowMs;
    this.#discover.lastMs = this.#ground.clock.nowMs;
    this.#ground.listingChanged = true;
  }

  /** A camera changed: what is due next may be another one. */
  changed(): void {
    this.#nextRenewMs = null;
  }

  /** When the next tick comes that may find something to do. */
  nextMs(): number {
    if (this.#life === null || this.#ground.ticksAway > 0) return Number.POSITIVE_INFINITY;
    return Math.min(this.#renewAtMs(), this.#discoverAtMs());
  }

  /** Makes the ticks that are due now. */
  make(): void {
    if (this.#life === null || this.#ground.ticksAway > 0) return;
    const nowMs = this.#ground.clock.nowMs;
    if (this.#renewAtMs() <= nowMs) {
      this.#renew.make(nowMs, () => (this.#nextRenewMs = null));
      this.#nextRenewMs = null;
    }
    if (this.#discoverAtMs() <= nowMs) {
      this.#ground.listingChanged = false;
      this.#discover.make(nowMs, () => this.#listed());
    }
  }

  readonly schedule: Schedule = (name, _expression, run) => {
    const tick = name === 'renew' ? this.#renew : name === 'discover' ? this.#discover : null;
    if (tick) tick.run = run;
    return {
      skipped: 0,
      stop: () => {
        if (tick) tick.run = null;
      },
    };
  };

  /** A listing that did not come through keeps its news for the next. */
  #listed(): void {
    const pass = this.#life?.jobs.status().recent.find(({ job }) => job === 'discover');
    const report = pass?.report ?? null;
    if (report !== null && 'failedAccounts' in report && report.failedAccounts.length === 0) return;
    if (this.#ground.isTroubled()) this.#ground.newsHeldBack = true;
    else this.#ground.listingChanged = true;
  }

  #discoverAtMs(): number {
    const { busy, lastMs } = this.#discover;
    if (busy) return Number.POSITIVE_INFINITY;
    const everyMs = this.#discoverEveryMs();
    return (Math.floor(lastMs / everyMs) + 1) * everyMs;
  }

  #discoverEveryMs(): number {
    const { ticksOnGridOnly, calmTickMs, listingChanged } = this.#ground;
    // Whoever begins lists the cameras at once, as `initialize` does.
    const isNew = this.#life?.store.peekAll()[Symbol.iterator]().next().done === true;
    if (ticksOnGridOnly && !isNew) return calmTickMs;
    return listingChanged ? DISCOVER_MS : COARSE_DISCOVER_MS;
  }

  #renewAtMs(): number {
    const { busy, lastMs } = this.#renew;
    const { ticksOnGridOnly, calmTickMs } = this.#ground;
    if (busy) return Number.POSITIVE_INFINITY;
    if (ticksOnGridOnly) return (Math.floor(lastMs / calmTickMs) + 1) * calmTickMs;
    this.#nextRenewMs ??= this.#findNextRenew(lastMs);
    return this.#nextRenewMs;
  }

  /** The first moment of the grid by which something is due; and now and then one by which nothing seems to be. */
  #findNextRenew(lastMs: number): number {
    const { wallOffsetMs, calmTickMs } = this.#ground;
    const usableFrom = new Map<string, number>();
    for (const { name, refused } of this.#life?.jobs.status().accounts ?? [])
      if (refused) usableFrom.set(name, refused.nextLookAt.getTime() - wallOffsetMs);
    let nextMs = lastMs + Math.max(COARSE_TICK_MS, calmTickMs);
    for (const camera of this.#life?.store.peekAll() ?? []) {
      const due = dueAt(camera)?.getTime();
      if (due === undefined) continue;
      const atMs = Math.max(due - wallOffsetMs, usableFrom.get(accountOf(camera) ?? '') ?? 0);
      // One that was due at the last tick already is held up by something.
      const dueMs = atMs <= lastMs ? lastMs + IDLE_TICK_MS : atMs;
      if (dueMs >= nextMs) continue;
      const isCalm = camera.failure === null && camera.lease !== null && camera.candidate === null;
      nextMs = Math.min(nextMs, isCalm && atMs > lastMs ? Math.ceil(dueMs / calmTickMs) * calmTickMs : dueMs);
    }
    return Math.max(lastMs + TICK_MS, Math.ceil(nextMs / TICK_MS) * TICK_MS);
  }
}

/** A tick that falls into a running one is skipped. */
class Tick {
  run: (() => Promise<void>) | null = null;
  busy = false;
  lastMs = 0;

  make(nowMs: number, onEnd: () => void): void {
    this.lastMs = nowMs;
    if (this.busy || !this.run) return;
    this.busy = true;
    const over = (): void => {
      this.busy = false;
      onEnd();
    };
    this.run().then(over, over);
  }
}
