import { messageOf } from '../../core/errors.js';
import type { JobsDeps } from '../run/deps.js';
import { SOLE_OWNER } from '../run/ownership.js';

const LEARN_EVERY_MS = 2_000;

type Deps = Pick<JobsDeps, 'clock' | 'log' | 'owner' | 'store' | 'ownership'>;

/** What is done at each look. Must not reject. */
export interface Looks {
  /** Reads what others told, and tells them what they ask for. */
  readonly look: () => Promise<unknown>;
  /** After a look: what this process owns has changed, and what the owner before did last is known. */
  readonly onOwning: () => void;
}

/** Where several processes use one store, what the others wrote is known within seconds. */
export class LearnFromOthers {
  readonly #deps: Deps;
  readonly #stopping: AbortSignal;
  readonly #looks: Looks;
  #wasShared = false;
  /** One look at a time; who asks during one gets one of his own. */
  #last: Promise<void> = Promise.resolve();
  #cancel = (): void => undefined;

  constructor(deps: Deps, stopping: AbortSignal, looks: Looks) {
    this.#deps = deps;
    this.#stopping = stopping;
    this.#looks = looks;
    deps.ownership?.onChange(() => {
      if (stopping.aborted) return;
      void this.#giveBack();
      void this.#learn().then(() => this.#looks.onOwning());
    });
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.#giveBack();
    await this.#lookOn();
  }

  async #lookOn(): Promise<void> {
    if (this.#stopping.aborted) return;
    const { clock, ownership = SOLE_OWNER } = this.#deps;
    const isShared = ownership.isShared?.() === true;
    // Who is alone again looks once more: at what the last other one left, and what need not be told any more.
    if (isShared || this.#wasShared) await this.#learn();
    this.#wasShared = isShared;
    this.#cancel = clock.after(LEARN_EVERY_MS, () => void this.#lookOn());
  }

  stop(): void {
    this.#cancel();
  }

  /** Who beats keeps its claims: those of its life before would keep others from cameras that are theirs to renew now. */
  async #giveBack(): Promise<void> {
    const { store, owner, log } = this.#deps;
    try {
      await store.releaseStray(owner);
    } catch (thrown) {
      log.debug(`Old claims could not be given back: ${messageOf(thrown)}`);
    }
  }

  #learn(): Promise<void> {
    this.#last = this.#last.then(async () => {
      await this.#deps.store.refreshChanges().catch(() => undefined);
      await this.#looks.look();
    });
    return this.#last;
  }
}
