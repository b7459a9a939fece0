const DAY = 24 * 3_600_000;
/** Everything that a renewal needs was there for so long without a break: then it was possible. */
export const POSSIBLE_MS = 20 * 60_000;

/** When something was so, as far as it was so for POSSIBLE_MS without a break. */
export class Stretches {
  #sinceMs: number | null = null;
  #past: { readonly fromMs: number; readonly toMs: number }[] = [];

  set(isSo: boolean, nowMs: number): void {
    if (isSo) {
      this.#sinceMs ??= nowMs;
      return;
    }
    const fromMs = this.#sinceMs;
    this.#sinceMs = null;
    if (fromMs === null || nowMs - fromMs < POSSIBLE_MS) return;
    this.#past = [...this.#past.filter(({ toMs }) => toMs > nowMs - 30 * DAY), { fromMs, toMs: nowMs }];
  }

  /** The earliest moment by which `forMs` (POSSIBLE_MS at least) in one piece had passed between the two; none: never. */
  enoughAt(fromMs: number, toMs: number, forMs: number): number {
    const now = this.#sinceMs === null ? [] : [{ fromMs: this.#sinceMs, toMs }];
    for (const stretch of [...this.#past, ...now]) {
      const reachedMs = Math.max(stretch.fromMs, fromMs) + forMs;
      if (reachedMs <= Math.min(stretch.toMs, toMs)) return reachedMs;
    }
    return Number.POSITIVE_INFINITY;
  }
}
