import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { askUntil } from '../../core/async/askUntil.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { Order } from '../wire/messages.js';
import { REFUSED_FOR_MS, type Outcome } from '../wire/opening.js';
import { TranscodeCounts } from './transcodeCounts.js';
import { Worker, type WorkerStart, type WorkerStates } from './worker.js';

/** How long to wait before a dead worker is replaced, by the number of deaths in a row; the last wait repeats. */
const WAITS_MS = [0, 250, 1_000, 2_000, 5_000, 10_000];
const MINUTE_MS = 60_000;
/** So many deaths become a `problem`. Deaths are forgotten after a minute without one. */
const MANY_DEATHS = 5;
/** How long to wait for each worker to read the file, so that one that hangs delays camlease no longer. */
const READ_MS = 2_000;
const STATES_MS = 350;
const ASK_EVERY_MS = 5_000;
/** How long a connection waits while its worker is not ready. MediaMTX waits ten seconds for an answer. */
const WAITING_MS = 8_000;
/** How often it is looked whether a worker is ready, for an opening that waits for it. */
const READY_EVERY_MS = 50;
const MOST_WAITING = 1_000;
const END_MS = 2_000;

export interface Problem {
  readonly message: string;
  readonly cure: string;
}

export interface PoolLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface PoolOptions extends WorkerStart {
  readonly count: number;
  /** TRANSCODES_MAX. */
  readonly mostTranscodes: number;
  readonly log: PoolLog;
}

/** A reader's connection, to be handed to a worker. */
export interface Reader {
  readonly socket: Socket;
  /** Readers with the same key are served by the same worker. */
  readonly key: string;
  /** Returns the bytes that were already read. */
  readonly take: () => Buffer;
}

/**
 * Keeps the workers running and hands each reader to a worker by the reader's key, so that a stream that crashes its worker crashes the
 * same one each time and no other.
 */
