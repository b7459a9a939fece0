import type { Ground } from './ground.js';
import type { Violation } from './kept.js';
import type { Ledger } from './ledger.js';
import { Promptness } from './promptness.js';
import { UrlBook } from './urlBook.js';
import type { Tell } from './watcher.js';

/** All that look at what the ledger sees, each for its kinds of violation. */
export class Watchers {
  readonly #urls: UrlBook;

  constructor(ledger: Ledger, ground: Ground) {
    const { clock, clouds } = ground;
    const now = (): number => clock.nowMs;
    const tell =
      (what: Violation['what']): Tell =>
      (subject, sentence) =>
        ledger.violate(subject, what, sentence);
    const facts = {
      now,
      storeAwaySinceMs: () => ledger.storeAwaySinceMs,
      clockRightSinceMs: () => (ground.wallOffsetMs === 0 ? ground.clockSetMs : null),
      tickMs: ground.calmTickMs,
    };
    const takesBack = (account: string): boolean => clouds.fleet.account(account).vendor === 'ezviz';
    this.#urls = new UrlBook(now, takesBack, tell('kept'));
    ledger.watchers.push(new Promptness(facts, tell('away-early'), tell('late')), this.#urls);
  }

  /** Nothing has been wrong for days. */
  lookInQuiet(): void {
    this.#urls.look();
  }
}
