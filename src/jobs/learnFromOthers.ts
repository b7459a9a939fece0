import type { JobsDeps } from './deps.js';
import { SOLE_OWNER } from './ownership.js';

const LEARN_EVERY_MS = 2_000;

/** Where several processes use one store, what the others wrote is known within seconds. */
export class LearnFromOthers {
  readonly #deps: Pick<JobsDeps, 'clock' | 'store' | 'ownership'>;
  readonly #stopping: AbortSignal;
  #cancel = (): void => undefined;

  /** `onOwning`: what this process owns has changed, and what the owner before did last is known. */
  constructor(deps: Pick<JobsDeps, 'clock' | 'store' | 'ownership'>, stopping: AbortSignal, onOwning: () => void) {
    this.#deps = deps;
    this.#stopping = stopping;
    deps.ownership?.onChange(() => {
      if (!stopping.aborted) void this.#learn().then(onOwning);
    });
  }

  start(): void {
    if (this.#stopping.aborted) return;
    const { clock, ownership = SOLE_OWNER } = this.#deps;
    const learned = ownership.isShared?.() === true ? this.#learn() : Promise.resolve();
    void learned.then(() => (this.#cancel = clock.after(LEARN_EVERY_MS, () => this.start())));
  }

  stop(): void {
    this.#cancel();
  }

  #learn(): Promise<void> {
    return this.#deps.store.refreshChanges().catch(() => undefined);
  }
}
