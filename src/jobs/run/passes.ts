import type { PassStore } from '../../store/passStore.js';
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../core/clock.js';
import { AppError, messageOf } from '../../core/errors.js';
import type { JobName, Pass, PassHandle, PassReport } from '../../core/passes/pass.js';
import type { Log } from '../../observe/logger.js';
import { within } from '../../core/async/deadline.js';

/** How long an aborted pass may take to give its claims back. */
const STOP_GRACE_MS = 10_000;
const SAVE_EVERY_MS = 2_000;
const KEPT_IN_MEMORY = 20;

/** How a job counts what it has done so far. */
export interface Progress {
  readonly passId: string;
  grow(cameras: number): void;
  done(): void;
  failed(): void;
  skipped(): void;
}

export type RunPass = (progress: Progress, signal: AbortSignal) => Promise<PassReport>;

interface PassesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: string;
  readonly newId: () => string;
  readonly passes: PassStore;
}

interface Running {
  pass: Pass;
  readonly handle: PassHandle;
  readonly abort: AbortController;
  /** The latest write. Writes follow one another, so that an older state never lands last. */
  saved: Promise<void>;
}

/** Runs jobs as passes: one of a kind at a time, counted, stored, and stopped within bounds. */
export class Passes {
  readonly #deps: PassesDeps;
  readonly #running = new Map<string, Running>();
  readonly #recent: Pass[] = [];
  readonly #ended = new Map<string, { readonly job: JobName; readonly state: 'succeeded' | 'failed'; count: number }>();
  #stopped = false;

  constructor(deps: PassesDeps) {
    this.#deps = deps;
  }

  /** Marks passes that ran when the process died as interrupted. */
  async open(): Promise<void> {
    await this.#deps.passes.interruptPasses(this.#deps.owner, this.#deps.clock.now());
  }

  /**
   * Starts a pass, or joins the running one of the same `kind` (a job and what it was asked for). Throws `AppError`
   * SHUTTING_DOWN after `stop`.
   */
  start(job: JobName, kind: string, run: RunPass): PassHandle {
    if (this.#stopped)
      throw new AppError('SHUTTING_DOWN', 'camlease is stopping.', { cure: 'Ask again when it runs again.' });
    const joined = this.#running.get(kind);
    if (joined) return joined.handle;
    const id = this.#deps.newId();
    const abort = new AbortController();
    // Each call to a cloud listens to this signal while the call waits for its turn.
    setMaxListeners(0, abort.signal);
    const startedAt = this.#deps.clock.now();
    const pass: Pass = {
      ...{ id, job, state: 'running', startedAt, endedAt: null },
      ...{ total: 0, done: 0, failed: 0, skipped: 0, report: null, error: null },
    };
    const ended = Promise.resolve().then(() => this.#run(kind, running, run));
    const running: Running = { pass, abort, handle: { id, ended }, saved: Promise.resolve() };
    this.#running.set(kind, running);
    return running.handle;
  }

  running(kind: string): PassHandle | null {
    return this.#running.get(kind)?.handle ?? null;
  }

  async get(id: string): Promise<Pass | null> {
    const running = [...this.#running.values()].find(({ pass }) => pass.id === id);
    return running?.pass ?? this.#recent.find((pass) => pass.id === id) ?? (await this.#deps.passes.getPass(id));
  }

  status(): {
    readonly running: readonly { readonly job: JobName; readonly pass: string }[];
    readonly ended: readonly {
      readonly job: JobName;
      readonly state: 'succeeded' | 'failed';
      readonly count: number;
    }[];
    readonly recent: readonly Pass[];
  } {
    const running = [...this.#running.values()].map(({ pass }) => ({ job: pass.job, pass: pass.id }));
    return { running, ended: [...this.#ended.values()], recent: this.#recent };
  }

  /** Aborts what runs and waits for it, at most 10 s. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort(new AppError('SHUTTING_DOWN', 'camlease is stopping.'));
    await within(this.#deps.clock, STOP_GRACE_MS, Promise.all(running.map(({ handle }) => handle.ended)));
  }

  async #run(kind: string, running: Running, run: RunPass): Promise<Pass> {
    const { log } = this.#deps;
    await this.#save(running);
    const progress = this.#progressOf(running);
    try {
      const report = await run(progress, running.abort.signal);
      running.pass = { ...running.pass, state: 'succeeded', report };
    } catch (thrown) {
      const error = passError(thrown);
      running.pass = { ...running.pass, state: 'failed', error };
      const known = thrown instanceof AppError;
      log[known ? 'warn' : 'error'](`The ${running.pass.job} pass failed: ${error.message}`, {
        pass: running.pass.id,
        ...(!known && { error: thrown }),
      });
    }
    running.pass = { ...running.pass, endedAt: this.#deps.clock.now() };
    this.#keep(running.pass);
    await this.#save(running);
    this.#running.delete(kind);
    return running.pass;
  }

  #progressOf(running: Running): Progress {
    let savedAtMs = this.#deps.clock.monotonicMs();
    const add = (change: Partial<Record<'total' | 'done' | 'failed' | 'skipped', number>>): void => {
      const { pass } = running;
      running.pass = {
        ...pass,
        total: pass.total + (change.total ?? 0),
        done: pass.done + (change.done ?? 0),
        failed: pass.failed + (change.failed ?? 0),
        skipped: pass.skipped + (change.skipped ?? 0),
      };
      const nowMs = this.#deps.clock.monotonicMs();
      if (nowMs - savedAtMs < SAVE_EVERY_MS) return;
      savedAtMs = nowMs;
      void this.#save(running);
    };
    return {
      passId: running.pass.id,
      grow: (cameras) => add({ total: cameras }),
      done: () => add({ done: 1 }),
      failed: () => add({ failed: 1 }),
      skipped: () => add({ skipped: 1 }),
    };
  }

  #keep(pass: Pass): void {
    this.#recent.unshift(pass);
    this.#recent.splice(KEPT_IN_MEMORY);
    if (pass.state === 'running') return;
    const key = `${pass.job} ${pass.state}`;
    const ended = this.#ended.get(key) ?? { job: pass.job, state: pass.state, count: 0 };
    ended.count += 1;
    this.#ended.set(key, ended);
  }

  /** Never rejects: a pass that cannot be stored goes on, since memory has it, and its work is stored camera by camera. */
  #save(running: Running): Promise<void> {
    const { pass } = running;
    running.saved = running.saved.then(async () => {
      try {
        await this.#deps.passes.savePass(pass, this.#deps.owner);
      } catch (thrown) {
        this.#deps.log.warn(`A pass could not be written to the store: ${messageOf(thrown)}`, { pass: pass.id });
      }
    });
    return running.saved;
  }
}

function passError(thrown: unknown): NonNullable<Pass['error']> {
  if (!(thrown instanceof AppError))
    return { code: 'INTERNAL', message: 'The pass failed because of an error inside camlease; its log says more.' };
  return { code: thrown.code, message: thrown.message, ...(thrown.cure !== undefined && { cure: thrown.cure }) };
}
