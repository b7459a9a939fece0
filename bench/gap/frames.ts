/** A frame that was put on the screen. */
export interface Frame {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly width: number;
  readonly height: number;
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
