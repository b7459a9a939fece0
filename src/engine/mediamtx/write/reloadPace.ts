/** With fewer paths a reload ends before a computed wait would help. */
const MANY_PATHS = 100;
const REMEMBERED = 5;
/** The first poll comes after this part of the shortest recent reload: never too late, and until then no poll takes time from MediaMTX. */
const SURE_PART = 0.7;

/** Estimates from recent reloads how long MediaMTX needs for a file, so that `confirmFile` does not poll too early. */
export class ReloadPace {
  #msPerPath: readonly number[] = [];

  /** Records that a file with this many paths was in force after `ms`. */
  took(paths: number, ms: number): void {
    if (paths >= MANY_PATHS) this.#msPerPath = [...this.#msPerPath, ms / paths].slice(-REMEMBERED);
  }

  /** The least ms that MediaMTX needs for a file with this many paths; 0: not known. */
  leastMs(paths: number): number {
    if (paths < MANY_PATHS || this.#msPerPath.length === 0) return 0;
    return Math.min(...this.#msPerPath) * paths * SURE_PART;
  }
}
