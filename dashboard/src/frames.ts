import { pause } from './pause';

const LOOK_MS = 100;
/** What is usual before anything is known: a camera of a few pictures per second. */
const FIRST_GUESS_MS = 500;
const TIMES_USUAL = 3;
/** How much of it is forgotten with each picture: a pause is remembered for a few hundred. */
const FORGET = 0.995;
const LONGEST_LIMIT_MS = 30_000;
const CALM_MS = 60_000;

/** Watches whether pictures keep coming, and learns what pauses are usual for this stream. */
export class FrameWatch {
  readonly #video: HTMLVideoElement;
  readonly #floorMs: () => number;
  readonly #timer: ReturnType<typeof setInterval>;
  #count: number;
  #seenAtMs = performance.now();
  #usualMs = FIRST_GUESS_MS;
  #patience = 1;
  #alarmedAtMs = -Infinity;

  /** `floorMs`: no shorter pause is unusual as things are now. */
  constructor(video: HTMLVideoElement, floorMs: () => number) {
    this.#video = video;
    this.#floorMs = floorMs;
    this.#count = countOf(video);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Pictures stand clearly longer than is usual; never while nobody can see them. */
  get isStill(): boolean {
    const limitMs = Math.max(this.#floorMs(), TIMES_USUAL * this.#usualMs) * this.#patience;
    return performance.now() - this.#seenAtMs > Math.min(limitMs, LONGEST_LIMIT_MS);
  }

  /** Pictures went on by themselves after they had been called still: next time it waits longer. */
  wasMistaken(): void {
    this.#patience *= 2;
    this.#alarmedAtMs = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const count = countOf(this.#video);
    if (count !== this.#count) {
      this.#usualMs = Math.max(nowMs - this.#seenAtMs, this.#usualMs * FORGET);
      this.#count = count;
      this.#seenAtMs = nowMs;
      if (this.#patience > 1 && nowMs - this.#alarmedAtMs > CALM_MS) {
        this.#patience /= 2;
        this.#alarmedAtMs = nowMs;
      }
      return;
    }
    // A hidden page decodes nothing, and somebody may have paused: neither is a fault.
    if (document.hidden || this.#video.paused) this.#seenAtMs = nowMs;
    if (this.#video.paused && !document.hidden && !this.#video.controls) void this.#video.play().catch(() => undefined);
  }
}

/** null when the element shows a picture of what it was just given; else why it does not. */
export async function firstPicture(
  video: HTMLVideoElement,
  lost: Promise<string>,
  limitMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  // With some sources the count starts afresh only a moment after they were given.
  const before = countOf(video);
  const lostReason = peek(lost);
  let endMs = performance.now() + limitMs;
  void video.play().catch(() => undefined);
  while (!signal.aborted && performance.now() < endMs) {
    const count = countOf(video);
    // Chromium counts the first one some milliseconds before it can be shown or drawn.
    const hasOne = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    if (count > 0 && count !== before && hasOne) return null;
    const reason = lostReason();
    if (reason !== null) return reason;
    // A hidden page shows nothing, however well it plays: its patience begins when somebody looks.
    if (document.hidden) endMs = performance.now() + limitMs;
    await pause(LOOK_MS / 5, signal);
  }
  return 'No picture came in time';
}

/** What the promise said, once it did. */
export function peek(promise: Promise<string>): () => string | null {
  let said: string | null = null;
  void promise.then((reason) => (said = reason));
  return () => said;
}

function countOf(video: HTMLVideoElement): number {
  return video.getVideoPlaybackQuality().totalVideoFrames;
}
