import type { Machine } from './machine.js';
import type { SilenceBook } from './silenceBook.js';
import type { Violate } from './violation.js';

/** Who lost something sees it at its next look, every 1.5 s. */
const LOSES_WITHIN_MS = 3_000;
const TAKEOVER_MS = 20_000;
/** The look that takes over, and its wires. */
const LATE_BY_MS = 500;
/** Others take an owner for dead after 15 s without a beat. */
const TAKEN_FOR_DEAD_MS = 14_500;

interface Hands {
  readonly owner: string | null;
  readonly sinceMs: number;
}

/** Who owned what, by the database's records; and who acted as if it did. */
export class OwnerBook {
  takeovers = 0;
  readonly #now: () => number;
  readonly #after: (ms: number, run: () => void) => void;
  readonly #violate: Violate;
  readonly #silences: SilenceBook;
  readonly #hands = new Map<string, Hands>();
  /** The latest life of each replica. */
  readonly #lives = new Map<string, Machine>();

  constructor(
    now: () => number,
    after: (ms: number, run: () => void) => void,
    violate: Violate,
    silences: SilenceBook,
  ) {
    this.#now = now;
    this.#after = after;
    this.#violate = violate;
    this.#silences = silences;
  }

  started(owner: string, machine: Machine): void {
    this.#lives.set(owner, machine);
  }

  lifeOf(owner: string | null): Machine | undefined {
    return owner === null ? undefined : this.#lives.get(owner);
  }

  ownerOf(thing: string): string | null {
    return this.#hands.get(thing)?.owner ?? null;
  }

  ownsAnything(owner: string): boolean {
    return [...this.#hands.values()].some((hands) => hands.owner === owner);
  }

  changedHandsSince(thing: string, ms: number): boolean {
    return (this.#hands.get(thing)?.sinceMs ?? 0) >= ms;
  }

  get isAnybodyRunning(): boolean {
    return [...this.#lives.values()].some(({ isRunning }) => isRunning);
  }

  /** A record was written. */
  handed(thing: string, owner: string | null): void {
    const before = this.ownerOf(thing);
    if (before === owner) return;
    const loser = this.lifeOf(before);
    if (owner !== null && loser) this.takeovers += 1;
    if (owner !== null && loser?.isSteady(TAKEN_FOR_DEAD_MS) === true)
      this.#violate(thing, 'usurped', `${owner} took it from ${String(before)}, which lived and beat`);
    else if (owner !== null) this.#mustBeSilent(thing, 'usurped', before, this.lifeOf(owner));
    this.#hands.set(thing, { owner, sinceMs: this.#now() });
  }

  /** A claim of one replica was taken by another one. */
  claimTaken(ref: string, former: string, heir: Machine): void {
    this.#mustBeSilent(ref, 'robbed', former, heir);
  }

  /** A request came to an account's cloud. */
  called(account: string, owner: string, machine: Machine): void {
    if (!this.#mayAct(`account-owner ${account}`, owner, machine))
      this.#violate(
        account,
        'two-callers',
        `${machine.name} called, and it is ${this.#ofWhom(`account-owner ${account}`)}`,
      );
  }

  /** The replica that told the media server something last; null: none yet. */
  lastWriter: Machine | null = null;

  /** The media server was told something. */
  wrote(marker: string, owner: string, machine: Machine): void {
    this.lastWriter = machine;
    if (!this.#mayAct(`engine-owner ${marker}`, owner, machine))
      this.#violate(
        marker,
        'two-writers',
        `${machine.name} wrote, and it is ${this.#ofWhom(`engine-owner ${marker}`)}`,
      );
  }

  /** This replica died, or was frozen: what it owns is somebody else's in 20 s, if there is one who has looked on. */
  gone(owner: string, machine: Machine): void {
    const goneMs = this.#now();
    this.#mustBeTakenOver(owner, machine, () => machine.isRunning || (machine.woke?.atMs ?? 0) >= goneMs);
  }

  #mustBeTakenOver(owner: string, machine: Machine, isBack: () => boolean): void {
    const things = [...this.#hands].filter(([, hands]) => hands.owner === owner).map(([thing]) => thing);
    this.#after(TAKEOVER_MS + LATE_BY_MS, () => {
      if (isBack() || this.#lives.get(owner) !== machine) return;
      const heir = [...this.#lives].find(([, other]) => other.isSteady(2 * TAKEOVER_MS));
      if (!heir) return;
      for (const thing of things)
        if (this.ownerOf(thing) === owner)
          this.#violate(
            thing,
            'late-takeover',
            `${machine.name} is gone for 20 s, and ${heir[0]} did not take it over`,
          );
    });
  }

  /** It runs, and the database does not hear it: all the same in 20 s. */
  cutOff(owner: string, machine: Machine): void {
    this.#mustBeTakenOver(owner, machine, () => !machine.isCutOff);
  }

  /** Only what a dead one has may be taken. */
  #mustBeSilent(subject: string, what: 'usurped' | 'robbed', former: string | null, heir: Machine | undefined): void {
    const silentMs = former !== null && heir ? this.#silences.tooShortMs(former, heir) : null;
    if (silentMs === null) return;
    const silence = `${String(former)}, which the database had heard ${(silentMs / 1000).toFixed(1)} s before`;
    this.#violate(subject, what, `${heir?.name ?? ''} took it from ${silence}`);
  }

  #mayAct(thing: string, owner: string, machine: Machine): boolean {
    const hands = this.#hands.get(thing);
    if (hands?.owner === owner) return true;
    // Who was frozen meanwhile asks before it acts.
    const hadMishap = (machine.woke?.atMs ?? 0) >= (hands?.sinceMs ?? 0);
    return !hadMishap && hands !== undefined && this.#now() - hands.sinceMs <= LOSES_WITHIN_MS;
  }

  #ofWhom(thing: string): string {
    const hands = this.#hands.get(thing);
    const sinceS = hands ? ((this.#now() - hands.sinceMs) / 1000).toFixed(1) : '';
    return hands ? `${hands.owner ?? 'nobody'}’s for ${sinceS} s` : 'nobody’s';
  }
}
