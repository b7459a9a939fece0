import type { GivenUrl } from '../world/yearClouds.js';
import { CallBook } from './callBook.js';
import { newKept, type InForce, type Kept, type Violation } from './kept.js';
import { POSSIBLE_MS } from './stretches.js';
import { Trace } from './trace.js';
import type { Watcher } from './watcher.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const LIFE_MS = 7 * DAY;
/**
 * How long before its end a lease could be renewed at the latest: five sevenths of its life, the jitter, and an
 * hour for the next planned tick are over by then. A cloud that is away for 36 h leaves some of it.
 */
export const RENEWAL_WINDOW_MS = 38.5 * HOUR;
/** A URL that is asked for while the one before is younger than this was not needed. */
const DOUBLE_BEFORE_MS = 0.4 * LIFE_MS;
/** Nobody takes a lease off the air that lives for so long still; a wrong wall clock may end one by hours. */
const TAKEN_OFF_MS = 4 * HOUR;
/** A listing may forget a camera for a while. */
const GRACE_MS = 50 * MINUTE;

/** Between two looks at a camera that fails by itself, jitter included; and in the last hours of its lease. */
export const LONGEST_WAIT_MS = 6.7 * HOUR;
const LONGEST_WAIT_IN_HURRY_MS = 35 * MINUTE;
/** A lease so close to its end is renewed though the store is away. */
const CANNOT_WAIT_MS = 11 * HOUR;

/** What is true, told by the cloud and by the media server; nothing in it was said by camlease. */
export class Ledger {
  readonly violations: Violation[] = [];
  /** Seconds without a lease in force, whoever was to blame. */
  darkSeconds = 0;
  renewals = 0;
  given = 0;
  calls = 0;
  quiet = { calls: 0, needed: 0 };
  onViolation: () => void = () => undefined;
  readonly #now: () => number;
  readonly #quiet: { readonly fromMs: number; readonly toMs: number };
  readonly #cameras = new Map<string, Kept>();
  readonly #byAccount = new Map<string, Kept[]>();
  readonly trace: Trace;
  /** Calls that were in vain, or too many. */
  readonly book: CallBook;
  readonly watchers: Watcher[] = [];
  #blocked = 0;
  #storeAway = 0;
  #storeChangedMs = 0;
  readonly #blockedAccounts = new Map<string, number>();
  /** By account, and for all (''). */
  readonly #disturbedMs = new Map<string, number>();

  constructor(now: () => number, quiet: { readonly fromMs: number; readonly toMs: number }) {
    this.#now = now;
    this.#quiet = quiet;
    this.trace = new Trace(now);
    this.book = new CallBook(now, (subject, sentence) => this.violate(subject, 'hammered', sentence));
  }

