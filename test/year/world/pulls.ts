import type { CameraId } from '../../../src/core/camera/camera.js';

/** An address that a pull is open for. */
export interface Pulled {
  readonly url: string;
  readonly revision: number;
}

/** What a proof plays: by the relay, which shares one pull among all who look at an address, or by itself. */
export interface ProofPull extends Pulled {
  readonly isByRelay: boolean;
}

/** What proofs play now. */
export class ProofPulls {
  readonly #open = new Map<CameraId, Set<ProofPull>>();

  /** Returns what ends it. */
  begin(id: CameraId, { url, revision }: Pulled, isByRelay: boolean): () => void {
    const pull = { url, revision, isByRelay };
    const open = this.#open.get(id) ?? new Set();
    this.#open.set(id, open.add(pull));
    return () => open.delete(pull);
  }

  /**
   * Those that are open besides these, which viewers get. The relay opens one pull for all who look at an address, also for the proof of a
   * camlease that has died meanwhile.
   */
  besides(id: CameraId, shown: readonly Pulled[]): readonly Pulled[] {
    const byRelay = new Set(shown.map(({ revision }) => revision));
    return [...(this.#open.get(id) ?? [])].filter(({ revision, isByRelay }) => {
      if (!isByRelay) return true;
      const isShared = byRelay.has(revision);
      byRelay.add(revision);
      return !isShared;
    });
  }
}

/** The id in a live address; null: it has none. */
export function idOf(url: string): string | null {
  return /[?&]id=(\d+)/.exec(url)?.[1] ?? null;
}
