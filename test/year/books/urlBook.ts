import type { GivenUrl } from '../world/yearClouds.js';
import type { InForce, Kept } from './kept.js';
import { LIFE_MS } from './ledger.js';
import type { Tell, Watcher } from './watcher.js';

const HOUR = 3_600_000;
/** So long after a newer one is in force an older URL has been given back: three of an account in each pass, when nothing else waits. */
const GIVEN_BACK_MS = 12 * HOUR;

interface Page {
  readonly kept: Kept;
  /** Those that were given and not given back, the oldest first. */
  open: Array<{ readonly given: GivenUrl; readonly atMs: number }>;
  inForceSinceMs: number;
}

/** Which URLs the clouds gave, and which they have back. */
export class UrlBook implements Watcher {
  readonly #now: () => number;
  /** Whether this account's vendor takes URLs back. */
  readonly #takesBack: (account: string) => boolean;
  readonly #tell: Tell;
  readonly #pages = new Map<string, Page>();

  constructor(now: () => number, takesBack: (account: string) => boolean, tell: Tell) {
    this.#now = now;
    this.#takesBack = takesBack;
    this.#tell = tell;
  }

  gave(kept: Kept, given: GivenUrl): void {
    const now = this.#now();
    const page = this.#pageOf(kept);
    page.open = [...page.open.filter(({ atMs }) => atMs + LIFE_MS > now), { given, atMs: now }];
  }

  closed(kept: Kept, urlId: string): void {
    const page = this.#pageOf(kept);
    page.open = page.open.filter(({ given }) => given.urlId !== urlId);
  }

  inForce(kept: Kept, was: InForce | null): void {
    if (kept.inForce?.urlId !== was?.urlId) this.#pageOf(kept).inForceSinceMs = this.#now();
  }

  /** Tells of URLs that are of no use to anybody and live. To be asked when nothing has been wrong for a while. */
  look(): void {
    const now = this.#now();
    for (const { kept, open, inForceSinceMs } of this.#pages.values()) {
      const inUse = open.find(({ given }) => given.urlId === kept.inForce?.urlId);
      if (!inUse || kept.gone || now - inForceSinceMs < GIVEN_BACK_MS || !this.#takesBack(kept.account)) continue;
      const older = open.filter(({ given, atMs }) => given.arrived && atMs < inUse.atMs && atMs + LIFE_MS > now);
      if (older.length > 0)
        this.#tell(kept.ref, `${older.length} URLs that nobody plays any more were not given back to its cloud`);
    }
  }

  #pageOf(kept: Kept): Page {
    const page = this.#pages.get(kept.ref) ?? { kept, open: [], inForceSinceMs: this.#now() };
    this.#pages.set(kept.ref, page);
    return page;
  }
}
