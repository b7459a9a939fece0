/** The rhythm is that of the latest steps: few, so that it is soon known for a camera that sends a picture every ten seconds. */
const STEPS_KEPT = 6;
const FEWEST_STEPS = 2;
/** A longer step is an outage. */
const LONGEST_STEP_MS = 60_000;
const SILENCE_STEPS = 3;
const MOST_SILENCE_MS = 60_000;

/** How often something comes. A source that sends a picture every ten seconds is not late after five. Times are monotonic ms. */
export class Rhythm {
  #steps: number[] = [];
  #lastMs: number | null = null;

  see(nowMs: number): void {
    const stepMs = this.#lastMs === null ? null : nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (stepMs === null || stepMs > LONGEST_STEP_MS) return;
    this.#steps.push(stepMs);
    if (this.#steps.length > STEPS_KEPT) this.#steps.shift();
  }

  /** The step up to the next one says nothing, as after an outage. */
  interrupt(): void {
    this.#lastMs = null;
  }

  /**
   * The usual step in ms; null: not known yet. Two thirds of the steps are shorter or equal: a single pause does not count, nor do pictures
   * that a server had kept and sends all at once.
   */
  get stepMs(): number | null {
    if (this.#steps.length < FEWEST_STEPS) return null;
    const sorted = this.#steps.toSorted((a, b) => a - b);
    return sorted[Math.floor((2 * sorted.length) / 3)] ?? null;
  }
}

/** How long a source may bring nothing before its pull ends: three usual steps, a minute at most, and `leastMs` at least. */
export function longestSilenceMs({ stepMs }: Rhythm, leastMs: number): number {
  return Math.max(leastMs, Math.min(MOST_SILENCE_MS, SILENCE_STEPS * (stepMs ?? 0)));
}
