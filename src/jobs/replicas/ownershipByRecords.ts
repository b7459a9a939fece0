import { Poller } from '../../core/async/poller.js';
import type { Clock } from '../../core/clock.js';
import { AppError, messageOf } from '../../core/errors.js';
import type { EngineMarker } from '../../engine/mediaEngine.js';
import type { Log } from '../../observe/logger.js';
import type { RecordTable } from '../../store/recordTable.js';
import type { Ownership } from '../run/ownership.js';
import { handedTo, keyOf, ownerOf, THE_LISTS, type OwnedThing, type OwnerRecord } from './ownershipRecords.js';
import {
  afterEvent,
  chooseOwnership,
  engineFence,
  fenceSeenOf,
  isHeld,
  isTrusted,
  NOTHING_OWNED,
  type Held,
  type Moment,
  type OwnershipEvent,
} from './ownershipState.js';

/** An owner counts as dead once its beat counter has stood still for 15 s, so a takeover takes less than 20 s in all. */
const POLL_EVERY_MS = 1_500;

const TAKEN_OVER = { 'engine-owner': 'media server', 'lists-owner': 'lists of cameras' } as const;

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
 * each. This process takes what nobody owns and what a dead replica owned. No clocks are compared.
 */
export class OwnershipByRecords implements Ownership {
  readonly #deps: OwnershipByRecordsDeps;
  readonly #listeners = new Set<() => void>();
  readonly #claims: Poller;
  /** Has its own timer: when this process alone cannot reach the store, each call to the store takes half a minute to fail. */
  readonly #markers: Poller;
  #state = NOTHING_OWNED;
  #stopped = false;
  /** What this process owned when listeners were last called, or when the latest read began. */
  #announced = '';

  constructor(deps: OwnershipByRecordsDeps) {
    this.#deps = deps;
    this.#claims = new Poller(deps.clock, () => this.#pollRecords());
    this.#markers = new Poller(deps.clock, () => this.#readMarker());
  }

  account(name: string): boolean {
    return this.#isTrusted() && this.#state.held.has(keyOf({ kind: 'account-owner', name }));
  }

  engine(): boolean {
    if (this.#deps.marker === undefined) return true;
    return this.#isTrusted() && this.engineFence() > 0;
  }

  lists(): boolean {
    return this.#isTrusted() && this.#state.held.has(keyOf(THE_LISTS));
  }

  /** The fence under which this process owns its media server, as far as it knows; 0: it does not own it. */
  engineFence(): number {
    return engineFence(this.#state);
  }

  /** True while another process uses the same database. */
  isShared(): boolean {
    return this.#state.others.size > 0;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves after the first read of the records, even if that read failed. */
  async start(): Promise<void> {
    await this.#markers.now();
    await this.#claims.now();
  }

  /** Gives all accounts and the media server back, so that other replicas need not wait until this process counts as dead. */
  async stop(): Promise<void> {
    this.#stopped = true;
    void this.#markers.stop();
    await this.#claims.stop();
    const held = [...this.#state.held.values()];
    this.#saw({ kind: 'given-up' });
    for (const { thing, record } of held) await this.#giveBack(thing, record);
  }

  #saw(event: OwnershipEvent): void {
    this.#state = afterEvent(this.#state, event);
  }

  #isTrusted(): boolean {
    return isTrusted(this.#state, this.#now());
  }

  #now(): Moment {
    const { clock } = this.#deps;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.now().getTime() };
  }

  async #readMarker(): Promise<number | null> {
    const { marker } = this.#deps;
    if (marker === undefined) return null;
    const read = await marker().catch(() => null);
    this.#announced = this.#summary();
    this.#saw({ kind: 'marker-read', marker: read });
    this.#announceChange();
    return POLL_EVERY_MS;
  }

  async #pollRecords(): Promise<number> {
    this.#announced = this.#summary();
    try {
      await this.#claimAll();
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'STORE_UNREACHABLE') this.#saw({ kind: 'store-unreachable' });
      else
        this.#deps.log.warn(
          `camlease could not read which replica owns which account and media server: ${messageOf(thrown)}`,
        );
    }
    this.#announceChange();
    return POLL_EVERY_MS;
  }

  #announceChange(): void {
    const summary = this.#summary();
    if (this.#stopped || summary === this.#announced) return;
    this.#announced = summary;
    this.#deps.log.info(`This replica owns ${summary || 'nothing'}.`);
    for (const listener of [...this.#listeners]) listener();
  }

  async #claimAll(): Promise<void> {
    const { clock, owner, records, livingOthers } = this.#deps;
    const at = this.#now();
    const others = await livingOthers(owner);
    const kinds = ['account-owner', 'engine-owner', 'lists-owner'] as const;
    const found = (await Promise.all(kinds.map((kind) => records.list(kind)))).flat();
    const nowMs = clock.monotonicMs();
    this.#saw({ kind: 'records-read', nowMs });
    const stored = new Map(found.map((record) => [`${record.kind} ${record.id}`, record]));
    const held = new Map<string, Held>();
    const things = this.#things();
    for (const thing of things) {
      const key = keyOf(thing);
      const record = ownerOf(stored.get(key));
      const choice = chooseOwnership(this.#state, { thing, record, owner, living: others, nowMs });
      if (choice === 'keep') held.set(key, { thing, record });
      if (choice === 'keep' || choice === 'leave') continue;
      const wasHeld = isHeld(this.#state, thing, record, owner);
      const fence = Math.max(record.fence, fenceSeenOf(this.#state, thing));
      const taken = await this.#take(thing, { ...record, fence });
      if (!taken) continue;
      held.set(key, { thing, record: taken });
      if (choice === 'take-back') this.#tookBack(nowMs, wasHeld);
    }
    const wanted = new Set(things.map(keyOf));
    for (const [key, { thing, record }] of this.#state.held) if (!wanted.has(key)) await this.#giveBack(thing, record);
    this.#saw({ kind: 'claimed', at, held, others });
  }

  #things(): OwnedThing[] {
    const accounts = this.#deps.accounts.map((name): OwnedThing => ({ kind: 'account-owner', name }));
    const { marker } = this.#state;
    const engines: OwnedThing[] = marker === null ? [] : [{ kind: 'engine-owner', name: marker.name }];
    return [...accounts, ...engines, THE_LISTS];
  }

  /** `wasOurs`: our database says that the media server is ours, so the process that wrote the later fence has another database. */
  #tookBack(nowMs: number, wasOurs: boolean): void {
    const { fight } = this.#state;
    this.#saw({ kind: 'taken-back', nowMs, isReported: wasOurs });
    if (!wasOurs || (fight.kind === 'taken-back' && fight.isReported)) return;
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
        `This replica took over the ${thing.kind === 'account-owner' ? `account ${thing.name}` : TAKEN_OVER[thing.kind]}.`,
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
