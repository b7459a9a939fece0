import type { CodecContext, Frame, Packet } from 'node-av/lib';
import type { Clock } from '../../core/clock.js';
import { mayBeErrorClip } from '../../core/handover/proof.js';
import type { AudioTrack, StreamTracks } from '../../core/camera/tracks.js';
import type { Av } from '../av.js';
import { encodeJpeg } from '../pictures/jpeg.js';
import { KeyFrameRhythm, type KeyFrames } from './keyFrameRhythm.js';
import { openDecoder } from '../pictures/picture.js';
import { readSource } from './source.js';
import { streamErrors } from '../streamErrors.js';
import { StillPicture } from './stillPicture.js';
import { TICKS_PER_SECOND, type MediaUnit, type SoundNote, type VideoUnit } from '../formats/units.js';

export interface StreamProof {
  /** The video is always H.264; other codecs fail the proof. */
  readonly tracks: StreamTracks;
  /** Measured; null: too few pictures came. */
  readonly framesPerSecond: number | null;
  /** Whether the picture changed; null: not checked, since its size or rate is not that of the vendor's error clip. */
  readonly moves: boolean | null;
  /** The decoded picture as JPEG, at most 60 KB. */
  readonly picture: Buffer;
  readonly keyFrames: KeyFrames | null;
}

/** The stream counts as flowing when this much of it has come after its first key frame. */
const GROWTH_TICKS = 0.6 * TICKS_PER_SECOND;
/** How long a picture that may be the error clip is watched for a change: the clock that a camera draws into its picture moves on in it. */
const STILL_TICKS = 2.5 * TICKS_PER_SECOND;
/** Longer than a proof may take, so the signal ends the proof first. */
const STALL_MS = 60_000;

/**
 * Proves a stream: plays it until its tracks, growing bytes and one decoded picture were seen, then up to `rhythmMs` longer for a second
 * key frame. `signal` limits the time: when it fires before a picture, throws `STREAM_NO_PICTURE`. Other failures: `STREAM_H265`,
 * `STREAM_CODEC`, `STREAM_REFUSED`.
 */
export async function proveStream(
  av: Av,
  clock: Clock,
  { url, rhythmMs }: { readonly url: string; readonly rhythmMs: number },
  signal: AbortSignal,
): Promise<StreamProof> {
  // Over RTSP, FFmpeg hands out each unit only when the next one arrives (see `KeyFrameRhythm`).
  const comesLate = /^rtsps?:/i.test(url);
  return proveUnits(av, clock, readSource(av, clock, url, STALL_MS, signal), { rhythmMs, comesLate });
}

/** Proves a stream as `proveStream` does, from the units of a pull that runs already. */
export async function proveUnits(
  av: Av,
  clock: Clock,
  units: AsyncIterable<MediaUnit | SoundNote>,
  { rhythmMs, comesLate } = { rhythmMs: 0, comesLate: false },
): Promise<StreamProof> {
  const proof = new ProofInProgress(av, clock, comesLate);
  let enoughMs: number | null = null;
  try {
    for await (const unit of units) {
      if (unit.kind === 'sound') proof.audio ??= unit.audio;
      else if (unit.kind === 'video') await proof.at(unit);
      if (!proof.seenEnough) continue;
      enoughMs ??= clock.monotonicMs();
      if (proof.knowsRhythm || clock.monotonicMs() - enoughMs >= rhythmMs) break;
    }
    if (enoughMs === null) throw streamErrors.noPicture();
    return await proof.proof();
  } finally {
    proof.free();
  }
}

class ProofInProgress {
  audio: AudioTrack | null = null;
  readonly #av: Av;
  readonly #clock: Clock;
  readonly #rhythm: KeyFrameRhythm;
  readonly #packet: Packet;
  readonly #decoded: Frame;
  /** The latest decoded picture, in a frame of its own: when the decoder has no further picture, it empties `#decoded`. */
  readonly #picture: Frame;
  #decoder: CodecContext | null = null;
  #first: VideoUnit | null = null;
  #last: VideoUnit | null = null;
  #pictures = 0;
  #hasPicture = false;
  readonly #still = new StillPicture();

  constructor(av: Av, clock: Clock, comesLate: boolean) {
    this.#av = av;
    this.#clock = clock;
    this.#rhythm = new KeyFrameRhythm(comesLate);
    this.#packet = new av.lib.Packet();
    this.#packet.alloc();
    this.#decoded = new av.lib.Frame();
    this.#decoded.alloc();
    this.#picture = new av.lib.Frame();
    this.#picture.alloc();
  }

  async at(unit: VideoUnit): Promise<void> {
    this.#rhythm.see(unit, this.#clock.monotonicMs());
    if (!this.#first && !unit.keyFrame) return;
    this.#first ??= unit;
    this.#last = unit;
    this.#pictures++;
    if (this.#hasPicture && !this.#mayBeErrorClip) return;
    this.#decoder ??= await openDecoder(this.#av, this.#av.constants.AV_CODEC_ID_H264, unit.config.avcC);
    this.#packet.unref();
    this.#packet.data = unit.data;
    this.#packet.pts = BigInt(unit.pts);
    this.#packet.dts = BigInt(unit.dts);
    await this.#decoder.sendPacket(this.#packet); // errors are ignored: after a broken unit the next one may decode
    while ((await this.#decoder.receiveFrame(this.#decoded)) >= 0) {
      this.#hasPicture = true;
      this.#picture.unref();
      this.#av.lib.FFmpegError.throwIfError(this.#picture.ref(this.#decoded), 'keeping a picture');
      if (!this.#mayBeErrorClip) break;
      const [luma] = this.#decoded.data ?? [];
      if (luma) this.#still.see(luma, this.#decoded.linesize[0] ?? 0, this.#decoded.width, this.#decoded.height);
    }
  }

  get seenEnough(): boolean {
    if (!this.#hasPicture || this.#pictures < 3) return false;
    return this.#watchedTicks >= (this.#mayBeErrorClip && !this.#still.moved ? STILL_TICKS : GROWTH_TICKS);
  }

  get knowsRhythm(): boolean {
    return this.#rhythm.intervalMs !== null;
  }

  async proof(): Promise<StreamProof> {
    if (!this.#first) throw streamErrors.noPicture();
    const { width, height } = this.#first.config;
    const picture = await encodeJpeg(this.#av, this.#picture);
    const tracks = { video: { codec: 'H264', width, height }, audio: this.audio };
    // Computed last: a key frame's age must be right at the moment when the proof is sent.
    const keyFrames = this.#rhythm.at(this.#clock.monotonicMs());
    return { tracks, framesPerSecond: this.#rate, moves: this.#moves, picture, keyFrames };
  }

  free(): void {
    this.#decoder?.freeContext();
    this.#decoded.free();
    this.#picture.free();
    this.#packet.free();
  }

  get #moves(): boolean | null {
    if (this.#still.moved) return true;
    return this.#mayBeErrorClip && this.#watchedTicks >= STILL_TICKS ? false : null;
  }

  get #watchedTicks(): number {
    return this.#first && this.#last ? this.#last.dts - this.#first.dts : 0;
  }

  get #rate(): number | null {
    if (this.#pictures < 3 || this.#watchedTicks <= 0) return null;
    return Math.round(((this.#pictures - 1) / (this.#watchedTicks / TICKS_PER_SECOND)) * 10) / 10;
  }

  /** Whether size and rate are those of the vendor's error clip; a picture that never changes is the third sign. */
  get #mayBeErrorClip(): boolean {
    const config = this.#first?.config;
    return config !== undefined && mayBeErrorClip({ ...config, framesPerSecond: this.#rate });
  }
}
