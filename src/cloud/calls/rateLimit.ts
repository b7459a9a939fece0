import type { Clock } from '../../core/clock.js';
import type { CameraError } from '../../core/errors.js';
import { abortReason } from '../../core/abortReason.js';
import { childController } from './childController.js';
import { CALL_PRIORITY, type CallPriority } from '../cloudApi.js';

/** Hik-Connect allows 5 requests a second (OpenAPI Developer Guide 2.15, section 3.1); EZVIZ is asked no faster. */
const REQUESTS_PER_WINDOW = 5;
/** The shortest time from when a request has left to the start of the fifth request after it. */
const WINDOW_MS = 1000;
/** From one start to the next: 1 ms more than the vendor's 200 ms, so that a request of five may leave up to 5 ms late. */
const PACE_MS = 201;
/** How many calls an account can make in an hour. */
export const CALLS_PER_HOUR = Math.floor(3_600_000 / PACE_MS);
/** After a late request the next one starts earlier by the same time, at most by this: so late timers do not add up. */
const CATCH_UP_MS = 40;
/** A request of the next lower priority goes first once it has waited this much longer. */
export const AGEING_MS = 15_000;
/** A request that would wait longer than this for the end of a pause is refused at once. */
export const LONGEST_PAUSED_WAIT_MS = 90_000;

/** A login goes before everything: without a token no other call succeeds. */
export type QueuePriority = 'login' | CallPriority;

/** By priority: what is added to the time when a request came, before the earliest request is chosen (see `#next`). */
const HANDICAP_MS: Readonly<Record<QueuePriority, number>> = {
  login: Number.NEGATIVE_INFINITY,
  renew: CALL_PRIORITY.renew * AGEING_MS,
  discover: CALL_PRIORITY.discover * AGEING_MS,
  capture: CALL_PRIORITY.capture * AGEING_MS,
};
const PRIORITIES = ['login', 'renew', 'discover', 'capture'] as const satisfies readonly QueuePriority[];

/** Makes one request; calls `departed` when the request has left. */
export type Send<T> = (departed: () => void, signal: AbortSignal) => Promise<T>;

interface Waiting {
  readonly queuedAtMs: number;
  readonly start: () => void;
  readonly refuse: (reason: Error) => void;
}

interface Flight {
  /** When the request left (monotonic); null: not yet. */
  departedAtMs: number | null;
}

interface Pause {
  readonly untilMs: number;
  readonly reason: (leftMs: number) => CameraError;
}

/**
 * Paces the requests of one account evenly, at most 5 a second as the server sees them. They are pipelined: a request does not
 * wait for the reply to the one before. First in, first out within a priority.
 *
 * The pace is kept between starts, the limit between departures: request n starts no sooner than one second after request n-5
 * has left, however long this process held up request n-5. So any six requests span at least a second, whatever stalls.
 */
