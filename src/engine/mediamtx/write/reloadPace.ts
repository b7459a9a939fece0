/** With fewer paths a reload is over before waiting for it would help. */
const MANY_PATHS = 100;
const REMEMBERED = 5;
/** Of the shortest reload lately: it is not late, and MediaMTX has the machine for itself until then. */
const SURE_PART = 0.7;

/** How long MediaMTX takes to read a file, from the last times: so long it is not asked whether it has. */
export class ReloadPace {
  #msPerPath: readonly number[] = [];

  /** A file with so many paths was in force after this time. */
  took(paths: number, ms: number): void {
    if (paths >= MANY_PATHS) this.#msPerPath = [...this.#msPerPath, ms / paths].slice(-REMEMBERED);
  }

  /** It cannot have read it sooner; 0: not known. */
  leastMs(paths: number): number {
    if (paths < MANY_PATHS || this.#msPerPath.length === 0) return 0;
    return Math.min(...this.#msPerPath) * paths * SURE_PART;
  }
}
