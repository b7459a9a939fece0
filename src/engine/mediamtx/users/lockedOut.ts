import type { Clock } from '../../../core/clock.js';

export interface LockedOutDeps {
  readonly clock: Clock;
  readonly file: {
    refresh(): Promise<boolean>;
    writeEdits(again?: boolean): Promise<boolean>;
  };
}

const AGAIN_AFTER_MS = 3_000;
/** Several tries, since MediaMTX misses a change within a second after its start or after another change. More than this would not help. */
const MOST_TRIES = 3;

/** Handles a MediaMTX whose API rejects our login: writes our users into its file again, if camlease can write it. */
export class LockedOut {
  readonly #deps: LockedOutDeps;
  #tries = 0;
  #triedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: LockedOutDeps) {
    this.#deps = deps;
  }

  /** Call when MediaMTX accepts our login. */
  end(): void {
    this.#tries = 0;
  }

  /** Call when MediaMTX rejected our login again. True: the file changed. */
  async tryAgain(): Promise<boolean> {
    const { clock, file } = this.#deps;
    const isEdited = await file.refresh();
    if (this.#tries >= MOST_TRIES || clock.monotonicMs() - this.#triedAtMs < AGAIN_AFTER_MS) return isEdited;
    this.#triedAtMs = clock.monotonicMs();
    this.#tries += 1;
    await file.writeEdits(true);
    return isEdited;
  }
}
