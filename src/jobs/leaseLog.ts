import { messageOf } from '../core/errors.js';
import { EVENTS_KEPT_MS, eventId, type LeaseEvent } from '../core/leaseEvents.js';
import type { JobsDeps } from './deps.js';

/** With the store away, so many steps wait in memory; then the oldest go. */
const MOST_WAITING = 20_000;
const RETRY_MS = 5_000;
/** Half a fleet is told of in one turn, and what it is told of (the engine takes new leases, say) shall not wait for this. */
const SOON_MS = 250;
const DROP_EVERY_MS = 3_600_000;

export type ToldEvent = Omit<LeaseEvent, 'id' | 'at'> & { readonly at?: Date };

/** Keeps the steps of leases' lives: tells listeners at once, and stores in batches without anybody waiting for it. */
export class LeaseLog {
  readonly #deps: Pick<JobsDeps, 'clock' | 'log' | 'store'>;
  readonly #listeners = new Set<(event: LeaseEvent) => void>();
  readonly #startedAt: Date;
  #waiting: LeaseEvent[] = [];
  #storing: Promise<void> | null = null;
  #away = false;
  #droppedAtMs = Number.NEGATIVE_INFINITY;
  #cancelSoon: (() => void) | null = null;
  #cancelRetry = (): void => undefined;

  constructor(deps: Pick<JobsDeps, 'clock' | 'log' | 'store'>) {
    this.#deps = deps;
    this.#startedAt = deps.clock.now();
  }

  /** `at` is now when it is left out. */
  tell(told: ToldEvent): void {
    const at = told.at ?? this.#deps.clock.now();
    const event = { ...told, at, id: eventId({ ...told, at }) };
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    // What came to pass before this process began was told by the one before, as far as anybody could know.
    if (at >= this.#startedAt) for (const listener of this.#listeners) listener(event);
    if (!this.#away) this.#storeSoon();
  }

  onEvent(listener: (event: LeaseEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Newest first. Steps of a moment ago are among them. */
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

  /** Tries once more to store what waits. */
  async stop(): Promise<void> {
    this.#cancelRetry();
    await this.#storeNow();
    this.#cancelRetry();
  }

  #storeSoon(): void {
    this.#cancelSoon ??= this.#deps.clock.after(SOON_MS, () => void this.#storeNow());
  }

  /** What was told before this call is stored after it, unless the store is away. */
  #storeNow(): Promise<void> {
    this.#cancelSoon?.();
    this.#cancelSoon = null;
    this.#storing ??= this.#store();
    return this.#storing;
  }

  async #store(): Promise<void> {
    // Not in the caller's own turn: the steps of one turn are one write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#deps.store.addEvents(batch);
        this.#away = false;
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
