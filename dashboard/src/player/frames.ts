import { pause } from './pause';

const LOOK_MS = 100;
/** The usual pause that is assumed at first: that of a camera with a few pictures per second. */
const FIRST_GUESS_MS = 500;
const TIMES_USUAL = 3;
/** Factor of the usual pause with each picture: a long pause is remembered for a few hundred pictures. */
const FORGET = 0.995;
const LONGEST_LIMIT_MS = 30_000;
const CALM_MS = 60_000;

/** Watches whether pictures keep coming, and learns which pauses are usual for this stream. */
export class FrameWatch {
  readonly #video: HTMLVideoElement;
  readonly #floorMs: () => number;
  readonly #timer: ReturnType<typeof setInterval>;
  #count: number;
  #seenAtMs = performance.now();
  #usualMs = FIRST_GUESS_MS;
  #patience = 1;
  #alarmedAtMs = -Infinity;

  /** `floorMs`: returns the shortest pause that may count as still at the moment. */
  constructor(video: HTMLVideoElement, floorMs: () => number) {
    this.#video = video;
    this.#floorMs = floorMs;
    this.#count = countOf(video);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** True: no new picture for clearly longer than usual. Never true while the page is hidden or the video is paused. */
  get isStill(): boolean {
    const limitMs = Math.max(this.#floorMs(), TIMES_USUAL * this.#usualMs) * this.#patience;
    return performance.now() - this.#seenAtMs > Math.min(limitMs, LONGEST_LIMIT_MS);
  }

  /** Must be called when pictures went on by themselves after `isStill` was true; the next wait is twice as long. */
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
    // A hidden page decodes nothing, and the user may have paused the video: neither is a fault.
    if (document.hidden || this.#video.paused) this.#seenAtMs = nowMs;
    if (this.#video.paused && !document.hidden && !this.#video.controls) void this.#video.play().catch(() => undefined);
  }
}

/** Waits for the first picture of the stream that the video was just given; null: it is shown, else the reason why not. */
export async function firstPicture(
  video: HTMLVideoElement,
  lost: Promise<string>,
  limitMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  // With some sources the browser resets the count only a moment after they were set.
  const before = countOf(video);
  const lostReason = peek(lost);
  let endMs = performance.now() + limitMs;
  void video.play().catch(() => undefined);
  while (!signal.aborted && performance.now() < endMs) {
    const count = countOf(video);
    // Chromium counts the first picture some milliseconds before it can be shown or drawn.
    const hasOne = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    if (count > 0 && count !== before && hasOne) return null;
    const reason = lostReason();
    if (reason !== null) return reason;
    // A hidden page shows no pictures, however well it plays: the limit starts when the page is visible.
    if (document.hidden) endMs = performance.now() + limitMs;
    await pause(LOOK_MS / 5, signal);
  }
  return 'No picture came in time';
}

/** Returns a function that gives the promise's value once it has one, else null. */
export function peek(promise: Promise<string>): () => string | null {
  let said: string | null = null;
  void promise.then((reason) => (said = reason));
  return () => said;
}

function countOf(video: HTMLVideoElement): number {
  return video.getVideoPlaybackQuality().totalVideoFrames;
}
