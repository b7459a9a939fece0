import type { Ledger } from '../books/ledger.js';
import type { Ground } from '../world/ground.js';
import type { RelayFault } from './relayFaults.js';

/** Makes the faults of the relay happen. Nothing else is away meanwhile: a camera has to be served without it, or by what it knows. */
export class RelayTroubles {
  readonly #ground: Ground;
  readonly #ledger: Ledger;

  constructor(ground: Ground, ledger: Ledger) {
    this.#ground = ground;
    this.#ledger = ledger;
  }

  /** Returns what ends it. */
  begin(fault: RelayFault): (() => void) | null {
    const { relay } = this.#ground.engine;
    if (relay === null) return null;
    switch (fault.kind) {
      case 'relay-worker':
        this.#ground.engine.loseWorker();
        return null;
      case 'relay-restart':
        // One whose disk takes nothing has written no lines that it could lose.
        return this.#disturbing((by) => relay.go(by, by < 0 && fault.hasOldFile && relay.diskRefuses === 0));
      case 'relay-away':
        return this.#disturbing((by) => relay.go(by));
      case 'relay-disk':
        return this.#disturbing((by) => (relay.diskRefuses += by));
    }
  }

  #disturbing(change: (by: 1 | -1) => void): () => void {
    const run = (by: 1 | -1): void => {
      this.#ledger.disturb();
      change(by);
    };
    run(1);
    return () => run(-1);
  }
}
