import type { Clock } from '../../../src/core/clock.js';
import type { Chance } from './chance.js';
import type { YearClock } from './yearClock.js';
import type { YearClouds } from './yearClouds.js';
import type { YearEngine } from './yearEngine.js';

/** What outlives camlease: the disk, the clouds, the media server, and the time. */
export interface Ground {
  readonly clock: YearClock;
  readonly chance: Chance;
  readonly clouds: YearClouds;
  readonly engine: YearEngine;
  readonly dataDir: string;
  /** Planned renewals, of cameras that nothing is wrong with, wait for a tick on this grid. */
  readonly calmTickMs: number;
  /** What the vendor gives an account in an hour, as camlease is told. */
  readonly callsPerHour: number;
  /** The schedules have no other ticks than that grid's. */
  readonly ticksOnGridOnly: boolean;
  /** How wrong the machine's wall clock is. */
  wallOffsetMs: number;
  /** When it was last set right. */
  clockSetMs: number;
  /** When the process that runs was started. */
  startedMs: number;
  /** By account: until when its cloud gives a live address now and then only. */
  readonly scarceUntilMs: Map<string, number>;
  /** For how long the machine slept in all. */
  sleptMs: number;
  storeAway: number;
  /** Reasons for which each call of the store takes seconds. */
  storeSlow: number;
  ticksAway: number;
  /** When they last came back. */
  ticksBackMs: number;
  /** A listing would bring news. */
  listingChanged: boolean;
  /** It would once the account that is in trouble is out of it; until then its listings say nothing, and cost the whole fleet's. */
  newsHeldBack: boolean;
  /** Some account is in trouble now. */
  isTroubled: () => boolean;
  readonly note: (line: string) => void;
  readonly log: (level: 'warn' | 'error', line: string) => void;
}

/** The machine's clocks as one process sees them: its timers die with it. */
export function processClock(ground: Ground, alive: { readonly now: boolean }): Clock {
  const { clock } = ground;
  return {
    now: () => new Date(clock.nowMs + ground.wallOffsetMs),
    monotonicMs: () => clock.monotonicMs() - ground.sleptMs,
    after: (ms, run) =>
      clock.afterAwake(ms, () => {
        if (alive.now) run();
      }),
  };
}
