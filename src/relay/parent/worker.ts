import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { RelayedCamera } from '../../core/streams/relay.js';
import { reportSchema, type Order } from '../wire/messages.js';

/** An answer to a question that is asked each few seconds; later than this the worker hangs, and is ended. */
const HUNG_MS = 15_000;

export interface WorkerEvents {
  readonly ready: () => void;
  /** What its log should say of a camera. */
  readonly news: (cameraId: CameraId, message: string) => void;
  /** Called once. `why`: what it said before; null: nothing. */
  readonly gone: (why: string | null) => void;
}

export type WorkerStates = readonly (readonly [CameraId, RelayedCamera])[];

/** What a worker's process is started with. */
export interface WorkerStart {
  readonly module: URL;
  /** The relay's, where its file is. */
  readonly folder: string;
  /** Of its environment, which is empty otherwise: see `trustOf`. */
  readonly trust: Readonly<Record<string, string>>;
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
  /** Sockets, since its start. */
  #given = 0;
  #why: string | null = null;
  #read = 0;
  #asked = 0;
  #answered = 0;
  /** Since when it owes an answer (monotonic ms); null: it owes none. */
  #owesSinceMs: number | null = null;
  #lastStates: WorkerStates = [];
  readonly #waiting = new Set<() => void>();

  constructor({ module, folder, trust, clock }: WorkerStart, events: WorkerEvents) {
    this.#clock = clock;
    this.#events = events;
    this.startedMs = clock.monotonicMs();
    // No keys reach the process that speaks with strangers.
    this.#child = fork(module, [folder], {
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

  /** Connections of readers that it was given and that are open. */
  get readers(): number {
    return this.#readers;
  }

  /** Its latest answer to `states`. */
  get lastStates(): WorkerStates {
    return this.#lastStates;
  }

  /** False: it could not be given; the socket is still the caller's. */
  give(socket: Socket, first: Buffer): boolean {
    if (!this.isReady || !this.#child.connected) return false;
    this.#readers += 1;
    const id = (this.#given += 1);
    const order: Order = { op: 'serve', id, first: new Uint8Array(first) };
    this.#child.send(order, socket, {}, (error) => {
      if (error) socket.destroy();
    });
    // Node sends what follows a socket only when the child has it and our own end is closed.
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

  /** Resolves when it has read the file up to this change, when it is gone, or when the time is over. */
  hasRead(change: number, limitMs: number): Promise<void> {
    this.order({ op: 'read', change });
    return this.#until(() => this.#read >= change, limitMs);
  }

  /** Asks what its streams do; `lastStates` holds the answer when this resolves in time. */
  async ask(limitMs: number): Promise<void> {
    const id = (this.#asked += 1);
    this.#owesSinceMs ??= this.#clock.monotonicMs();
    this.order({ op: 'states', id });
    await this.#until(() => this.#answered >= id, limitMs);
    this.#endIfHung();
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
      case 'broke':
        this.#why = report.where;
    }
    this.#wake();
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
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
