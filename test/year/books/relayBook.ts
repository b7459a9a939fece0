import type { Loss } from '../world/engineEvents.js';
import type { Kept } from './kept.js';
import type { Tell } from './watcher.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** From the proof of a candidate to its being in force: a write to the store and one to the relay's file. */
const IN_FORCE_WITHIN_MS = 10_000;
/** The relay comes back with an old file, and is told again at once. */
const MADE_GOOD_WITHIN_MS = MINUTE;
/** Nobody watches it, the relay is well, and a proof or a write may take a while. */
const BACK_WITHIN_MS = 30 * MINUTE;
/** So long after a listing forgot it a camera may have no line; a listing may fail for days. */
const LISTED_AGAIN_MS = 3 * DAY;

export interface RelayFacts {
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => void;
  /** When anything that a handover needs last went or came back. */
  readonly disturbedMs: (account: string) => number;
  /** Store, media server and relay are there, and the process runs. */
  readonly isAllThere: () => boolean;
  /** Its listings leave it out now. */
  readonly isUnlisted: (ref: string) => boolean;
}

type RelayViolation = 'held' | 'dropped' | 'line-gone' | 'old-file' | 'not-back';

/** What is promised of cameras that come through the relay. */
export class RelayBook {
  /** How often somebody who watched had to come again, and why. */
  readonly losses = new Map<Loss, number>();
  readonly #movedOver = new Set<string>();
  readonly #facts: RelayFacts;
  readonly #tell: (what: RelayViolation) => Tell;

  constructor(facts: RelayFacts, tell: (what: RelayViolation) => Tell) {
    this.#facts = facts;
    this.#tell = tell;
  }

  /** Whoever watched has to come again. */
  lost({ ref }: Kept, why: Loss): void {
    if (why === 'moved-over' && this.#movedOver.has(ref))
      this.#tell('dropped')(ref, 'its viewers were dropped twice to go to the relay');
    if (why === 'moved-over') this.#movedOver.add(ref);
    // It has to move over again.
    if (why === 'fallback') this.#movedOver.delete(ref);
    this.losses.set(why, (this.losses.get(why) ?? 0) + 1);
    if (why === 'moved-early')
      this.#tell('dropped')(ref, 'its viewers were dropped to go to the relay though its lease was good');
    if (why === 'relayed-line') this.#tell('dropped')(ref, 'its viewers were dropped though the relay was well');
  }

  /** The media server has another line for it, or none any more, though the relay is well. */
  lineGone({ ref, gone, unlistedMs }: Kept): void {
    const wasUnlisted = this.#facts.now() - unlistedMs < LISTED_AGAIN_MS;
    if (!gone && !wasUnlisted && !this.#facts.isUnlisted(ref))
      this.#tell('line-gone')(ref, 'its line was changed, or went, though nobody deleted it');
  }

  /** It is on-demand and comes without the relay. `watchedMs`: when somebody last watched it. */
  lookBesides({ ref, account, gone }: Kept, watchedMs: number): void {
    if (gone || !this.#facts.isAllThere()) return;
    const sinceMs = Math.max(watchedMs, this.#facts.disturbedMs(account));
    const minutes = Math.round((this.#facts.now() - sinceMs) / MINUTE);
    if (minutes * MINUTE > BACK_WITHIN_MS)
      this.#tell('not-back')(
        ref,
        `it comes without the relay, which has been well and unneeded for ${minutes} minutes`,
      );
  }

  /** The picture of a lease that is to come through the relay was seen. */
  proved(kept: Kept, revision: number): void {
    const provedMs = this.#facts.now();
    if (!this.#facts.isAllThere()) return;
    this.#facts.after(IN_FORCE_WITHIN_MS, () => {
      const isExcused = kept.gone || kept.blocked > 0 || this.#facts.disturbedMs(kept.account) >= provedMs;
      if (!isExcused && this.#facts.isAllThere() && kept.highestRevision < revision)
        this.#tell('held')(
          kept.ref,
          `revision ${revision} was proven and is not in force ${IN_FORCE_WITHIN_MS / 1000} s later`,
        );
    });
  }

  /** The relay goes by an older lease than it was told. */
  relapsed(kept: Kept): void {
    const sinceMs = this.#facts.now();
    this.#facts.after(MADE_GOOD_WITHIN_MS, () => {
      const isBehind = (kept.inForce?.revision ?? kept.highestRevision) < kept.highestRevision;
      if (kept.gone || !isBehind) return;
      if (!this.#facts.isAllThere() || this.#facts.disturbedMs(kept.account) > sinceMs) this.relapsed(kept);
      else this.#tell('old-file')(kept.ref, 'it is pulled by an older lease, as an old file of the relay has it');
    });
  }
}
