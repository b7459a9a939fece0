import type { Clip } from '../clips/clip.js';

/** The position of one connection in one clip. Frames are numbered from the Unix epoch, so that the loop's end needs no care here. */
export class FeedTrack {
  readonly type: number;
  readonly chunkStream: number;
  readonly #clip: Clip;
  #next = 0;

  /** `type` and `chunkStream`: RTMP's message type and chunk stream for this track. */
  constructor(clip: Clip, type: number, chunkStream: number) {
    this.#clip = clip;
    this.type = type;
    this.chunkStream = chunkStream;
  }

  /** When the next frame is due, by the wall clock. */
  get nextMs(): number {
    return (this.#next * 1000) / this.#clip.spec.framesPerSecond;
  }

  isDue(wallMs: number): boolean {
    return this.#next <= this.#frameAt(wallMs);
  }

  /** Takes the next frame; undefined: it is not encoded yet, and stays the next one. */
  take(): Buffer | undefined {
    const body = this.#clip.frame(this.#next);
    if (body) this.#next++;
    return body;
  }

  /** Moves forward, never back, to the last key frame before or at this moment. */
  skipToKeyFrame(wallMs: number): void {
    const frame = this.#frameAt(wallMs);
    this.#next = Math.max(this.#next, frame - (frame % this.#clip.framesPerGroup));
  }

  /** Moves forward, never back, to the first frame at or after this moment. */
  skipTo(wallMs: number): void {
    this.#next = Math.max(this.#next, Math.ceil((wallMs * this.#clip.spec.framesPerSecond) / 1000));
  }

  #frameAt(wallMs: number): number {
    return Math.floor((wallMs * this.#clip.spec.framesPerSecond) / 1000);
  }
}
