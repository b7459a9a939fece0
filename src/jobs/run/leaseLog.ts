import { WriteBehind } from '../../core/async/writeBehind.js';
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
export type NewStep = Omit<LeaseEvent, 'id' | 'at'> & { readonly at?: Date };

/** Records the steps of leases' lives: calls listeners at once, and stores the steps in batches in the background. */
export class LeaseLog {
  readonly #deps: Pick<JobsDeps, 'clock' | 'log' | 'events'>;
  readonly #onStored: (events: readonly LeaseEvent[]) => Promise<void>;
  readonly #listeners = new Set<EventListener>();
  readonly #startedAt: Date;
  /** Ids of the latest steps that listeners were called with. */
  readonly #published = new Set<string>();
  readonly #storing: WriteBehind;
  #waiting: LeaseEvent[] = [];
  #droppedAtMs = Number.NEGATIVE_INFINITY;

  /** `onStored` is called with the steps of this run that have just been stored; it never rejects. */
  constructor(
    deps: Pick<JobsDeps, 'clock' | 'log' | 'events'>,
    onStored: (events: readonly LeaseEvent[]) => Promise<void> = () => Promise.resolve(),
  ) {
    this.#deps = deps;
    this.#onStored = onStored;
    this.#startedAt = deps.clock.now();
    this.#storing = new WriteBehind(deps.clock, {
      waits: () => this.#waiting.length > 0,
      write: () => this.#store(),
      retryMs: RETRY_MS,
      onFailure: (thrown) =>
        deps.log.warn(`Steps of leases could not be stored yet; camlease tries again: ${messageOf(thrown)}`),
    });
  }

  /** Records a step; `at` is now by default. */
  record(unbounded: NewStep): void {
    const step = bounded(unbounded);
    const at = step.at ?? this.#deps.clock.now();
    const event = { ...step, at, id: eventId({ ...step, at }) };
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (this.#isNews(event)) this.#publish(event, true);
    this.#storing.soon(SOON_MS);
  }

  /** Calls listeners with steps that another process made and stores. */
  publishFromElsewhere(events: readonly LeaseEvent[]): void {
    for (const event of events) if (!this.#published.has(event.id)) this.#publish(event, false);
  }

  onEvent(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Newest first. Stores the waiting steps before it reads, so that the latest are among the answer. */
  async eventsOf(id: string, query: { readonly limit: number; readonly before?: string }): Promise<LeaseEvent[]> {
    await this.#storing.now();
    return this.#deps.events.eventsOf(id, query);
  }

  async eventsAfter(id: string, limit: number): Promise<LeaseEvent[]> {
    await this.#storing.now();
    return this.#deps.events.eventsAfter(id, limit);
  }

  /** Drops steps that are older than 90 days, at most once an hour. */
  async dropOld(): Promise<void> {
    const { clock, events } = this.#deps;
    if (clock.monotonicMs() - this.#droppedAtMs < DROP_EVERY_MS) return;
    this.#droppedAtMs = clock.monotonicMs();
    await events.dropEventsBefore(new Date(clock.now().getTime() - EVENTS_KEPT_MS));
  }

  /** Tries once more to store the steps that wait. */
  stop(): Promise<void> {
    return this.#storing.stop();
  }

  /** False for a step from before our start: the previous run called listeners with it. */
  #isNews({ at }: LeaseEvent): boolean {
    return at >= this.#startedAt;
  }

  #publish(event: LeaseEvent, isOurs: boolean): void {
    this.#published.add(event.id);
    const [oldest] = this.#published;
    if (this.#published.size > MOST_REMEMBERED && oldest !== undefined) this.#published.delete(oldest);
    for (const listener of this.#listeners) listener(event, isOurs);
  }

  async #store(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      await this.#deps.events.addEvents(batch.map(kept));
      await this.#onStored(batch.filter((event) => this.#isNews(event)));
    } catch (thrown) {
      this.#waiting = [...batch, ...this.#waiting].slice(-MOST_WAITING);
      throw thrown;
    }
  }
}

function kept({ id, at, cameraId, step, revision, reason, message }: LeaseEvent): LeaseEvent {
  return { id, at, cameraId, step, revision, reason, message };
}
