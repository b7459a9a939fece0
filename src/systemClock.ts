import { performance } from 'node:perf_hooks';
import type { Clock } from './core/clock.js';

/** Node's timers hold at most a 32-bit number of milliseconds (24.8 days); a longer wait is made of several timers. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after(ms, run) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : run()), stepMs);
    };
    arm(Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};
