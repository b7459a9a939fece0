import type { Clock } from '../../../core/clock.js';
import type { ByteText } from '../yaml/scalar.js';
import { changedSettings } from './changedSettings.js';
import type { MediaMtxFate } from './configFileOptions.js';
import { DeathByText } from './deathByText.js';

/** A change may be seen a little after MediaMTX ended of it. */
const SERVED_RECENTLY_MS = 3_000;

/** Settings that somebody changed just before MediaMTX stopped answering. */
export interface Suspects {
  /** Since when it has not answered. */
  readonly since: Date;
  /** Names alone, at least one. */
  readonly names: readonly string[];
}

/**
 * What somebody changed in MediaMTX's file just before a MediaMTX that camlease did not start stopped answering. It ends over a setting
 * that it does not take, and says why nowhere but in its own log. Texts are those that can be read, with our lines put right.
 */
export class SuspectEdit {
  readonly #clock: Clock;
  readonly #isOwn: (path: string) => boolean;
  /** MediaMTX lives with it. */
  #lived: ByteText | null = null;
  /** It lived with this before somebody's change that it may not have read: its watcher misses what comes right after another change. */
  #unread: ByteText | null = null;
  #now: ByteText | null = null;
  /** Of the change that it may not live with; null: there is none. */
  #death: DeathByText | null = null;
  #servedMs = Number.NEGATIVE_INFINITY;
  #awaySince: Date | null = null;
  /** What the two texts differ by, which is found out once. */
  #differ: { readonly now: ByteText; readonly names: readonly string[] } | null = null;

  constructor(clock: Clock, isOwn: (path: string) => boolean) {
    this.#clock = clock;
    this.#isOwn = isOwn;
  }

  /** Somebody else wrote this, while MediaMTX fared so. */
  came(text: ByteText, fate: MediaMtxFate): void {
    this.#see(fate);
    const isServed = this.#clock.monotonicMs() - this.#servedMs <= SERVED_RECENTLY_MS;
    // What is changed while it is away already is another try of the same person.
    if (isServed || this.#death === null) this.#death = new DeathByText(this.#clock, isServed);
    this.#unread ??= this.#lived;
    this.#now = text;
  }

  /** It is the first text, or one that we wrote: by that nobody changed a setting, but MediaMTX reads what somebody changed before. */
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

  /** Asked again and again with how MediaMTX fares; null: it answers, or no change is to be suspected. */
  look(fate: MediaMtxFate): Suspects | null {
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
