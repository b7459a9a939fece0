import type { Socket } from 'node:net';
import type { Clip } from '../clips/clip.js';
import { CHUNK_STREAM, writeMessage } from './chunkWriter.js';
import { encodeAmf } from './amf0.js';
import { MESSAGE } from './messages.js';

/** All feeds' frames fall due at the same instants: the length of three frames at 15 and of one at 5 frames per second. */
const PHASE_MS = 200;
/** Who is further behind (the clip is still being encoded, the machine slept) goes on at the present. */
const LONGEST_LAG_MS = 5_000;

/**
 * Sends one looped clip to one connection, at the place of the loop that belongs to the wall clock. Frames go out as they
 * lie in memory; only their header with the time stamp is new.
 */
export class MediaFeed {
  readonly #socket: Socket;
  readonly #clip: Clip;
  readonly #stream: number;
  readonly #maxBacklogBytes: number;
  readonly #onTooSlow: () => void;
  readonly #wallOffsetMs: number;
  readonly #firstFrame: number;
  #nextFrame: number;
  #paused = false;

  constructor(options: {
    readonly socket: Socket;
    readonly clip: Clip;
    /** RTMP's message stream. */
    readonly stream: number;
    readonly now: Date;
    readonly monotonicMs: number;
    readonly maxBacklogBytes: number;
    /** Called when the client does not read and too much waits for it. */
    readonly onTooSlow: () => void;
  }) {
    this.#socket = options.socket;
    this.#clip = options.clip;
    this.#stream = options.stream;
    this.#maxBacklogBytes = options.maxBacklogBytes;
    this.#onTooSlow = options.onTooSlow;
    this.#wallOffsetMs = Math.round((options.now.getTime() - options.monotonicMs) / PHASE_MS) * PHASE_MS;
    this.#firstFrame = this.#nextFrame = this.#keyFrameBefore(this.#dueFrame(options.monotonicMs));
    this.#sendHeader();
  }

  /** Sends every frame that is due and encoded. */
  pump(monotonicMs: number): void {
    if (this.#paused) return;
    const due = this.#dueFrame(monotonicMs);
    if (this.#milliseconds(due - this.#nextFrame) > LONGEST_LAG_MS) this.#nextFrame = this.#keyFrameBefore(due);
    while (this.#nextFrame <= due) {
      const body = this.#clip.frame(this.#nextFrame);
      if (!body) return;
      this.#send(MESSAGE.video, CHUNK_STREAM.video, this.#milliseconds(this.#nextFrame - this.#firstFrame), body);
      this.#nextFrame++;
    }
    if (this.#socket.writableLength > this.#maxBacklogBytes) this.#onTooSlow();
  }

  pause(): void {
    this.#paused = true;
  }

  /** Goes on at the next key frame of the present; what was missed is not sent. */
  resume(monotonicMs: number): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#nextFrame = Math.max(this.#nextFrame, this.#keyFrameBefore(this.#dueFrame(monotonicMs)));
  }

  #dueFrame(monotonicMs: number): number {
    return Math.floor(((monotonicMs + this.#wallOffsetMs) * this.#clip.spec.framesPerSecond) / 1000);
  }

  #keyFrameBefore(frame: number): number {
    return frame - (frame % this.#clip.framesPerGroup);
  }

  #milliseconds(frames: number): number {
    return Math.floor((frames * 1000) / this.#clip.spec.framesPerSecond);
  }

  #sendHeader(): void {
    const { width, height, framesPerSecond } = this.#clip.spec;
    const metadata = { width, height, framerate: framesPerSecond, videocodecid: 7 };
    this.#send(MESSAGE.data, CHUNK_STREAM.data, 0, encodeAmf('onMetaData', metadata));
    if (this.#clip.header) this.#send(MESSAGE.video, CHUNK_STREAM.video, 0, this.#clip.header);
  }

  #send(type: number, chunkStream: number, timestamp: number, body: Buffer): void {
    writeMessage(this.#socket, { chunkStream, type, stream: this.#stream, timestamp, body });
  }
}
