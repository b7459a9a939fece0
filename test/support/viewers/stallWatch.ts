const LOOK_MS = 250;
/** Shorter stalls are not noted: a camera counts as away only after 1.5 s without a picture. */
const WORTH_TELLING_MS = 1_000;

export interface StallWatch {
  /** Oldest first. */
  since(sinceMs: number): readonly string[];
  stop(): void;
}

/**
 * Notes when this process stood still. The simulated cloud plays its cameras in this process, so no camera sends a picture meanwhile, and a
 * failure at such a time is not camlease's fault.
 */
export function watchStalls(): StallWatch {
  const stalls: { readonly atMs: number; readonly ms: number }[] = [];
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const ms = performance.now() - lastMs - LOOK_MS;
    lastMs = performance.now();
    if (ms > WORTH_TELLING_MS) stalls.push({ atMs: Date.now() - ms, ms: Math.round(ms) });
  }, LOOK_MS);
  timer.unref();
  return {
    since: (sinceMs) =>
      stalls
        .filter(({ atMs, ms }) => atMs + ms >= sinceMs)
        .map(({ atMs, ms }) => `${new Date(atMs).toISOString().slice(11, 23)} for ${ms} ms`),
    stop: () => clearInterval(timer),
  };
}
