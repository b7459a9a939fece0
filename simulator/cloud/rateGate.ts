import type { Clock } from '../../src/core/clock.js';
import type { SimulatedAccount } from '../fleet.js';

/** Counts an account's accepted calls in a sliding window. Refused calls do not count. */
export class RateGate {
  readonly #clock: Clock;
  readonly #accepted = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  accepts({ name, faults, rateLimit }: SimulatedAccount): boolean {
    if (faults.has('rate-limited')) return false;
    const now = this.#clock.monotonicMs();
    const recent = (this.#accepted.get(name) ?? []).filter((time) => now - time < rateLimit.windowMs);
    const fits = recent.length < rateLimit.calls;
    if (fits) recent.push(now);
    this.#accepted.set(name, recent);
    return fits || !rateLimit.strict;
  }
}
