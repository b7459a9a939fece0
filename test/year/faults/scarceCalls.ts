import type { Ground } from '../world/ground.js';

/** Clouds that give a live address now and then only, and in between say that the account has used up its calls. */
export class ScarceCalls {
  readonly #ground: Ground;
  readonly #everyMs = new Map<string, number>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Returns what ends it. */
  begin(account: string, everyMs: number, untilMs: number): () => void {
    this.#everyMs.set(account, everyMs);
    this.#ground.scarceUntilMs.set(account, untilMs);
    return () => {
      this.#everyMs.delete(account);
      this.#setUsedUp(account, false);
    };
  }

  /** The cloud gave a live address. */
  onGiven(account: string): void {
    const everyMs = this.#everyMs.get(account);
    if (everyMs === undefined) return;
    this.#setUsedUp(account, true);
    this.#ground.clock.after(everyMs, () => {
      if (this.#everyMs.has(account)) this.#setUsedUp(account, false);
    });
  }

  #setUsedUp(account: string, isUsedUp: boolean): void {
    this.#ground.clouds.fleet.setAccountFault(account, 'quota', isUsedUp);
  }
}
