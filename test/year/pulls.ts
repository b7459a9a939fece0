import type { CameraId } from '../../src/core/camera.js';

/** An address that a pull is open for. */
export interface Pulled {
  readonly url: string;
  readonly revision: number;
}

/** The pulls of proofs that play an address by themselves. */
export class ProofPulls {
  readonly #open = new Map<CameraId, Set<Pulled>>();

  /** Returns what ends it. */
  begin(id: CameraId, { url, revision }: Pulled): () => void {
    const pull = { url, revision };
    const open = this.#open.get(id) ?? new Set();
    this.#open.set(id, open.add(pull));
    return () => open.delete(pull);
  }

  of(id: CameraId): readonly Pulled[] {
    return [...(this.#open.get(id) ?? [])];
  }
}

/** The id in a live address; null: it has none. */
export function idOf(url: string): string | null {
  return /[?&]id=(\d+)/.exec(url)?.[1] ?? null;
}
