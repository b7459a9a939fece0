/** A frame that was put on the screen. */
export interface Frame {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly width: number;
  readonly height: number;
  /** It differs from the frame before. */
  readonly isNew: boolean;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Gap {
  readonly beganMs: number;
  readonly lengthMs: number;
  /** No frame ended it within the window: it was longer. */
  readonly isOpen: boolean;
}

/** The longest time without a new frame that lies in the window or reaches into it; frames are in the order of time. */
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

/**
 * The longest time in the window without motion. Pictures move where three frames in a row each differ from the one before: a bridge
 * that repeats a picture, and the one change to a slate, are no motion.
 */
export function longestStill(frames: readonly Frame[], window: Window): Gap {
  const moving: Frame[] = [];
  let run: Frame[] = [];
  const endRun = (): void => {
    if (run.length >= MOVING_FRAMES) moving.push(...run);
    run = [];
  };
  for (const frame of frames) {
    if (!frame.isNew || frame.atMs - (run.at(-1)?.atMs ?? frame.atMs) > MOVING_GAP_MS) endRun();
    if (frame.isNew) run.push(frame);
  }
  endRun();
  return longestGap(moving, window);
}
