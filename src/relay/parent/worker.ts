import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayedCamera } from '../../core/streams/relay.js';
import type { Outcome } from '../wire/opening.js';
import { reportSchema, type Order } from '../wire/messages.js';

/** The parent asks each worker for its states every few seconds. A worker that owes an answer for so long hangs, and is killed. */
const HUNG_MS = 15_000;

export interface WorkerEvents {
  readonly ready: () => void;
  /** Called with a sentence about a camera for the relay's log. */
  readonly news: (cameraId: CameraId, message: string) => void;
  /** Called when a camera has refused a login; `key`: see `targetKey`. */
  readonly loginRefused: (key: string) => void;
  readonly transcodeWanted: (id: number) => void;
  readonly transcodeOver: (id: number) => void;
  /** Called once, when the process has ended. `why`: the reason that the worker sent before; null: it sent none. */
  readonly gone: (why: string | null) => void;
}

export type WorkerStates = readonly (readonly [CameraId, RelayedCamera])[];

export interface WorkerStart {
  readonly module: URL;
  /** The relay's folder, which holds its file. */
  readonly folder: string;
  /** The whole environment of the worker (see `trustOf`). */
  readonly trust: Readonly<Record<string, string>>;
  /** Networks that the worker may dial beside the usual ones (see `sourceNetworks`). */
  readonly sourceNetworks: string;
  readonly clock: Clock;
}

/** The parent's side of one worker process. */
export class Worker {
  readonly #clock: Clock;
  readonly #events: WorkerEvents;
  readonly #child: ChildProcess;
  readonly startedMs: number;
  #isReady = false;
  #isGone = false;
  #isDraining = false;
  #readers = 0;
  /** How many sockets the worker was given since its start. */
  #given = 0;
  #why: string | null = null;
  #read = 0;
  #asked = 0;
  #answered = 0;
  /** Since when the worker owes an answer to `ask` (monotonic ms); null: it owes none. */
  #owesSinceMs: number | null = null;
  #lastStates: WorkerStates = [];
  readonly #waiting = new Set<() => void>();
  #openings = 0;
  readonly #opening = new Map<number, (outcome: Outcome | null) => void>();

  constructor({ module, folder, trust, sourceNetworks, clock }: WorkerStart, events: WorkerEvents) {
    this.#clock = clock;
    this.#events = events;
    this.startedMs = clock.monotonicMs();
    // The environment holds no credentials: the worker reads what unknown servers send.
    this.#child = fork(module, [folder, sourceNetworks], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      env: trust,
      // A group of its own: a Ctrl-C at a terminal ends the parent, which ends its workers.
      detached: true,
    });
    this.#child.on('message', (message) => this.#take(message));
    this.#child.once('error', () => this.#gone());
    this.#child.once('exit', () => this.#gone());
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isGone;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** How many connections of readers the worker has open. */
  get readers(): number {
    return this.#readers;
  }

  /** The worker's latest answer to `ask`. */
  get lastStates(): WorkerStates {
    return this.#lastStates;
  }

  /** Hands a reader's socket to the worker, with the bytes already read of it. False: not possible; the socket stays with the caller. */
  give(socket: Socket, first: Buffer): boolean {
    if (!this.isReady || !this.#child.connected) return false;
    this.#readers += 1;
    const id = (this.#given += 1);
    const order: Order = { op: 'serve', id, first: new Uint8Array(first) };
    this.#child.send(order, socket, {}, (error) => {
      if (error) socket.destroy();
    });
    // Node sends this message only after the worker has received the socket and our own copy is closed.
    this.order({ op: 'begin', id });
    return true;
  }

  order(order: Order): void {
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }

  drain(): void {
    this.#isDraining = true;
    this.order({ op: 'drain' });
  }

  /** Resolves when the worker has read the file up to this change, when it has ended, or after `limitMs`. */
  hasRead(change: number, limitMs: number): Promise<void> {
    this.order({ op: 'read', change });
    return this.#until(() => this.#read >= change, limitMs);
  }

  /** Asks the worker for the states of its streams. Resolves with the answer in `lastStates`, or after `limitMs`. */
  async ask(limitMs: number): Promise<void> {
    const id = (this.#asked += 1);
    this.#owesSinceMs ??= this.#clock.monotonicMs();
    this.order({ op: 'states', id });
    await this.#until(() => this.#answered >= id, limitMs);
    this.#endIfHung();
  }

  /** Has the worker open a target. null: the worker ended first, or `signal` was aborted, which also ends the pull. */
  open(target: PullTarget, signal: AbortSignal): Promise<Outcome | null> {
    if (!this.isReady || signal.aborted) return Promise.resolve(null);
    const id = (this.#openings += 1);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.order({ op: 'close', id });
        end(null);
      };
      const end = (outcome: Outcome | null): void => {
        signal.removeEventListener('abort', onAbort);
        this.#opening.delete(id);
        resolve(outcome);
      };
      signal.addEventListener('abort', onAbort);
      this.#opening.set(id, end);
      this.order({ op: 'open', id, target });
    });
  }

  #endIfHung(): void {
    if (this.#owesSinceMs !== null && this.#clock.monotonicMs() - this.#owesSinceMs > HUNG_MS) this.kill();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  ended(limitMs: number): Promise<void> {
    return this.#until(() => false, limitMs);
  }

  #take(message: unknown): void {
    const parsed = reportSchema.safeParse(message);
    if (!parsed.success) return;
    const report = parsed.data;
    switch (report.kind) {
      case 'ready':
        this.#isReady = true;
        this.#events.ready();
        break;
      case 'read':
        this.#read = Math.max(this.#read, report.change);
        break;
      case 'left':
        this.#readers = Math.max(0, this.#readers - 1);
        break;
      case 'states':
        this.#lastStates = report.states;
        this.#answered = report.id;
        this.#owesSinceMs = report.id === this.#asked ? null : this.#clock.monotonicMs();
        break;
      case 'news':
        this.#events.news(report.cameraId, report.message);
        return;
      case 'opened':
        this.#opening.get(report.id)?.(report.outcome);
        return;
      case 'login-refused':
        this.#events.loginRefused(report.key);
        return;
      case 'transcode-wanted':
        this.#events.transcodeWanted(report.id);
        return;
      case 'transcode-over':
        this.#events.transcodeOver(report.id);
        return;
      case 'broke':
        this.#why = report.where;
    }
    this.#wake();
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const end of [...this.#opening.values()]) end(null);
    this.#wake();
    this.#events.gone(this.#why);
  }

  #until(isSo: () => boolean, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo() && !this.#isGone) return;
        done();
      };
      const done = (): void => {
        cancel();
        this.#waiting.delete(look);
        resolve();
      };
      const cancel = this.#clock.after(limitMs, done);
      this.#waiting.add(look);
      look();
    });
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
