import { mayProve } from '../../core/streams/streamBudget.js';
import type { JobsDeps } from '../run/deps.js';

/** What the engine pulls changes with every viewer; older news than this says nothing. */
const FRESH_MS = 2_000;
const DEFAULT_BUDGET = 3;

type StreamUseDeps = Pick<JobsDeps, 'clock' | 'store' | 'engine' | 'accounts'>;

/** How many streams of each account are open: those that the engine pulls, and those of our own proofs. */
export class StreamUse {
  readonly #deps: StreamUseDeps;
  /** One for each proof that runs: its account, and whether it pulls a stream of its own. */
  readonly #proofs = new Set<{ readonly account: string; readonly pullsItself: boolean }>();
  #pulls: ReadonlyMap<string, number> = new Map();
  #seenAtMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;

  constructor(deps: StreamUseDeps) {
    this.#deps = deps;
  }

  /** False: what is pulled has to be looked at (`look`) before `mayProve` can be asked. Always true where the vendor has no cap. */
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

  /** Asks the engine what it pulls. An engine that does not say pulls what it pulled. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = null));
    return this.#looking;
  }

  /** Part of the vendor's cap that is in use, as of the last look; null: it has none, or nobody told us. */
  usedPart(account: string): number | null {
    const cap = this.#capOf(account);
    if (cap === null) return null;
    const proofs = this.#proofsOf(account).filter(({ pullsItself }) => pullsItself).length;
    return Math.min(1, ((this.#pulls.get(account) ?? 0) + proofs) / cap);
  }

  /** True where some vendor has a cap that is to be kept. */
  get matters(): boolean {
    return [...this.#deps.accounts.keys()].some((account) => this.#capOf(account) !== null);
  }

  async #look(): Promise<void> {
    const { clock, store, engine } = this.#deps;
    try {
      const pulls = new Map<string, number>();
      for (const [id, { flow }] of await engine.states()) {
        const account = store.peek(id)?.source.account ?? null;
        if (account === null || (flow !== 'flowing' && flow !== 'starting')) continue;
        pulls.set(account, (pulls.get(account) ?? 0) + 1);
      }
      this.#pulls = pulls;
    } catch {
      // Told by the media loop, which needs the engine too.
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
