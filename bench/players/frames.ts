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
 * When the picture moves again, from a moment on: the first of three frames in a row that each differ from the one before. A bridge
 * that repeats a picture, and the one change to a slate, are no motion. null: it never does.
 */
export function motionFrom(frames: readonly Frame[], fromMs: number): number | null {
  let run: number[] = [];
  for (const { atMs, isNew } of frames) {
    if (atMs < fromMs) continue;
    if (!isNew || atMs - (run.at(-1) ?? atMs) > MOVING_GAP_MS) run = [];
    if (isNew) run.push(atMs);
    if (run.length === MOVING_FRAMES) return run[0] ?? null;
  }
  return null;
}
