import { accountOf } from '../../core/camera/cameraSource.js';
import { mayProve } from '../../core/streams/streamBudget.js';
import type { JobsDeps } from '../run/deps.js';

/** The engine's pulls change with every viewer, so an older reading does not count. */
const FRESH_MS = 2_000;
const DEFAULT_BUDGET = 3;

type StreamUseDeps = Pick<JobsDeps, 'clock' | 'store' | 'engine' | 'accounts'>;

/** How many cloud streams of each account are open: the engine's pulls, and those of our own proofs. */
export class StreamUse {
  readonly #deps: StreamUseDeps;
  /** Each running proof's account, and whether the proof opens a stream of its own. */
  readonly #proofs = new Set<{ readonly account: string; readonly pullsItself: boolean }>();
  #pulls: ReadonlyMap<string, number> = new Map();
  #seenAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(deps: StreamUseDeps) {
    this.#deps = deps;
  }

  /** False: call `read` before `mayProve`, because the latest reading is too old. Always true for an account without a cap. */
  isKnown(account: string): boolean {
    return this.#capOf(account) === null || this.#deps.clock.monotonicMs() - this.#seenAtMs <= FRESH_MS;
  }

  mayProve(account: string, pullsItself: boolean): boolean {
    const proofs = this.#proofsOf(account);
    const use = {
      budget: this.#deps.accounts.get(account)?.streamBudget ?? DEFAULT_BUDGET,
      cap: this.#capOf(account),
      proofs: proofs.length,
      proofPulls: proofs.filter((proof) => proof.pullsItself).length,
      pulls: this.#pulls.get(account) ?? 0,
    };
    return mayProve(use, pullsItself);
  }

  /** A proof begins; the returned function ends it. */
  began(account: string, pullsItself: boolean): () => void {
    const proof = { account, pullsItself };
    this.#proofs.add(proof);
    return () => this.#proofs.delete(proof);
  }

  /** Asks the engine what it pulls. If the engine does not answer, the latest counts stay. */
  read(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => (this.#reading = null));
    return this.#reading;
  }

  /** Part (0 to 1) of the vendor's cap that was in use at the latest reading; null: no cap is known. */
  usedPart(account: string): number | null {
    const cap = this.#capOf(account);
    if (cap === null) return null;
    const proofs = this.#proofsOf(account).filter(({ pullsItself }) => pullsItself).length;
    return Math.min(1, ((this.#pulls.get(account) ?? 0) + proofs) / cap);
  }

  /** True when at least one account has a cap. */
  get matters(): boolean {
    return [...this.#deps.accounts.keys()].some((account) => this.#capOf(account) !== null);
  }

  async #readNow(): Promise<void> {
    const { clock, store, engine } = this.#deps;
    try {
      const pulls = new Map<string, number>();
      for (const [id, { flow }] of await engine.states()) {
        const account = accountOf(store.peek(id));
        if (account === null || (flow !== 'flowing' && flow !== 'starting')) continue;
        pulls.set(account, (pulls.get(account) ?? 0) + 1);
      }
      this.#pulls = pulls;
    } catch {
      // The media loop reports an engine that does not answer.
    }
    this.#seenAtMs = clock.monotonicMs();
  }

  #capOf(account: string): number | null {
    return this.#deps.accounts.get(account)?.streamCap ?? null;
  }

  #proofsOf(account: string): { readonly pullsItself: boolean }[] {
    return [...this.#proofs].filter((proof) => proof.account === account);
  }
}
