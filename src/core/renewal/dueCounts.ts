/** How many of one account's renewals fall due in which time; updated with each change, so that asking costs nothing. */
export class DueCounts {
  readonly #dueMs = new Map<string, number>();
  /** By the length of buckets (milliseconds), then by the number of the bucket since 1970. */
  readonly #lengths = new Map<number, Map<number, number>>();

  /** Sets when a camera's renewal is due (epoch ms); null: never. */
  set(id: string, dueMs: number | null): void {
    const before = this.#dueMs.get(id);
    if (before === (dueMs ?? undefined)) return;
    if (dueMs === null) this.#dueMs.delete(id);
    else this.#dueMs.set(id, dueMs);
    for (const [bucketMs, counts] of this.#lengths) {
      if (before !== undefined) add(counts, before, bucketMs, -1);
      if (dueMs !== null) add(counts, dueMs, bucketMs, 1);
    }
  }

  /**
   * How many are due from `fromMs` (included) to `toMs` (not included), epoch ms; `fromMs` must be a multiple of their
   * distance.
   */
  readonly between = (fromMs: number, toMs: number): number => {
    const bucketMs = toMs - fromMs;
    return this.#countsOf(bucketMs).get(Math.floor(fromMs / bucketMs)) ?? 0;
  };

  #countsOf(bucketMs: number): Map<number, number> {
    let counts = this.#lengths.get(bucketMs);
    if (!counts) {
      counts = new Map<number, number>();
      for (const dueMs of this.#dueMs.values()) add(counts, dueMs, bucketMs, 1);
      this.#lengths.set(bucketMs, counts);
    }
    return counts;
  }
}

function add(counts: Map<number, number>, dueMs: number, bucketMs: number, by: number): void {
  const bucket = Math.floor(dueMs / bucketMs);
  const count = (counts.get(bucket) ?? 0) + by;
  if (count === 0) counts.delete(bucket);
  else counts.set(bucket, count);
}
