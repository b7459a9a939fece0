/** When a feeder's key frames come, on a monotonic clock. */
export interface KeyFrameTimes {
  readonly lastKeyFrameMs: number;
  readonly intervalMs: number;
}

export interface MoveTiming {
  readonly nowMs: number;
  /** From the beginning of a write until viewers get the new feeder. */
  readonly effectMs: number;
  /** How long before a key frame the new feeder should be there, since none of this is exact. */
  readonly marginMs: number;
}

/** More cameras have no moment in common that is worth waiting for. */
const MOST_CAMERAS = 8;
const LONGEST_WAIT_MS = 4_500;

/**
 * How long to wait with a write that moves these cameras to other feeders, so that the picture stands still for the shortest
 * time: MediaMTX keeps no pictures, and who watches sees nothing until the new feeder's next key frame. Of several cameras
 * the one that would stand longest counts; null is one whose rhythm is not known.
 */
export function waitForKeyFrameMs(
  cameras: readonly (KeyFrameTimes | null)[],
  { nowMs, effectMs, marginMs }: MoveTiming,
): number {
  const known = cameras.flatMap((camera) => (camera && camera.intervalMs > 0 ? [camera] : []));
  if (known.length === 0 || cameras.length > MOST_CAMERAS) return 0;
  const earliestMs = nowMs + effectMs;
  const longestMs = Math.max(...known.map(({ intervalMs }) => intervalMs));
  const latestMs = earliestMs + Math.min(longestMs, LONGEST_WAIT_MS);
  const moments = known.flatMap((camera) => momentsBefore(camera, earliestMs, latestMs, marginMs));
  let best = { atMs: earliestMs, standsMs: longestStandMs(known, earliestMs, marginMs) };
  for (const atMs of moments.sort((a, b) => a - b)) {
    const standsMs = longestStandMs(known, atMs, marginMs);
    if (standsMs < best.standsMs) best = { atMs, standsMs };
  }
  return best.atMs - earliestMs;
}

/** The moments that are just right for this camera. */
function momentsBefore(camera: KeyFrameTimes, fromMs: number, toMs: number, marginMs: number): readonly number[] {
  const moments: number[] = [];
  for (let atMs = nextKeyFrameMs(camera, fromMs + marginMs) - marginMs; atMs <= toMs; atMs += camera.intervalMs)
    moments.push(atMs);
  return moments;
}

function longestStandMs(cameras: readonly KeyFrameTimes[], atMs: number, marginMs: number): number {
  return Math.max(...cameras.map((camera) => nextKeyFrameMs(camera, atMs + marginMs) - atMs));
}

function nextKeyFrameMs({ lastKeyFrameMs, intervalMs }: KeyFrameTimes, fromMs: number): number {
  // What is computed to be at a moment counts as at it.
  return lastKeyFrameMs + Math.ceil((fromMs - lastKeyFrameMs) / intervalMs - 1e-6) * intervalMs;
}
