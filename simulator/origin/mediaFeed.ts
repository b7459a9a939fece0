import type { Socket } from 'node:net';
import type { Clip, PictureSpec, SoundSpec } from '../clips/clip.js';
import { CHUNK_STREAM, writeMessage } from './chunkWriter.js';
import { encodeAmf } from './amf0.js';
import { FeedTrack } from './feedTrack.js';
import { MESSAGE } from './messages.js';

/** Frames of all feeds are due at multiples of this: the length of three frames at 15 frames per second, and of one at 5. */
const PHASE_MS = 200;
/** A feed that is further behind (the clip is still being encoded, or the machine slept) skips to the present. */
const LONGEST_LAG_MS = 5_000;

/** The clips that one connection plays. */
export interface Clips {
  readonly picture: Clip<PictureSpec>;
  readonly sound: Clip<SoundSpec> | null;
}

/**
 * Sends looped clips to one connection, at the position in the loop that belongs to the wall clock. Frames are sent without copying; only
 * their headers, which hold the time stamps, are new.
 */
export class MediaFeed {
  readonly #socket: Socket;
  readonly #clips: Clips;
  readonly #stream: number;
  readonly #maxBacklogBytes: number;
  readonly #onTooSlow: () => void;
  readonly #wallOffsetMs: number;
  readonly #picture: FeedTrack;
  readonly #sound: FeedTrack | null;
  readonly #beganMs: number;
  #paused = false;

  constructor(options: {
    readonly socket: Socket;
    readonly clips: Clips;
    /** RTMP's message stream. */
    readonly stream: number;
    readonly now: Date;
    readonly monotonicMs: number;
    readonly maxBacklogBytes: number;
    /** Called when more than `maxBacklogBytes` wait for a client that does not read. */
    readonly onTooSlow: () => void;
  }) {
    this.#socket = options.socket;
    this.#clips = options.clips;
    this.#stream = options.stream;
    this.#maxBacklogBytes = options.maxBacklogBytes;
    this.#onTooSlow = options.onTooSlow;
    this.#wallOffsetMs = Math.round((options.now.getTime() - options.monotonicMs) / PHASE_MS) * PHASE_MS;
    const { picture, sound } = options.clips;
    this.#picture = new FeedTrack(picture, MESSAGE.video, CHUNK_STREAM.video);
    this.#sound = sound && new FeedTrack(sound, MESSAGE.audio, CHUNK_STREAM.audio);
    this.#goTo(this.#wallMs(options.monotonicMs));
    this.#beganMs = this.#picture.nextMs;
    this.#sendHeaders();
  }

  /** Sends every frame that is due and encoded, in the order of time. */
  pump(monotonicMs: number): void {
    if (this.#paused) return;
    const dueMs = this.#wallMs(monotonicMs);
    if (dueMs - this.#picture.nextMs > LONGEST_LAG_MS) this.#goTo(dueMs);
    for (;;) {
      const track = this.#sound && this.#sound.nextMs < this.#picture.nextMs ? this.#sound : this.#picture;
      if (!track.isDue(dueMs)) break;
      const timestamp = Math.floor(track.nextMs - this.#beganMs);
      const body = track.take();
      if (!body) return; // not encoded yet
      this.#send(track.type, track.chunkStream, timestamp, body);
    }
    if (this.#socket.writableLength > this.#maxBacklogBytes) this.#onTooSlow();
  }

  pause(): void {
    this.#paused = true;
  }

  /** Continues at the key frame of the present; missed frames are not sent. */
  resume(monotonicMs: number): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#goTo(this.#wallMs(monotonicMs));
  }

  /** Moves forward to the key frame of this moment, and to the sound that belongs to it. */
  #goTo(wallMs: number): void {
    this.#picture.skipToKeyFrame(wallMs);
    this.#sound?.skipTo(this.#picture.nextMs);
  }

  #wallMs(monotonicMs: number): number {
    return monotonicMs + this.#wallOffsetMs;
  }

  #sendHeaders(): void {
    const { picture, sound } = this.#clips;
    const { width, height, framesPerSecond, codec } = picture.spec;
    const metadata = { width, height, framerate: framesPerSecond, videocodecid: VIDEO_CODEC_ID[codec] };
    const soundMetadata = sound && { audiocodecid: AAC_CODEC_ID };
    this.#send(MESSAGE.data, CHUNK_STREAM.data, 0, encodeAmf('onMetaData', { ...metadata, ...soundMetadata }));
    if (picture.header) this.#send(MESSAGE.video, CHUNK_STREAM.video, 0, picture.header);
    if (sound?.header) this.#send(MESSAGE.audio, CHUNK_STREAM.audio, 0, sound.header);
  }

  #send(type: number, chunkStream: number, timestamp: number, body: Buffer): void {
    writeMessage(this.#socket, { chunkStream, type, stream: this.#stream, timestamp, body });
  }
}

/** FLV's number, and the four letters of enhanced RTMP as a number. */
const VIDEO_CODEC_ID = { h264: 7, h265: Buffer.from('hvc1').readUInt32BE() } as const;
const AAC_CODEC_ID = 10;
