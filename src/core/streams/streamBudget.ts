/** Streams of one account at its vendor. */
export interface StreamsInUse {
  /** Streams at once that the operator leaves to proofs. */
  readonly budget: number;
  /** Streams at once that the vendor lets the account have; null: not known, or none. */
  readonly cap: number | null;
  /** Proofs that run now, */
  readonly proofs: number;
  /** and those of them that pull a stream of their own: a camera that is pulled anyway is looked at through what pulls it. */
  readonly proofPulls: number;
  /** What the engine pulls to be watched, or all the time. */
  readonly pulls: number;
}

/** True when one more proof may begin. One that cannot waits: its renewal goes on all the same, at the last safe moment without proof. */
export function mayProve(use: StreamsInUse, pullsItself: boolean): boolean {
  if (use.proofs >= use.budget) return false;
  return !pullsItself || use.cap === null || use.pulls + use.proofPulls < use.cap;
}
