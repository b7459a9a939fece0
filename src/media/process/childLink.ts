import { fork, type ChildProcess } from 'node:child_process';
import type { Clock } from '../../core/clock.js';
import { abortReason } from '../../core/abortReason.js';
import { AppError } from '../../core/errors.js';
import { fromWire, reportSchema, type MediaReport, type Task } from './protocol.js';
import { streamErrors } from '../streamErrors.js';

const START_MS = 20_000;
const PING_MS = 10_000;
const RESTART_MS = { first: 250, longest: 10_000, forgottenAfter: 60_000 };
/** In the media process every open stream blocks one thread of libuv's pool while it waits for its next packet. */
const THREADS = 128;

export interface MediaAvailability {
  readonly available: boolean;
  /** FFmpeg's version. */
  readonly version: string | null;
  /** A sentence that says why it is not available; null: it is available. */
  readonly problem: string | null;
}

export interface ChildEvents {
  segment?(segment: Extract<MediaReport, { kind: 'segment' }>): void;
  sessionEnd?(cameraId: string, sessionId: string): void;
  gone?(cameraId: string): void;
  mpeg1Piece?(streamId: string, body: Buffer, isKey: boolean): void;
  mpeg1Ended?(streamId: string, error: Error): void;
  /** The process was started again and is ready; it must get all pulls again. */
  restarted(): void;
  /** The process has ended; its pulls and sessions are gone. */
  lost(): void;
}

export interface ChildOptions {
  /** The size of libuv's thread pool; null: Node's default. */
  readonly threads: number | null;
  /** The error for requests that are open when the process dies. */
  readonly lost: () => Error;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Keeps one child process running, and sends it requests with time limits; `Asked` is the type of the requests. */
export class ChildLink<Asked extends { readonly op: string } = Task> {
  readonly #clock: Clock;
  readonly #module: URL;
  readonly #events: ChildEvents;
  readonly #options: ChildOptions;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | null = null;
  #availability: MediaAvailability = {
    available: false,
    version: null,
    problem: 'The process has not started yet.',
  };
  #settleStart: (() => void) | null = null;
  #running = false;
  #startedBefore = false;
  /** True: `lost` was called, and `restarted` not yet. */
  #isLost = false;
  #startedAtMs = 0;
  #restartMs = RESTART_MS.first;
  #cancelRestart: (() => void) | null = null;
  #nextId = 1;

  constructor(
    clock: Clock,
    module: URL,
    events: ChildEvents,
    options: ChildOptions = { threads: THREADS, lost: streamErrors.processLost },
  ) {
    this.#clock = clock;
    this.#module = module;
    this.#events = events;
    this.#options = options;
  }

  async start(): Promise<MediaAvailability> {
    if (this.#running) return this.#availability;
    this.#running = true;
    const cancel = this.#clock.after(START_MS, () => this.#settleStart?.());
    await new Promise<void>((resolve) => {
      this.#settleStart = resolve;
      this.#fork();
    });
    cancel();
    return this.#availability;
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelRestart?.();
    const child = this.#child;
    this.#settleStart?.();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // SIGKILL: the process has nothing to save, and FFmpeg may be in a long wait.
    child.kill('SIGKILL');
    await gone;
  }

  availability(): MediaAvailability {
    return this.#availability;
  }

  pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Rejects with `late()` when no answer came within `limitMs`, and with `lost()` when the process ended meanwhile. */
  request(task: Asked, limitMs: number, late: () => Error, signal?: AbortSignal): Promise<unknown> {
    const child = this.#child;
    if (!this.#availability.available || !child?.connected) return Promise.reject(this.#notThere());
    if (signal?.aborted) return Promise.reject(abortReason(signal.reason));
    const id = this.#nextId++;
    return new Promise<unknown>((resolve, reject) => {
      const giveUp = (error: Error): void => {
        if (child.connected) child.send({ op: 'abort', id }, () => undefined);
        this.#pending.get(id)?.reject(error);
      };
      const onAbort = (): void => giveUp(abortReason(signal?.reason));
      const cancel = this.#clock.after(limitMs, () => {
        giveUp(late());
        this.#checkAlive(child);
      });
      signal?.addEventListener('abort', onAbort);
      const settled = (): void => {
        cancel();
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(id);
      };
      this.#pending.set(id, {
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      child.send({ ...task, id }, (error) => {
        if (error) this.#pending.get(id)?.reject(this.#options.lost());
      });
    });
  }

