import type { CallRecord } from '../../simulator/callLog.js';
import type { CameraId } from '../../src/core/camera.js';
import type { Ground } from './ground.js';
import { Ends } from './ends.js';
import { Herd } from './herd.js';
import type { Violation } from './kept.js';
import type { Ledger } from './ledger.js';
import { Promptness } from './promptness.js';
import { Rush } from './rush.js';
import { UrlBook } from './urlBook.js';
import { WaitBook } from './waitBook.js';
import type { Tell } from './watcher.js';

const RUSH_TICK_MS = 600_000;

/** All that look at what the ledger sees, each for its kinds of violation. */
export class Watchers {
  readonly #urls: UrlBook;
  readonly #waits: WaitBook;

  constructor(ledger: Ledger, ground: Ground, idOf: (ref: string) => CameraId | undefined) {
    const { clock, clouds } = ground;
    const now = (): number => clock.nowMs;
    const tell =
      (what: Violation['what']): Tell =>
      (subject, sentence) =>
        ledger.violate(subject, what, sentence);
    const facts = {
      now,
      storeAwaySinceMs: () => ledger.storeAwaySinceMs,
      scarceUntilMs: (account: string) => ground.scarceUntilMs.get(account) ?? 0,
      clockRightSinceMs: () => (ground.wallOffsetMs === 0 ? ground.clockSetMs : null),
      tickMs: ground.calmTickMs,
    };
    const takesBack = (account: string): boolean => clouds.fleet.account(account).vendor === 'ezviz';
    this.#urls = new UrlBook(now, takesBack, tell('kept'));
    this.#waits = new WaitBook(now, () => ground.startedMs, tell('too-soon'), tell('crowd'));
    const disturbedMs = (account: string): number => Math.max(ledger.disturbedMs(account), ground.startedMs);
    const cameras = (account: string): number => clouds.fleet.cameras(account).length;
    ledger.watchers.push(
      new Promptness(facts, tell('away-early'), tell('late')),
      this.#urls,
      new Ends(
        {
          ...facts,
          disturbedMs,
          watchedMs: (ref) => {
            const id = idOf(ref);
            return id === undefined ? now() : ground.engine.watchedMs(id);
          },
        },
        tell('stale'),
        tell('unused'),
      ),
      new Herd(now, disturbedMs, tell('herd')),
    );
    // A tick an hour brings more than an hour's renewals into one whenever something else makes a tick between two.
    if (ground.calmTickMs < RUSH_TICK_MS) ledger.watchers.push(new Rush(now, cameras, disturbedMs, tell('rush')));
  }

  onCall(call: CallRecord): void {
    this.#waits.onCall(call);
  }

  /** Nothing has been wrong for days. */
  lookInQuiet(): void {
    this.#urls.look();
  }
}
