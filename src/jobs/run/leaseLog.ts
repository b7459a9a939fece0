import { messageOf } from '../../core/errors.js';
import { bounded, EVENTS_KEPT_MS, eventId, type LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { JobsDeps } from './deps.js';

/** This many steps wait in memory while the store is away; then the oldest are dropped. */
const MOST_WAITING = 20_000;
const RETRY_MS = 5_000;
/**
 * One turn may record steps of half a fleet: storing starts later, so that what follows a step (the engine's call, for
 * example) does not wait for it.
 */
const SOON_MS = 250;
const DROP_EVERY_MS = 3_600_000;
/** More than other replicas share between two reads of their steps. */
const MOST_REMEMBERED = 5_000;

/** `isOurs` is false for a step that another process made and keeps. */
export type EventListener = (event: LeaseEvent, isOurs: boolean) => void;
export type ToldEvent = Omit<LeaseEvent, 'id' | 'at'> & { readonly at?: Date };

/** Records the steps of leases' lives: tells listeners at once, and stores the steps in batches in the background. */
export class LeaseLog {
  readonly #deps: Pick<JobsDeps, 'clock' | 'log' | 'store'>;
  readonly #onStored: (events: readonly LeaseEvent[]) => Promise<void>;
  readonly #listeners = new Set<EventListener>();
  readonly #startedAt: Date;
  /** Ids of the latest steps that listeners were told. */
  readonly #told = new Set<string>();
  #waiting: LeaseEvent[] = [];
  #storing: Promise<void> | null = null;
  #away = false;
  #droppedAtMs = Number.NEGATIVE_INFINITY;
  #cancelSoon: (() => void) | null = null;
  #cancelRetry = (): void => undefined;

  /** `onStored` is called with the steps of this run that have just been stored; it never rejects. */
  constructor(
    deps: Pick<JobsDeps, 'clock' | 'log' | 'store'>,
    onStored: (events: readonly LeaseEvent[]) => Promise<void> = () => Promise.resolve(),
  ) {
    this.#deps = deps;
    this.#onStored = onStored;
    this.#startedAt = deps.clock.now();
  }

  /** Records a step; `at` is now by default. */
  tell(unbounded: ToldEvent): void {
    const told = bounded(unbounded);
    const at = told.at ?? this.#deps.clock.now();
    const event = { ...told, at, id: eventId({ ...told, at }) };
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (this.#isNews(event)) this.#tellListeners(event, true);
    if (!this.#away) this.#storeSoon();
  }

  /** Tells listeners of steps that another process made and stores. */
  tellFromElsewhere(events: readonly LeaseEvent[]): void {
    for (const event of events) if (!this.#told.has(event.id)) this.#tellListeners(event, false);
  }

  onEvent(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Newest first. Stores the waiting steps before it reads, so that the latest are among the answer. */
  async eventsOf(id: string, query: { readonly limit: number; readonly before?: string }): Promise<LeaseEvent[]> {
    await this.#storeNow();
    return this.#deps.store.eventsOf(id, query);
  }

  async eventsAfter(id: string, limit: number): Promise<LeaseEvent[]> {
    await this.#storeNow();
    return this.#deps.store.eventsAfter(id, limit);
  }

  /** Drops what is older than 90 days, at most once an hour. */
  async dropOld(): Promise<void> {
    const { clock, store } = this.#deps;
    if (clock.monotonicMs() - this.#droppedAtMs < DROP_EVERY_MS) return;
    this.#droppedAtMs = clock.monotonicMs();
    await store.dropEventsBefore(new Date(clock.now().getTime() - EVENTS_KEPT_MS));
  }

  /** Tries once more to store the steps that wait. */
  async stop(): Promise<void> {
    this.#cancelRetry();
    await this.#storeNow();
    this.#cancelRetry();
  }

  /** Steps from before our start were told to listeners by the previous run. */
  #isNews({ at }: LeaseEvent): boolean {
    return at >= this.#startedAt;
  }

  #tellListeners(event: LeaseEvent, isOurs: boolean): void {
    this.#told.add(event.id);
    const [oldest] = this.#told;
    if (this.#told.size > MOST_REMEMBERED && oldest !== undefined) this.#told.delete(oldest);
    for (const listener of this.#listeners) listener(event, isOurs);
  }

  #storeSoon(): void {
    this.#cancelSoon ??= this.#deps.clock.after(SOON_MS, () => void this.#storeNow());
  }

  /** Resolves once every step that was recorded before the call is stored, or the store is away. */
  #storeNow(): Promise<void> {
    this.#cancelSoon?.();
    this.#cancelSoon = null;
    this.#storing ??= this.#store();
    return this.#storing;
  }

  async #store(): Promise<void> {
    // Starts after the caller's turn, so that the steps of one turn are one write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#deps.store.addEvents(batch.map(kept));
        this.#away = false;
        await this.#onStored(batch.filter((event) => this.#isNews(event)));
      } catch (thrown) {
        this.#waiting = [...batch, ...this.#waiting].slice(-MOST_WAITING);
        this.#later(thrown);
        break;
      }
    }
    this.#storing = null;
  }

  #later(thrown: unknown): void {
    if (!this.#away) this.#deps.log.warn(`What happened to leases could not be stored yet: ${messageOf(thrown)}`);
    this.#away = true;
    this.#cancelRetry = this.#deps.clock.after(RETRY_MS, () => void this.#storeNow());
  }
}

function kept({ id, at, cameraId, step, revision, reason, message }: LeaseEvent): LeaseEvent {
  return { id, at, cameraId, step, revision, reason, message };
}
