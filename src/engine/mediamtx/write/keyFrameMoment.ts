/** The rhythm of a feeder's key frames, on the monotonic clock. */
export interface KeyFrameTimes {
  readonly lastKeyFrameMs: number;
  readonly intervalMs: number;
}

export interface MoveTiming {
  readonly nowMs: number;
  /** From the beginning of a write until it is in force. */
  readonly effectMs: number;
  /** How long before a key frame the write should be in force: the time the new feeder needs, and room for error. */
  readonly marginMs: number;
}

/** More cameras than this share no moment that is worth a wait. */
const MOST_CAMERAS = 8;
const LONGEST_WAIT_MS = 4_500;

/**
 * How many ms to delay a write that moves these cameras to other feeders, so that their pictures freeze for the shortest time. MediaMTX
 * buffers no pictures: viewers see none until the new feeder's next key frame. Of several cameras, the longest freeze counts; null: a
 * camera whose rhythm is not known.
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

/** The moments that lie exactly the margin before one of this camera's key frames. */
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
  // The tolerance makes a key frame that rounding puts just before `fromMs` count as being at `fromMs`.
  return lastKeyFrameMs + Math.ceil((fromMs - lastKeyFrameMs) / intervalMs - 1e-6) * intervalMs;
}
