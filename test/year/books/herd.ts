import type { Kept } from './kept.js';
import type { Tell, Watcher } from './watcher.js';

const MINUTE = 60_000;
/** Calls within a minute are one moment. */
const TOGETHER_MS = MINUTE;
/** Short waits leave no room to part company. */
const LONG_WAIT_MS = 20 * MINUTE;
/** So many cameras, */
const MANY = 6;
/** together at so many moments in a row: a tenth of each wait either way parts them before. */
const MOMENTS = 4;

/** Tells of cameras of one account that fail together and are asked for again together, each time. */
export class Herd implements Watcher {
  readonly #now: () => number;
  /** When something last began or ended that concerns the whole account. */
  readonly #disturbedMs: (account: string) => number;
  readonly #tell: Tell;
  /** By account: when the latest moment began. */
  readonly #moments = new Map<string, number>();
  /** By camera: the latest moments at which it was asked for in vain. */
  readonly #paths = new Map<string, readonly number[]>();
  /** By account: how many went each way to the latest moment. */
  #counts = new Map<string, Map<string, number>>();

  constructor(now: () => number, disturbedMs: (account: string) => number, tell: Tell) {
    this.#now = now;
    this.#disturbedMs = disturbedMs;
    this.#tell = tell;
  }

  called({ ref, account, blocked }: Kept): void {
    if (blocked === 0) {
      this.#paths.delete(ref);
      return;
    }
    const now = this.#now();
    let moment = this.#moments.get(account) ?? Number.NEGATIVE_INFINITY;
    if (now - moment > TOGETHER_MS) {
      moment = now;
      this.#moments.set(account, moment);
      this.#counts.set(account, new Map());
    }
    const before = this.#paths.get(ref) ?? [];
    if (before.at(-1) === moment) return;
    const path = [...before, moment].slice(-MOMENTS);
    this.#paths.set(ref, path);
    if (!this.#isOwnDoing(account, path)) return;
    const counts = this.#counts.get(account);
    const count = (counts?.get(path.join()) ?? 0) + 1;
    counts?.set(path.join(), count);
    if (count === MANY)
      this.#tell(account, `${MANY} of its cameras fail together and were asked for together ${MOMENTS} times in a row`);
  }

  #isOwnDoing(account: string, path: readonly number[]): boolean {
    const [first] = path;
    if (path.length < MOMENTS || first === undefined || this.#disturbedMs(account) > first) return false;
    return path.every((moment, at) => at === 0 || moment - (path[at - 1] ?? 0) >= LONG_WAIT_MS);
  }
}
