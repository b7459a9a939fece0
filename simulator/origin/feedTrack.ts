import type { Clip } from '../clips/clip.js';

/** How far one connection is in one clip. Frames are numbered from the beginning of time, so the loop is no matter here. */
export class FeedTrack {
  readonly type: number;
  readonly chunkStream: number;
  readonly #clip: Clip;
  #next = 0;

  /** `type` and `chunkStream`: what its messages are in RTMP. */
  constructor(clip: Clip, type: number, chunkStream: number) {
    this.#clip = clip;
    this.type = type;
    this.chunkStream = chunkStream;
  }

  /** When the next frame falls due, by the wall clock. */
  get nextMs(): number {
    return (this.#next * 1000) / this.#clip.spec.framesPerSecond;
  }

  isDue(wallMs: number): boolean {
    return this.#next <= this.#frameAt(wallMs);
  }

  /** The next frame; undefined, and it stays the next one, while it is not encoded. */
  take(): Buffer | undefined {
    const body = this.#clip.frame(this.#next);
    if (body) this.#next++;
    return body;
  }

  /** Forward, never back, to the last key frame until that moment. */
  skipToKeyFrame(wallMs: number): void {
    const frame = this.#frameAt(wallMs);
    this.#next = Math.max(this.#next, frame - (frame % this.#clip.framesPerGroup));
  }

  /** Forward, never back, to the first frame from that moment on. */
  skipTo(wallMs: number): void {
    this.#next = Math.max(this.#next, Math.ceil((wallMs * this.#clip.spec.framesPerSecond) / 1000));
  }

  #frameAt(wallMs: number): number {
    return Math.floor((wallMs * this.#clip.spec.framesPerSecond) / 1000);
  }
}
