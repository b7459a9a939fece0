import type { JobsDeps } from './deps.js';
import { SOLE_OWNER } from './ownership.js';

const LEARN_EVERY_MS = 2_000;

type Deps = Pick<JobsDeps, 'clock' | 'store' | 'ownership'>;

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
      if (!stopping.aborted) void this.#learn().then(() => this.#looks.onOwning());
    });
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    if (this.#stopping.aborted) return;
    const { clock, ownership = SOLE_OWNER } = this.#deps;
    const isShared = ownership.isShared?.() === true;
    // Who is alone again looks once more: at what the last other one left, and what need not be told any more.
    if (isShared || this.#wasShared) await this.#learn();
    this.#wasShared = isShared;
    this.#cancel = clock.after(LEARN_EVERY_MS, () => void this.start());
  }

  stop(): void {
    this.#cancel();
  }

  #learn(): Promise<void> {
    this.#last = this.#last.then(async () => {
      await this.#deps.store.refreshChanges().catch(() => undefined);
      await this.#looks.look();
    });
    return this.#last;
  }
}
