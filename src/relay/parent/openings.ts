import { Turns } from '../../core/async/turns.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { loginKey, secondRefusal, targetKey, type Outcome } from '../wire/opening.js';
import { refusals } from './refusal.js';
import type { WorkerPool } from './workerPool.js';

/** How many sources the relay opens at a time, and how many more may wait. */
const MOST_OPENINGS = 16;
const MOST_WAITING = 1_000;

export interface ParentOpeningsOptions {
  readonly pool: Pick<WorkerPool, 'open' | 'forgetLogin'>;
  /** The key that chooses the worker of a target: that of its camera, whose pull is looked at when it is watched. */
  readonly keyOf: (target: PullTarget) => string;
}

/** Has workers open targets, some at a time. */
export class ParentOpenings {
  readonly #options: ParentOpeningsOptions;
  readonly #turns = new Turns({ atOnce: MOST_OPENINGS, mostWaiting: MOST_WAITING, full: () => refusals.busy() });

  constructor(options: ParentOpeningsOptions) {
    this.#options = options;
  }

  /** Throws `RelayRefusal` when too many wait or the worker ends, and the signal's reason when it is aborted. */
  open(target: PullTarget, again: boolean, signal: AbortSignal): Promise<Outcome> {
    const { pool, keyOf } = this.#options;
    return this.#turns.take(signal, async () => {
      if (again) this.#forgetLogin(target);
      const outcome = await pool.open(keyOf(target), target, signal);
      signal.throwIfAborted();
      if (outcome === null) throw refusals.workerEnded();
      return outcome;
    });
  }

  /** One more refusal of this login at its host holds the other channels back again. */
  #forgetLogin(target: PullTarget): void {
    const login = loginKey(target);
    for (const key of [targetKey(target), ...(login === null ? [] : [secondRefusal(login)])])
      this.#options.pool.forgetLogin(key);
  }
}
