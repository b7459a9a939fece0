import type { Clock } from '../../../core/clock.js';
import type { ByteText } from '../yaml/scalar.js';
import { changedSettings } from './changedSettings.js';
import type { MediaMtxFate } from './configFileOptions.js';
import { DeathByText } from './deathByText.js';

/** camlease may see a change this much later than MediaMTX exited over it. */
const SERVED_RECENTLY_MS = 3_000;

/** Settings that another program or the operator changed just before MediaMTX stopped answering. */
export interface Suspects {
  /** Since when MediaMTX has not answered. */
  readonly since: Date;
  /** Names without values, at least one. */
  readonly names: readonly string[];
}

/**
 * Finds the settings that were changed in MediaMTX's file just before a MediaMTX that camlease did not start stopped answering: MediaMTX
 * exits over a setting that it rejects, and says why only in its own log. The texts are readable ones, with our lines corrected.
 */
export class SuspectEdit {
  readonly #clock: Clock;
  readonly #isOwn: (path: string) => boolean;
  /** The last text that MediaMTX is known to run with. */
  #lived: ByteText | null = null;
  /** The text before an edit that MediaMTX may not have read, since its watcher misses a change right after another; null: no such edit. */
  #unread: ByteText | null = null;
  #now: ByteText | null = null;
  /** Watches the edit over which MediaMTX may exit; null: there is none. */
  #death: DeathByText | null = null;
  #servedMs = Number.NEGATIVE_INFINITY;
  #awaySince: Date | null = null;
  /** Names of the settings that differ between `#lived` and `now`, cached. */
  #differ: { readonly now: ByteText; readonly names: readonly string[] } | null = null;

  constructor(clock: Clock, isOwn: (path: string) => boolean) {
    this.#clock = clock;
    this.#isOwn = isOwn;
  }

  /** Another program or the operator wrote this text, while MediaMTX was in this state. */
  came(text: ByteText, fate: MediaMtxFate): void {
    this.#see(fate);
    const isServed = this.#clock.monotonicMs() - this.#servedMs <= SERVED_RECENTLY_MS;
    // An edit while MediaMTX is already away is the operator's next try: the first edit stays the suspect.
    if (isServed || this.#death === null) this.#death = new DeathByText(this.#clock, isServed);
    this.#unread ??= this.#lived;
    this.#now = text;
  }

  /** The first text, or one that camlease wrote. It changes no setting itself, but makes MediaMTX read an earlier edit that it missed. */
  wrote(text: ByteText): void {
    this.#now = text;
    if (this.#death === null) {
      this.#lived = this.#unread ?? text;
      this.#differ = null;
      const isServed = this.#clock.monotonicMs() - this.#servedMs <= SERVED_RECENTLY_MS;
      if (this.#unread !== null) this.#death = new DeathByText(this.#clock, isServed);
    }
    this.#unread = null;
  }

  /** Call regularly with MediaMTX's present state. null: MediaMTX answers, or no edit is suspect. */
  check(fate: MediaMtxFate): Suspects | null {
    this.#see(fate);
    if (fate !== 'away' || this.#death?.isCertain(fate) !== true || this.#awaySince === null) return null;
    const names = this.#changed();
    return names.length === 0 ? null : { since: this.#awaySince, names };
  }

  #see(fate: MediaMtxFate): void {
    if (fate === 'away') this.#awaySince ??= this.#clock.now();
    if (fate !== 'serves') return;
    this.#awaySince = null;
    this.#servedMs = this.#clock.monotonicMs();
    this.#death?.isCertain(fate);
    if (this.#death?.isOutlived !== true) return;
    this.#death = null;
    this.#differ = null;
    this.#lived = this.#now;
  }

  #changed(): readonly string[] {
    const [lived, now] = [this.#lived, this.#now];
    if (lived === null || now === null) return [];
    if (this.#differ?.now !== now) this.#differ = { now, names: changedSettings(lived, now, this.#isOwn) };
    return this.#differ.names;
  }
}
