export interface Measured {
  readonly upMs: number;
  readonly downMs: number;
  /** Gaps without a picture of the camera that are long enough to count as outages. */
  readonly gaps: ReadonlyArray<{ readonly fromMs: number; readonly toMs: number }>;
}

/** A shorter freeze is not an outage, here as in camlease (docs/concepts/status.md). */
const OUTAGE_FROM_MS = 1_500;

/** How long pictures of the camera came between two moments. `seenMs`: when frames were seen, in the order of time. */
export function measureFrames(seenMs: readonly number[], fromMs: number, toMs: number): Measured {
  const gaps: { fromMs: number; toMs: number }[] = [];
  let lastMs = fromMs;
  for (const atMs of [...seenMs.filter((each) => each >= fromMs && each <= toMs), toMs]) {
    if (atMs - lastMs >= OUTAGE_FROM_MS) gaps.push({ fromMs: lastMs, toMs: atMs });
    lastMs = atMs;
  }
  const downMs = gaps.reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0);
  return { upMs: toMs - fromMs - downMs, downMs, gaps };
}

export function percentOf({ upMs, downMs }: Pick<Measured, 'upMs' | 'downMs'>): number {
  return (100 * upMs) / (upMs + downMs);
}