export class WorkerPool {
  readonly #options: PoolOptions;
  /** The workers that get new readers, by place; null: the worker died and the next is not started yet. */
  readonly #places: (Worker | null)[];
  readonly #draining = new Set<Worker>();
  readonly #waiting = new Map<Reader, () => void>();
  #deathsMs: number[] = [];
  /** Deaths in a row, each soon after the death before. */
  #inARow = 0;
  /** When cameras refused logins (monotonic ms), by `targetKey`. */
  readonly #refusedMs = new Map<string, number>();
  readonly #transcodes: TranscodeCounts<Worker>;
  #isStopped = false;
  readonly #cancels = new Set<() => void>();

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.count }, () => null);
    this.#transcodes = new TranscodeCounts(options.mostTranscodes);
  }

  start(): void {
    for (const place of this.#places.keys()) this.#begin(place);
    this.#askAgain();
  }

  /** null: fewer than `MANY_DEATHS` lately. */
  get problem(): Problem | null {
    this.#forgetQuiet();
    if (this.#deathsMs.length < MANY_DEATHS) return null;
    return {
      message: `Workers of the relay ended unexpectedly ${this.#deathsMs.length} times, the last time less than a minute ago.`,
      cure: 'See the log of the relay for the errors. The relay starts its workers again by itself.',
    };
  }

  /** All running workers, draining ones first. */
  get workers(): readonly Worker[] {
    return [...this.#draining, ...this.#places.filter((worker) => worker !== null)];
  }

  give(reader: Reader): void {
    const worker = this.#places[placeOf(reader.key, this.#places.length)];
    if (!worker?.isReady || !worker.give(reader.socket, reader.take())) this.#keepWaiting(reader);
  }

  order(order: Order): void {
    for (const worker of this.workers) worker.order(order);
  }

  /** Resolves when every ready worker has read the file up to this change, or after `READ_MS`. */
  async haveRead(change: number): Promise<void> {
    const ready = this.workers.filter(({ isReady }) => isReady);
    await Promise.all(ready.map((worker) => worker.hasRead(change, READ_MS)));
  }

  /** The stream states, one list for each worker, draining ones first. A worker that does not answer in time gives its last known states. */
  async states(): Promise<readonly WorkerStates[]> {
    const { workers } = this;
    await Promise.all(workers.map((worker) => worker.ask(STATES_MS)));
    return workers.map(({ lastStates }) => lastStates);
  }

  /** Has the worker of `key` open a target, once it is ready. null: it is not for long, it ended, or `signal` was aborted. */
  async open(key: string, target: PullTarget, signal: AbortSignal): Promise<Outcome | null> {
    const place = placeOf(key, this.#places.length);
    const { clock } = this.#options;
    const isReady = (): Promise<boolean> => Promise.resolve(this.#places[place]?.isReady === true);
    await askUntil({ clock, everyMs: READY_EVERY_MS, withinMs: WAITING_MS, signal }, isReady).catch(() => undefined);
    return (await this.#places[place]?.open(target, signal)) ?? null;
  }

  /** A person wants this login to be tried again. */
  forgetLogin(key: string): void {
    this.#refusedMs.delete(key);
    this.order({ op: 'login-refused', key, agoMs: null });
  }

  /** Starts new workers. The old ones get no new readers and end with their last reader. */
  restart(): void {
    for (const [place, worker] of this.#places.entries()) {
      if (!worker) continue; // its replacement is already scheduled
      this.#draining.add(worker);
      worker.drain();
      this.#begin(place);
    }
    this.#options.log.info('The relay starts new workers; the old workers keep serving their readers.');
  }

  /** Ends all workers, which drops their readers. */
  async stop(): Promise<void> {
    this.#cease();
    const { workers } = this;
    this.order({ op: 'stop' });
    await Promise.all(workers.map((worker) => worker.ended(END_MS)));
    for (const worker of this.workers) worker.kill();
  }

  /** Lets the workers run on without the pool: they serve their readers to the end. */
  leave(): void {
    this.#cease();
    for (const worker of this.workers) worker.drain();
  }

  #cease(): void {
    this.#isStopped = true;
    for (const cancel of this.#cancels) cancel();
    for (const { socket } of [...this.#waiting.keys()]) socket.destroy();
  }

  #begin(place: number): void {
    const worker = new Worker(this.#options, {
      ready: () => {
        for (const [key, atMs] of this.#refusedMs)
          worker.order({ op: 'login-refused', key, agoMs: this.#sinceMs(atMs) });
        this.#serveWaiting();
      },
      loginRefused: (key) => this.#noteLogin(key),
      news: (cameraId, message) => this.#options.log.info(message, { camera: cameraId }),
      transcodeWanted: (id) => worker.order({ op: 'transcode', id, isGiven: this.#transcodes.take(worker, id) }),
      transcodeOver: (id) => this.#transcodes.leave(worker, id),
      gone: (why) => this.#gone(worker, place, why),
    });
    this.#places[place] = worker;
  }

  #gone(worker: Worker, place: number, why: string | null): void {
    this.#transcodes.forget(worker);
    if (this.#places[place] === worker) this.#places[place] = null;
    if (this.#draining.delete(worker) || this.#isStopped) return;
    const { clock, log } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#inARow = nowMs - worker.startedMs > MINUTE_MS ? 1 : this.#inARow + 1;
    this.#forgetQuiet();
    this.#deathsMs.push(nowMs);
    const waitMs = WAITS_MS[this.#inARow - 1] ?? WAITS_MS.at(-1) ?? 0;
    log.warn('A worker of the relay ended unexpectedly; its readers have to reconnect.', {
      ...{ pid: worker.pid, readers: worker.readers, waitMs },
      ...(why !== null && { where: why }),
    });
    this.#later(waitMs, () => this.#begin(place));
  }

  /** A camera has refused a login: no worker tries it again for a while, and no later one. */
  #noteLogin(key: string): void {
    for (const [old, atMs] of this.#refusedMs) if (this.#sinceMs(atMs) >= REFUSED_FOR_MS) this.#refusedMs.delete(old);
    this.#refusedMs.delete(key);
    this.#refusedMs.set(key, this.#options.clock.monotonicMs());
    this.order({ op: 'login-refused', key, agoMs: 0 });
  }

  #sinceMs(atMs: number): number {
    return this.#options.clock.monotonicMs() - atMs;
  }

  #forgetQuiet(): void {
    const lastMs = this.#deathsMs.at(-1) ?? 0;
    if (this.#options.clock.monotonicMs() - lastMs > MINUTE_MS) this.#deathsMs = [];
    else this.#deathsMs = this.#deathsMs.slice(-MANY_DEATHS);
  }

  #keepWaiting(reader: Reader): void {
    const { socket } = reader;
    if (this.#isStopped || this.#waiting.size >= MOST_WAITING) {
      socket.destroy();
      return;
    }
    const over = (): void => {
      cancel();
      socket.off('close', over);
      this.#waiting.delete(reader);
    };
    const cancel = this.#options.clock.after(WAITING_MS, () => socket.destroy());
    this.#waiting.set(reader, over);
    socket.once('close', over);
  }

  #serveWaiting(): void {
    for (const [reader, over] of [...this.#waiting]) {
      over();
      this.give(reader);
    }
  }

  /** Asks for states every few seconds, so that a worker that hangs is found even when camlease does not ask. */
  #askAgain(): void {
    this.#later(ASK_EVERY_MS, () => {
      void this.states();
      this.#askAgain();
    });
  }

  #later(ms: number, run: () => void): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#cancels.delete(cancel);
      run();
    });
    this.#cancels.add(cancel);
  }
}

/** The same place for the same key, also after a restart. */
function placeOf(key: string, places: number): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) % places;
}