  /** Pings the process; one that does not answer hangs, and is killed so that a new one is started. */
  #checkAlive(child: ChildProcess): void {
    if (child !== this.#child || !child.connected) return;
    const id = this.#nextId++;
    const cancel = this.#clock.after(PING_MS, () => {
      this.#pending.delete(id);
      child.kill('SIGKILL');
    });
    const answered = (): void => {
      this.#pending.delete(id);
      cancel();
    };
    this.#pending.set(id, { resolve: answered, reject: answered });
    child.send({ op: 'ping', id }, () => undefined);
  }

  #notThere(): Error {
    if (this.#startedBefore) return this.#options.lost();
    return new AppError('ENGINE_MISSING', this.#availability.problem ?? 'The process is not running.', {
      cure: 'Run `npm install --include=optional` where camlease is installed, and start it again.',
    });
  }

  #fork(): void {
    this.#startedAtMs = this.#clock.monotonicMs();
    const { threads } = this.#options;
    // The environment holds no credentials: the process reads what unknown servers send.
    const child = fork(this.#module, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      env: threads === null ? {} : { UV_THREADPOOL_SIZE: String(threads) },
    });
    this.#child = child;
    child.on('message', (message) => {
      const report = reportSchema.safeParse(message);
      if (report.success && this.#child === child) this.#take(report.data);
    });
    child.once('error', () => this.#onExit(child));
    child.once('exit', () => this.#onExit(child));
  }

  #take(report: MediaReport): void {
    switch (report.kind) {
      case 'ready':
        this.#onReady(report.version, report.problem);
        return;
      case 'done':
        this.#pending.get(report.id)?.resolve(report.value);
        return;
      case 'failed':
        this.#pending.get(report.id)?.reject(fromWire(report.error));
        return;
      case 'segment':
        this.#events.segment?.(report);
        return;
      case 'gone':
        this.#events.gone?.(report.cameraId);
        return;
      case 'sessionEnd':
        this.#events.sessionEnd?.(report.cameraId, report.sessionId);
        return;
      case 'mpeg1Piece':
        this.#events.mpeg1Piece?.(report.streamId, report.body, report.isKey);
        return;
      case 'mpeg1Ended':
        this.#events.mpeg1Ended?.(report.streamId, fromWire(report.error));
    }
  }

  #onReady(version: string | null, problem: string | null): void {
    this.#availability = { available: problem === null, version, problem };
    // A process that died before it was ever ready was reported by `lost` too, so its listeners wait for `restarted`.
    const again = this.#startedBefore || this.#isLost;
    this.#isLost = false;
    this.#startedBefore = problem === null;
    this.#settleStart?.();
    this.#settleStart = null;
    if (again) this.#events.restarted();
  }

  #onExit(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = null;
    for (const { reject } of [...this.#pending.values()]) reject(this.#options.lost());
    this.#isLost = true;
    this.#events.lost();
    // Not started again without node-av: the process would end by itself each time.
    if (!this.#running || this.#availability.problem?.includes('node-av')) return;
    if (this.#clock.monotonicMs() - this.#startedAtMs > RESTART_MS.forgottenAfter) this.#restartMs = RESTART_MS.first;
    this.#cancelRestart = this.#clock.after(this.#restartMs, () => this.#fork());
    this.#restartMs = Math.min(this.#restartMs * 2, RESTART_MS.longest);
  }
}