  addCamera(ref: string, account: string): void {
    const kept = newKept(ref, account, this.#now());
    this.#cameras.set(ref, kept);
    const siblings = this.#byAccount.get(account);
    if (siblings) siblings.push(kept);
    else this.#byAccount.set(account, [kept]);
    this.#look(kept);
  }

  /** Something changes that every camera may need. */
  disturb(): void {
    this.#disturbedMs.set('', this.#now());
  }

  /** Something that every camera needs is away, or is back. */
  block(by: 1 | -1): void {
    this.#blocked += by;
    this.disturb();
    for (const kept of this.#cameras.values()) this.#look(kept);
  }

  /** The store is away, or is back. */
  blockStore(by: 1 | -1): void {
    this.#storeAway += by;
    // One outage may begin within another.
    if (this.#storeAway === (by > 0 ? 1 : 0)) this.#storeChangedMs = this.#now();
    this.disturb();
    for (const kept of this.#cameras.values()) this.#look(kept);
  }

  blockAccount(account: string, by: 1 | -1): void {
    this.#blockedAccounts.set(account, (this.#blockedAccounts.get(account) ?? 0) + by);
    this.#disturbedMs.set(account, this.#now());
    for (const kept of this.#byAccount.get(account) ?? []) this.#look(kept);
  }

  /** null: it is there. */
  get storeAwaySinceMs(): number | null {
    return this.#storeAway > 0 ? this.#storeChangedMs : null;
  }

  /** When something that concerns the whole account last began or ended. */
  disturbedMs(account: string): number {
    return Math.max(this.#disturbedMs.get('') ?? 0, this.#disturbedMs.get(account) ?? 0);
  }

  /** Everything that every camera needs is there, the store too. */
  get isAllThere(): boolean {
    return this.#blocked === 0 && this.#storeAway === 0;
  }

  get isAnyAccountBlocked(): boolean {
    return [...this.#blockedAccounts.values()].some((count) => count > 0);
  }

  blockCamera(ref: string, by: 1 | -1): void {
    const kept = this.of(ref);
    if (kept.blocked === 0) kept.blockedMs = this.#now();
    kept.blocked += by;
    if (by < 0) kept.unblockedMs = this.#now();
    this.#look(kept);
  }

  /** A person deletes it here. */
  remove(ref: string): void {
    const kept = this.of(ref);
    kept.gone = true;
    this.#endDark(kept);
    kept.darkSinceMs = null;
    kept.inForce = null;
    this.#look(kept);
  }

  called(ref: string | null): void {
    const now = this.#now();
    this.calls += 1;
    if (this.#isQuiet(now)) this.quiet.calls += 1;
    const kept = ref === null ? undefined : this.#cameras.get(ref);
    if (!kept) return;
    if (kept.gone)
      this.violate(kept.ref, 'came-back', 'a live address was asked for though a person had deleted the camera');
    this.book.called(kept.ref);
    for (const watcher of this.watchers) watcher.called?.(kept);
    if (kept.blocked > 0 && (kept.inForce?.expiresMs ?? 0) <= now) this.book.calledInVain(kept.ref);
  }

  /** A URL was given back to the vendor: whoever plays it is cut. */
  closed(ref: string, urlId: string): void {
    const kept = this.of(ref);
    for (const watcher of this.watchers) watcher.closed?.(kept, urlId);
    if (kept.inForce?.urlId === urlId && kept.inForce.expiresMs > this.#now())
      this.violate(ref, 'closed', `the URL of revision ${kept.inForce.revision}, which is in force, was given back`);
  }

  /** Somebody who watched was cut off though there was time. */
  cut(ref: string): void {
    if (this.#isQuiet(this.#now())) this.violate(ref, 'cut', 'who watched was cut off long before the old lease ended');
  }

  /** An expired lease was told to the media server long after its end. */
  expiredTold(ref: string): void {
    this.violate(ref, 'expired-told', 'it is in the configuration long after its end');
  }

  /** How long what is in force lives yet, in milliseconds. */
  leftMs(ref: string): number {
    return (this.of(ref).inForce?.expiresMs ?? 0) - this.#now();
  }

  /** The cloud gave a live address. */
  gave(given: GivenUrl): void {
    const now = this.#now();
    const { ref } = given;
    const kept = this.of(ref);
    for (const watcher of this.watchers) watcher.gave?.(kept, given);
    const { latest } = kept;
    this.given += 1;
    const isNeeded = latest === null || !latest.arrived() || now - latest.atMs >= DOUBLE_BEFORE_MS;
    if (isNeeded && this.#isQuiet(now)) this.quiet.needed += 1;
    if (isNeeded) this.renewals += 1;
    // A camera that was away meanwhile may have been asked for again: its new lease showed no picture.
    else if (kept.blocked === 0 && kept.unblockedMs < latest.atMs) {
      const minutes = Math.round((now - latest.atMs) / MINUTE);
      this.violate(ref, 'double', `a live address was asked for ${minutes} minutes after another one had come`);
    }
    kept.latest = { atMs: now, arrived: () => given.arrived };
  }

  /** `isOldFile`: by a file of the relay's that lacks its last lines, until the relay is told again. */
  inForce(ref: string, lease: InForce | null, isOldFile = false): void {
    const now = this.#now();
    const kept = this.of(ref);
    if (kept.gone && lease !== null) this.violate(ref, 'came-back', 'it is served though a person had deleted it');
    if (kept.gone) return;
    const was = kept.inForce;
    if (lease !== null && !isOldFile) {
      if (lease.revision < kept.highestRevision)
        this.violate(ref, 'lower-revision', `revision ${lease.revision} came after ${kept.highestRevision}`);
      kept.highestRevision = Math.max(kept.highestRevision, lease.revision);
      if (lease.expiresMs <= now && was !== null && was.expiresMs > now)
        this.violate(ref, 'expired-told', `revision ${lease.revision} had expired and ${was.revision} had not`);
      if (lease.isDud && was !== null && !was.isDud && was.expiresMs - now > TAKEN_OFF_MS)
        this.violate(ref, 'dud', `revision ${lease.revision} shows no picture, and took the place of one that does`);
    }
    this.#endDark(kept);
    kept.inForce = lease;
    for (const watcher of this.watchers) watcher.inForce?.(kept, was);
    if (lease !== null && lease.expiresMs > now) {
      kept.darkSinceMs = null;
      return;
    }
    // Nothing more of the dark before it is counted twice. What was taken off alive could be had again from now on only.
    if (kept.darkSinceMs === null) {
      const hasExpired = was !== null && was.expiresMs <= now;
      kept.windowFromMs = hasExpired ? was.expiresMs - RENEWAL_WINDOW_MS : now;
    }
    kept.darkSinceMs = now;
  }

  /** Whoever speaks to the media server took this camera off. `isClockRight`: the machine knows what time it is. */
  takenOff(ref: string, isClockRight: boolean): void {
    const kept = this.of(ref);
    const now = this.#now();
    const leftMs = (kept.inForce?.expiresMs ?? 0) - now;
    // One that was unlisted may go until it is listed again; one that is, not within the first hour.
    const wasThere = now - kept.unblockedMs > POSSIBLE_MS;
    const isInGrace = isClockRight && now - kept.blockedMs < GRACE_MS;
    if (wasThere && (kept.blocked === 0 || isInGrace) && !kept.gone && leftMs > TAKEN_OFF_MS)
      this.violate(ref, 'taken-off', `its lease would have lived for ${Math.round(leftMs / HOUR)} h`);
  }

  /** Counts what is dark now. */
  close(): void {
    for (const kept of this.#cameras.values()) this.#endDark(kept);
  }

  /** Adds up the dark time that ends now and says whether it had to be. */
  #endDark(kept: Kept): void {
    const now = this.#now();
    if (kept.gone) return;
    const expired = kept.inForce !== null && kept.inForce.expiresMs <= now ? kept.inForce : null;
    const sinceMs = kept.darkSinceMs ?? expired?.expiresMs ?? null;
    if (sinceMs === null || sinceMs >= now) return;
    if (kept.darkSinceMs === null) kept.windowFromMs = sinceMs - RENEWAL_WINDOW_MS;
    this.darkSeconds += (now - sinceMs) / 1000;
    const possibleAtMs = this.#possibleAt(kept, sinceMs);
    const lostFromMs = Math.max(sinceMs, possibleAtMs);
    if (lostFromMs >= now) return;
    const lostSeconds = Math.round((now - lostFromMs) / 1000);
    const dark = `dark from ${new Date(sinceMs).toISOString()} to ${new Date(now).toISOString()}`;
    const could = `though a renewal was possible until ${new Date(possibleAtMs).toISOString()}`;
    this.violate(kept.ref, 'dark', `${dark}, ${could}`, lostSeconds);
  }

  /** From when on a renewal was possible; no end: it was not. */
  #possibleAt(kept: Kept, sinceMs: number): number {
    const now = this.#now();
    const { possible, withoutStore, windowFromMs, unblockedMs } = kept;
    const hurryFromMs = Math.max(windowFromMs, sinceMs - CANNOT_WAIT_MS);
    if (unblockedMs < windowFromMs && kept.blocked === 0)
      return Math.min(
        possible.enoughAt(windowFromMs, now, POSSIBLE_MS),
        withoutStore.enoughAt(hurryFromMs, now, POSSIBLE_MS),
      );
    // Nothing tells when what was wrong with the camera alone is over: it is found at the next look.
    return Math.min(
      possible.enoughAt(windowFromMs, now, LONGEST_WAIT_MS),
      withoutStore.enoughAt(hurryFromMs, sinceMs, LONGEST_WAIT_IN_HURRY_MS),
    );
  }

  #look(kept: Kept): void {
    const now = this.#now();
    const blocked = this.#blocked + kept.blocked + (this.#blockedAccounts.get(kept.account) ?? 0);
    const isPossible = blocked === 0 && !kept.gone;
    kept.possible.set(isPossible && this.#storeAway === 0, now);
    // One that was away while the store was is found again by a listing, which needs the store.
    const isToBeListed = this.#storeAway > 0 && kept.unblockedMs >= this.#storeChangedMs;
    kept.withoutStore.set(isPossible && !isToBeListed, now);
  }

  #isQuiet(atMs: number): boolean {
    return atMs >= this.#quiet.fromMs && atMs < this.#quiet.toMs;
  }

  violate(ref: string, what: Violation['what'], sentence: string, lostSeconds = 0): void {
    this.violations.push({ atMs: this.#now(), ref, what, sentence, lostSeconds });
    this.trace.note(`VIOLATION ${ref} ${what}: ${sentence}`);
    this.onViolation();
  }

  of(ref: string): Kept {
    const kept = this.#cameras.get(ref);
    if (!kept) throw new Error(`nobody knows camera ${ref}`);
    return kept;
  }
}
