import type { CameraId } from '../../../src/core/camera/camera.js';

/** An address that a pull is open for. */
export interface Pulled {
  readonly url: string;
  readonly revision: number;
}

/** What a proof plays. */
export interface ProofPull extends Pulled {
  /** The relay shares one pull among all who look at an address; otherwise the proof pulls it by itself. */
  readonly isByRelay: boolean;
  /** False: the process that looked has died, and what it pulled with went with it. */
  readonly isAlive: () => boolean;
}

/** What proofs play now. */
export class ProofPulls {
  readonly #open = new Map<CameraId, Set<ProofPull>>();

  /** Returns what ends it. */
  begin(id: CameraId, pull: ProofPull): () => void {
    const open = this.#open.get(id) ?? new Set();
    this.#open.set(id, open.add(pull));
    return () => open.delete(pull);
  }

  /** Those that are open besides these, which viewers get. */
  besides(id: CameraId, shown: readonly Pulled[]): readonly Pulled[] {
    const shared = new Set(shown.map(({ revision }) => revision));
    const isOneMore = ({ revision, isByRelay, isAlive }: ProofPull): boolean => {
      if (!isAlive()) return false;
      if (!isByRelay) return true;
      const isNew = !shared.has(revision);
      shared.add(revision);
      return isNew;
    };
    return [...(this.#open.get(id) ?? [])].filter(isOneMore);
  }
}

/** The id in a live address; null: it has none. */
export function idOf(url: string): string | null {
  return /[?&]id=(\d+)/.exec(url)?.[1] ?? null;
}
