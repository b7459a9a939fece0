import type { Clock } from '../../../core/clock.js';

export interface LockedOutDeps {
  readonly clock: Clock;
  readonly file: {
    refresh(): Promise<boolean>;
    writeEdits(again?: boolean): Promise<boolean>;
  };
}

const AGAIN_AFTER_MS = 3_000;
/** MediaMTX does not notice a change that comes within a second after its start or after another one. More tries tell nothing new. */
const MOST_TRIES = 3;

/** A MediaMTX whose API refuses our user: as far as its file is in reach, our users are written into it. */
export class LockedOut {
  readonly #deps: LockedOutDeps;
  #tries = 0;
  #triedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: LockedOutDeps) {
    this.#deps = deps;
  }

  /** It takes our user. */
  end(): void {
    this.#tries = 0;
  }

  /** It refused again. True: somebody else changed the file. */
  async look(): Promise<boolean> {
    const { clock, file } = this.#deps;
    const isEdited = await file.refresh();
    if (this.#tries >= MOST_TRIES || clock.monotonicMs() - this.#triedAtMs < AGAIN_AFTER_MS) return isEdited;
    this.#triedAtMs = clock.monotonicMs();
    this.#tries += 1;
    await file.writeEdits(true);
    return isEdited;
  }
}
