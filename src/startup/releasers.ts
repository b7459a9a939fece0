import { messageOf } from '../core/errors.js';

/** Stops what was started, last first; a step that fails does not keep the others from running. */
export class Releasers {
  readonly #steps: Array<{ readonly name: string; readonly release: () => Promise<void> | void }> = [];
  #released: Promise<void> | null = null;
  readonly #onError: (message: string) => void;

  constructor(onError: (message: string) => void) {
    this.#onError = onError;
  }

  add(name: string, release: () => Promise<void> | void): void {
    this.#steps.push({ name, release });
  }

  /** Safe to call twice: the second caller waits for the first. */
  release(): Promise<void> {
    this.#released ??= this.#run();
    return this.#released;
  }

  async #run(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step.release();
      } catch (thrown) {
        this.#onError(`Could not stop the ${step.name}: ${messageOf(thrown)}`);
      }
    }
  }
}
