/** A frame that was put on the screen. */
export interface Frame {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly width: number;
  readonly height: number;
  /** True: the frame differs from the one before. */
  readonly isNew: boolean;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Gap {
  readonly beganMs: number;
  readonly lengthMs: number;
  /** True: no frame ended the gap within the window, so it lasted longer. */
  readonly isOpen: boolean;
}

/** The longest time without a new frame that lies in the window or reaches into it. `frames`: in the order of time. */
export function longestGap(frames: readonly Frame[], { fromMs, toMs }: Window): Gap {
  let longest: Gap = { beganMs: fromMs, lengthMs: 0, isOpen: false };
  const consider = (beganMs: number, endedMs: number, isOpen: boolean): void => {
    if (endedMs - beganMs > longest.lengthMs) longest = { beganMs, lengthMs: endedMs - beganMs, isOpen };
  };
  let lastMs: number | null = null;
  for (const { atMs } of frames) {
    if (atMs > toMs) break;
    if (atMs >= fromMs) consider(lastMs ?? fromMs, atMs, false);
    lastMs = atMs;
  }
  consider(lastMs ?? fromMs, toMs, true);
  return longest;
}

export function within(frames: readonly Frame[], { fromMs, toMs }: Window): readonly Frame[] {
  return frames.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
}

const MOVING_FRAMES = 3;
const MOVING_GAP_MS = 600;

/** Runs of three or more frames that each differ from the frame before. */
function movingRuns(frames: readonly Frame[]): readonly (readonly Frame[])[] {
  const runs: Frame[][] = [];
  let run: Frame[] = [];
  for (const frame of frames) {
    if (!frame.isNew || frame.atMs - (run.at(-1)?.atMs ?? frame.atMs) > MOVING_GAP_MS) run = [];
    if (frame.isNew) run.push(frame);
    if (run.length === MOVING_FRAMES) runs.push(run);
  }
  return runs;
}

/**
 * The longest time in the window without motion. Motion: three frames in a row that each differ from the one before. A stand-in that
 * repeats a picture, and the single change to a slate, are not motion.
 */
export function longestStill(frames: readonly Frame[], window: Window): Gap {
  return longestGap(movingRuns(frames).flat(), window);
}

/** When the second picture of the first motion came; null: there was no motion. */
export function firstMotion(frames: readonly Frame[]): number | null {
  return movingRuns(frames)[0]?.[1]?.atMs ?? null;
}