export class CallQueue {
  readonly #clock: Clock;
  readonly #waiting: Record<QueuePriority, Waiting[]> = { login: [], renew: [], discover: [], capture: [] };
  readonly #pauses = new Map<QueuePriority, Pause>();
  /** A controller for each request that waits or is on its way. */
  readonly #open = new Set<AbortController>();
  #closed = false;
  /** The latest five requests, oldest first. */
  #flights: Flight[] = [];
  #nextDueMs = Number.NEGATIVE_INFINITY;
  #timer: { readonly atMs: number; readonly cancel: () => void } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for the request's turn, then sends it. Rejects with the signal's reason when aborted, in the queue or on the way. */
  async run<T>(priority: QueuePriority, send: Send<T>, signal?: AbortSignal): Promise<T> {
    if (this.#closed) throw closedReason();
    const { controller, unlink } = childController(signal);
    this.#open.add(controller);
    try {
      const flight = await this.#turn(priority, controller.signal);
      try {
        return await send(() => this.#departed(flight), controller.signal);
      } finally {
        this.#departed(flight);
      }
    } finally {
      this.#open.delete(controller);
      unlink();
    }
  }

  /**
   * Starts no request of these priorities for `ms`, after the vendor's limit was reached. Requests wait through a short pause. A pause
   * longer than `LONGEST_PAUSED_WAIT_MS` refuses them with `reason`, and also those that come while more than that time is left.
   */
  pause(ms: number, reason: (leftMs: number) => CameraError, priorities: readonly QueuePriority[] = PRIORITIES): void {
    const untilMs = this.#clock.monotonicMs() + ms;
    for (const priority of priorities) {
      if ((this.#pauses.get(priority)?.untilMs ?? Number.NEGATIVE_INFINITY) >= untilMs) continue;
      this.#pauses.set(priority, { untilMs, reason });
      if (ms > LONGEST_PAUSED_WAIT_MS) for (const waiting of [...this.#waiting[priority]]) waiting.refuse(reason(ms));
    }
    this.#pump();
  }

  /** Requests that wait now; logins are not counted. */
  queued(): Readonly<Record<CallPriority, number>> {
    const { renew, discover, capture } = this.#waiting;
    return { renew: renew.length, discover: discover.length, capture: capture.length };
  }

  /** Aborts the requests that wait and those on their way. */
  close(): void {
    this.#closed = true;
    for (const controller of [...this.#open]) controller.abort(closedReason());
    this.#timer?.cancel();
    this.#timer = null;
  }

  #turn(priority: QueuePriority, signal: AbortSignal): Promise<Flight> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(abortReason(signal.reason));
        return;
      }
      const pause = this.#pauseOf(priority);
      if (pause && pause.leftMs > LONGEST_PAUSED_WAIT_MS) {
        reject(pause.reason(pause.leftMs));
        return;
      }
      const line = this.#waiting[priority];
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort);
        line.splice(line.indexOf(waiting), 1);
      };
      const waiting: Waiting = {
        queuedAtMs: this.#clock.monotonicMs(),
        start: () => {
          leave();
          const flight: Flight = { departedAtMs: null };
          this.#flights = [...this.#flights, flight].slice(-REQUESTS_PER_WINDOW);
          resolve(flight);
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const onAbort = (): void => waiting.refuse(abortReason(signal.reason));
      signal.addEventListener('abort', onAbort, { once: true });
      line.push(waiting);
      this.#pump();
    });
  }

  #pauseOf(priority: QueuePriority): (Pause & { readonly leftMs: number }) | null {
    const pause = this.#pauses.get(priority);
    const leftMs = (pause?.untilMs ?? 0) - this.#clock.monotonicMs();
    return pause && leftMs > 0 ? { ...pause, leftMs } : null;
  }

  /** Starts every request that may start now, and sets the timer for the next one. */
  #pump(): void {
    for (;;) {
      const next = this.#next();
      if (next === null) {
        this.#wakeAt(this.#earliestPauseEnd());
        return;
      }
      const nowMs = this.#clock.monotonicMs();
      const dueMs = Math.max(this.#nextDueMs, this.#windowOpensMs());
      if (dueMs > nowMs) {
        this.#wakeAt(dueMs);
        return;
      }
      // A request is late only if it was waiting already at `dueMs`; after a quiet time there is nothing to catch up with.
      const lateMs = next.queuedAtMs <= dueMs ? Math.min(nowMs - dueMs, CATCH_UP_MS) : 0;
      this.#nextDueMs = nowMs - lateMs + PACE_MS;
      next.start();
    }
  }

  /**
   * Chooses among the oldest requests of all priorities the one whose arrival plus handicap is the earliest: a long wait outweighs
   * priority, so no request waits for ever.
   */
  #next(): Waiting | null {
    let best: Waiting | null = null;
    let bestMs = Number.POSITIVE_INFINITY;
    for (const priority of PRIORITIES) {
      const head = this.#waiting[priority][0];
      if (!head || this.#pauseOf(priority)) continue;
      const rankedMs = head.queuedAtMs + HANDICAP_MS[priority];
      if (rankedMs < bestMs) [best, bestMs] = [head, rankedMs];
    }
    return best;
  }

  /** When the limit allows the next start: one second after the fifth-last request left; Infinity while that request has not left. */
  #windowOpensMs(): number {
    const oldest = this.#flights.length < REQUESTS_PER_WINDOW ? undefined : this.#flights[0];
    if (!oldest) return Number.NEGATIVE_INFINITY;
    return oldest.departedAtMs === null ? Number.POSITIVE_INFINITY : oldest.departedAtMs + WINDOW_MS;
  }

  #earliestPauseEnd(): number {
    const ends = PRIORITIES.filter((priority) => this.#waiting[priority].length > 0).map(
      (priority) => this.#pauses.get(priority)?.untilMs ?? Number.POSITIVE_INFINITY,
    );
    return Math.min(...ends);
  }

  #wakeAt(atMs: number): void {
    if (this.#timer?.atMs === atMs) return;
    this.#timer?.cancel();
    this.#timer = null;
    if (!Number.isFinite(atMs) || this.#closed) return;
    const cancel = this.#clock.after(Math.max(0, atMs - this.#clock.monotonicMs()), () => {
      this.#timer = null;
      this.#pump();
    });
    this.#timer = { atMs, cancel };
  }

  #departed(flight: Flight): void {
    if (flight.departedAtMs !== null) return;
    flight.departedAtMs = this.#clock.monotonicMs();
    this.#pump();
  }
}

function closedReason(): Error {
  return new DOMException('the cloud account is closed', 'AbortError');
}
