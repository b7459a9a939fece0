import type { Ledger } from '../books/ledger.js';
import type { Ground } from '../world/ground.js';

/** So long after it is back, the store's answers are late. */
const SLOW_MS = 5 * 60_000;

/** Takes the store away, at once or right after a cloud gave something that is to be stored. */
export class StoreOutages {
  readonly #ground: Ground;
  readonly #ledger: Ledger;
  /** One that waits for the right moment. */
  #leaving: (() => void) | null = null;

  constructor(ground: Ground, ledger: Ledger) {
    this.#ground = ground;
    this.#ledger = ledger;
  }

  begin(amid: 'anything' | 'call', lengthMs: number, isSlowAfter: boolean): void {
    const lose = (): void => this.#lose(lengthMs, isSlowAfter);
    if (amid === 'call') this.#leaving ??= lose;
    else lose();
  }

  /** A cloud gave a live address, and its reply has not left yet. */
  onGiven(): void {
    this.#leaving?.();
    this.#leaving = null;
  }

  #lose(lengthMs: number, isSlowAfter: boolean): void {
    const { clock, note } = this.#ground;
    this.#change(1);
    clock.after(Math.max(1, lengthMs), () => {
      if (isSlowAfter) {
        this.#ground.storeSlow += 1;
        note('the store is slow');
        clock.after(SLOW_MS, () => (this.#ground.storeSlow -= 1));
      }
      this.#change(-1);
    });
  }

  #change(by: 1 | -1): void {
    const { clock, note } = this.#ground;
    this.#ground.storeAway += by;
    this.#ledger.blockStore(by);
    note(by > 0 ? 'the store goes away' : 'the store is back');
    clock.happened();
  }
}
