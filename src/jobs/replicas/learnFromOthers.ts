import { Poller } from '../../core/async/poller.js';
import { messageOf } from '../../core/errors.js';
import type { JobsDeps } from '../run/deps.js';
import { SOLE_OWNER } from '../run/ownership.js';

const LEARN_EVERY_MS = 2_000;

type Deps = Pick<JobsDeps, 'clock' | 'log' | 'owner' | 'store' | 'ownership'>;

/** What each poll calls. Neither function may reject. */
export interface LearnHandlers {
  /** Reads the records of other replicas, and writes ours for them. */
  readonly poll: () => Promise<unknown>;
  /** Called when ownership has changed, after a poll: this replica then knows what the previous owner did last. */
  readonly onOwning: () => void;
}

/** Polls the shared store, so that this replica knows within seconds what other replicas wrote there. */
export class LearnFromOthers {
  readonly #deps: Deps;
  readonly #handlers: LearnHandlers;
  #wasShared = false;
  /** One poll at a time: a poll that is asked for while another runs starts after that. */
  #last: Promise<void> = Promise.resolve();
  readonly #polls: Poller;

  constructor(deps: Deps, stopping: AbortSignal, handlers: LearnHandlers) {
    this.#deps = deps;
    this.#handlers = handlers;
    this.#polls = new Poller(deps.clock, () => this.#poll());
    deps.ownership?.onChange(() => {
      if (stopping.aborted) return;
      void this.#giveBack();
      void this.#learn().then(() => this.#handlers.onOwning());
    });
  }

  /** Resolves after the first poll. */
  async start(): Promise<void> {
    await this.#giveBack();
    await this.#polls.now();
  }

  async #poll(): Promise<number> {
    const { ownership = SOLE_OWNER } = this.#deps;
    const isShared = ownership.isShared?.() === true;
    // When the last other replica has left, poll once more: for its final writes, and to remove our records that nobody
    // reads any more.
    if (isShared || this.#wasShared) await this.#learn();
    this.#wasShared = isShared;
    return LEARN_EVERY_MS;
  }

  stop(): void {
    void this.#polls.stop();
  }

  /**
   * Our heartbeat keeps every claim under our name alive, those of our previous run too: release them, or no other replica
   * could renew their cameras.
   */
  async #giveBack(): Promise<void> {
    const { store, owner, log } = this.#deps;
    try {
      await store.releaseStray(owner);
    } catch (thrown) {
      log.debug(`Old claims could not be released: ${messageOf(thrown)}`);
    }
  }

  #learn(): Promise<void> {
    this.#last = this.#last.then(async () => {
      await this.#deps.store.refreshChanges().catch(() => undefined);
      await this.#handlers.poll();
    });
    return this.#last;
  }
}
