import type { Clock } from '../../core/clock.js';
import { AppError, messageOf } from '../../core/errors.js';
import type { EngineMarker } from '../../engine/mediaEngine.js';
import type { Log } from '../../observe/logger.js';
import type { RecordTable } from '../../store/recordTable.js';
import type { Ownership } from '../run/ownership.js';
import { handedTo, keyOf, ownerOf, type OwnedThing, type OwnerRecord } from './ownershipRecords.js';

/** An owner counts as dead once its beat counter has stood still for 15 s, so a takeover takes less than 20 s in all. */
const LOOK_EVERY_MS = 1_500;
/**
 * Other replicas may take over once our counter has stood still for 15 s. So a process that was stopped, or hung, for this
 * long reads the records again before it acts as owner.
 */
const TRUSTED_FOR_MS = 10_000;
/**
 * After so long without a read (the store was away, or the machine slept) this process cannot tell a dead owner from one
 * whose beats it missed. It takes nothing over until the others have had time to beat again.
 */
const BLIND_AFTER_MS = 8_000;
const SEES_AGAIN_AFTER_MS = 15_000;
/**
 * A media server that an installation with another database took from us is taken back at most this often: each change of
 * owner rewrites MediaMTX's paths.
 */
const FIGHT_EVERY_MS = 60_000;

export interface OwnershipByRecordsDeps {
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn' | 'debug'>;
  /** This process's name in beats and records. */
  readonly owner: string;
  readonly records: Pick<RecordTable, 'list' | 'put'>;
  /** See `CameraStore.livingOthers`. */
  readonly livingOthers: (owner: string) => Promise<ReadonlySet<string>>;
  readonly accounts: readonly string[];
  /** See `MediaEngine.marker`. */
  readonly marker?: () => Promise<EngineMarker | null>;
}

/**
 * Which replica owns which account and media server, where several share one database: compare-and-swap on one record for
 * each. A thing that nobody owns, or whose owner is dead, is taken. No clocks are compared.
 */
