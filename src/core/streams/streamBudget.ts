/** The streams of one account that are in use, and their bounds. */
export interface StreamsInUse {
  /** How many streams proofs may use at once, as the operator set it. */
  readonly budget: number;
  /** How many streams the vendor allows the account at once; null: not known, or no cap. */
  readonly cap: number | null;
  /** Proofs that run now. */
  readonly proofs: number;
  /** Those of the proofs that open a stream of their own: a camera that is pulled anyway is proven through that pull. */
  readonly proofPulls: number;
  /** The engine's pulls, for viewers and for cameras that are pulled all the time. */
  readonly pulls: number;
}

/**
 * True when one more proof may begin. A renewal whose proof has to wait goes on all the same: at the last safe moment its
 * candidate is promoted unproven.
 */
export function mayProve(use: StreamsInUse, pullsItself: boolean): boolean {
  if (use.proofs >= use.budget) return false;
  return !pullsItself || use.cap === null || use.pulls + use.proofPulls < use.cap;
}