export class OwnershipByRecords implements Ownership {
  readonly #deps: OwnershipByRecordsDeps;
  readonly #listeners = new Set<() => void>();
  /** What this process owns, as it last wrote or read the records. */
  #held = new Map<string, { readonly thing: OwnedThing; readonly record: OwnerRecord }>();
  #marker: EngineMarker | null = null;
  #others: ReadonlySet<string> = new Set();
  /** When (monotonic ms) the records were last read. */
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  /** The same on the wall clock (ms): the monotonic clock stands still while the machine sleeps. */
  #lookedAtWallMs = Number.NEGATIVE_INFINITY;
  #blindUntilMs = Number.NEGATIVE_INFINITY;
  #storeIsAway = false;
  #stopped = false;
  #looking: Promise<void> | null = null;
  #cancelTimer = (): void => undefined;
  #cancelMarkerTimer = (): void => undefined;
  /** What listeners were last told that this process owns, or what ownership had become when a read began. */
  #told = '';
  #isFightTold = false;
  #foughtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: OwnershipByRecordsDeps) {
    this.#deps = deps;
  }

  account(name: string): boolean {
    return this.#isTrusted() && this.#held.has(keyOf({ kind: 'account-owner', name }));
  }

  engine(): boolean {
    if (this.#deps.marker === undefined) return true;
    return this.#isTrusted() && this.engineFence() > 0;
  }

  /** The fence under which this process owns its media server, as far as it knows; 0: it does not own it. */
  engineFence(): number {
    return this.#marker === null ? 0 : (this.#held.get(engineKey(this.#marker.name))?.record.fence ?? 0);
  }

  /** True while another process uses the same database. */
  isShared(): boolean {
    return this.#others.size > 0;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves after the first read of the records, even if that failed. */
  async start(): Promise<void> {
    await this.#readMarkerAndGoOn();
    await this.#lookAndGoOn();
  }

  /** Gives everything back, so that other replicas need not wait until this process counts as dead. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.#cancelMarkerTimer();
    await this.#looking;
    const held = [...this.#held.values()];
    this.#held = new Map();
    for (const { thing, record } of held) await this.#giveBack(thing, record);
  }

  /** While no replica reaches the store, none can take over, so the last known owner goes on. */
  #isTrusted(): boolean {
    if (this.#wasReplaced()) return false;
    const { clock } = this.#deps;
    const isRecent = (thenMs: number, nowMs: number): boolean => nowMs - thenMs < TRUSTED_FOR_MS;
    const looked =
      isRecent(this.#lookedAtMs, clock.monotonicMs()) && isRecent(this.#lookedAtWallMs, clock.now().getTime());
    return this.#storeIsAway || looked;
  }

  /**
   * Another replica wrote its marker to our media server under a later fence: that replica reaches the store, and has
   * taken over.
   */
  #wasReplaced(): boolean {
    const ours = this.engineFence();
    return ours > 0 && ours < (this.#marker?.fence ?? 0);
  }

  /** By a timer of its own: when this process alone cannot reach the store, a call to it takes half a minute to fail. */
  async #readMarkerAndGoOn(): Promise<void> {
    const { clock, marker } = this.#deps;
    if (marker === undefined) return;
    const read = await marker().catch(() => null);
    this.#told = this.#summary();
    // While the media server does not answer, its last marker counts.
    this.#marker = read ?? this.#marker;
    this.#tellChange();
    if (!this.#stopped)
      this.#cancelMarkerTimer = clock.after(LOOK_EVERY_MS, () => {
        void this.#readMarkerAndGoOn();
      });
  }

  async #lookAndGoOn(): Promise<void> {
    this.#looking = this.#look();
    await this.#looking;
    if (!this.#stopped)
      this.#cancelTimer = this.#deps.clock.after(LOOK_EVERY_MS, () => {
        void this.#lookAndGoOn();
      });
  }

  async #look(): Promise<void> {
    const { clock, log } = this.#deps;
    this.#told = this.#summary();
    const beganMs = clock.monotonicMs();
    const beganWallMs = clock.now().getTime();
    try {
      await this.#claim();
      // What was read may be as old as the start of the read.
      this.#lookedAtMs = beganMs;
      this.#lookedAtWallMs = beganWallMs;
      this.#storeIsAway = false;
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'STORE_UNREACHABLE') this.#storeIsAway = true;
      else log.warn(`camlease could not read which replica owns which account and media server: ${messageOf(thrown)}`);
    }
    this.#tellChange();
  }

  #tellChange(): void {
    const summary = this.#summary();
    if (this.#stopped || summary === this.#told) return;
    this.#told = summary;
    this.#deps.log.info(`This replica owns ${summary || 'nothing'}.`);
    for (const listener of [...this.#listeners]) listener();
  }

  async #claim(): Promise<void> {
    const { clock, owner, records, livingOthers } = this.#deps;
    const others = await livingOthers(owner);
    const [accounts, engines] = await Promise.all([records.list('account-owner'), records.list('engine-owner')]);
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#lookedAtMs > BLIND_AFTER_MS) this.#blindUntilMs = nowMs + SEES_AGAIN_AFTER_MS;
    const isDead = (other: string): boolean => !others.has(other) && nowMs >= this.#blindUntilMs;
    const stored = new Map([...accounts, ...engines].map((record) => [`${record.kind} ${record.id}`, record]));
    const held = new Map<string, { thing: OwnedThing; record: OwnerRecord }>();
    const things = this.#things();
    for (const thing of things) {
      const key = keyOf(thing);
      const now = ownerOf(stored.get(key));
      const isOurs = this.#isOurs(key, now);
      const seen = this.#fenceSeenOf(thing);
      const isFight = now.owner === owner && now.fence < seen;
      if (isOurs && !isFight) held.set(key, { thing, record: now });
      else if (isFight && nowMs - this.#foughtMs < FIGHT_EVERY_MS) continue;
      else if (now.owner === null || now.owner === owner || isDead(now.owner)) {
        const taken = await this.#take(thing, { ...now, fence: Math.max(now.fence, seen) });
        if (taken) held.set(key, { thing, record: taken });
        if (taken && isFight) this.#foughtMs = nowMs;
        if (taken && isOurs) this.#tellFight();
      }
    }
    const wanted = new Set(things.map(keyOf));
    for (const [key, { thing, record }] of this.#held) if (!wanted.has(key)) await this.#giveBack(thing, record);
    this.#others = others;
    this.#held = held;
  }

  #things(): OwnedThing[] {
    const accounts = this.#deps.accounts.map((name): OwnedThing => ({ kind: 'account-owner', name }));
    return this.#marker === null ? accounts : [...accounts, { kind: 'engine-owner', name: this.#marker.name }];
  }

  /**
   * False for a record with our name under a fence that we do not know: our previous run wrote it. It is taken again,
   * under a new fence.
   */
  #isOurs(key: string, { owner, fence }: OwnerRecord): boolean {
    return owner === this.#deps.owner && this.#held.get(key)?.record.fence === fence;
  }

  /** The fence in the media server's own marker; 0: there is none. */
  #fenceSeenOf({ kind, name }: OwnedThing): number {
    return kind === 'engine-owner' && this.#marker?.name === name ? this.#marker.fence : 0;
  }

  /** Our database says that the media server is ours, so the process that wrote the later fence has another database. */
  #tellFight(): void {
    if (this.#isFightTold) return;
    this.#isFightTold = true;
    this.#deps.log.warn('Another camlease with another database writes to this media server, too.', {
      cure: 'Give each installation its own MediaMTX, or give all of them the same MONGODB_URI.',
    });
  }

  /** null: another replica was faster. */
  async #take(thing: OwnedThing, before: OwnerRecord): Promise<OwnerRecord | null> {
    const { clock, owner, records, log } = this.#deps;
    if (this.#stopped || !(await records.put(handedTo(thing, owner, before, clock.now()), before.version))) return null;
    if (before.owner !== null && before.owner !== owner)
      log.info(
        `This replica took over the ${thing.kind === 'account-owner' ? `account ${thing.name}` : 'media server'}.`,
      );
    return { owner, fence: before.fence + 1, version: before.version + 1 };
  }

  async #giveBack(thing: OwnedThing, record: OwnerRecord): Promise<void> {
    const { clock, records, log } = this.#deps;
    try {
      await records.put(handedTo(thing, null, record, clock.now()), record.version);
    } catch (thrown) {
      log.debug(`A claim could not be released: ${messageOf(thrown)}`);
    }
  }

  #summary(): string {
    const names = this.#deps.accounts.filter((name) => this.account(name)).map((name) => `account ${name}`);
    return [...names, ...(this.engine() ? ['the media server'] : [])].join(', ');
  }
}

function engineKey(name: string): string {
  return keyOf({ kind: 'engine-owner', name });
}
