import { every } from '../../core/async/every.js';
import type { Clock, Random } from '../../core/clock.js';
import { aacPayload, opusPayload, picturePayloads, plainPayloads, type Payload } from '../rtp/payloads.js';
import { RtpTrack, type RtpNumbers } from '../rtp/rtpTrack.js';
import type { SoundSetup } from '../units/sound.js';
import { interleaved, interleavedPackets } from './interleaved.js';
import type { Outlet, PacketGroup } from './outlet.js';
import { PICTURE_TYPE, soundType, type DescribedTracks } from './sdp.js';
import type { StreamFrame } from './served.js';

const PICTURE_RATE = 90_000;
/** How often sender reports go out; MediaMTX and players match sound to pictures by them. */
const REPORT_MS = 5_000;

export interface FrameSenderOptions {
  readonly outlet: Outlet;
  readonly tracks: DescribedTracks;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs' | 'after'>;
  readonly random: Random;
}

interface SetUp {
  readonly track: RtpTrack;
  /** The interleaved channel of the packets; reports go on the next channel. */
  readonly channel: number;
}

/** Sends the frames of a stream to one reader, with RTP numbers for this reader alone and a sender report of each track every 5 s. */
export class FrameSender {
  readonly #options: FrameSenderOptions;
  #picture: SetUp | null = null;
  #sound: SetUp | null = null;
  /** The wall clock, in ms, at time 0 of the timeline; the same for both tracks. */
  #zeroMs: number | null = null;
  #latest = { timeMs: 0, atMs: 0 };
  #key = { timeMs: 0, atMs: 0 };
  #hasSound = false;
  #cancelReport: () => void = () => undefined;

  constructor(options: FrameSenderOptions) {
    this.#options = options;
  }

  /** Prepares a track and returns its first RTP numbers; null: the stream has no track of that kind. */
  setUp(kind: 'picture' | 'sound', channel: number): RtpNumbers | null {
    const { random, tracks } = this.#options;
    const numbers = {
      sequence: Math.floor(random() * 2 ** 16),
      timestamp: Math.floor(random() * 2 ** 32),
      source: Math.floor(random() * 2 ** 32),
    };
    if (kind === 'picture') {
      if (!tracks.picture) return null;
      this.#picture = {
        track: new RtpTrack({ payloadType: PICTURE_TYPE, clockRate: PICTURE_RATE, numbers }),
        channel,
      };
    } else {
      if (!tracks.sound) return null;
      const clockRate = tracks.sound.sampleRate;
      this.#sound = { track: new RtpTrack({ payloadType: soundType(tracks.sound), clockRate, numbers }), channel };
    }
    return numbers;
  }

  get isReady(): boolean {
    return this.#picture !== null || this.#sound !== null;
  }

  start(): void {
    this.#cancelReport = every(this.#options.clock, REPORT_MS, () => this.#report());
  }

  stop(): void {
    this.#cancelReport();
  }

  send(frame: StreamFrame): void {
    if (frame.kind === 'picture') this.#sendPicture(frame);
    else this.#sendSound(frame);
  }

  #sendPicture({ presentMs, isKey, units }: StreamFrame & { kind: 'picture' }): void {
    const codec = this.#options.tracks.picture?.codec;
    if (this.#picture === null || codec === undefined) return;
    const isFirst = this.#place(presentMs);
    if (isKey) this.#key = this.#latest;
    const payloads = picturePayloads(codec, units);
    this.#write(this.#picture, payloads, presentMs, isKey ? 'key' : 'picture');
    if (isFirst) this.#report();
  }

  #sendSound({ timeMs, data }: StreamFrame & { kind: 'sound' }): void {
    const setup = this.#options.tracks.sound;
    if (this.#sound === null || !setup) return;
    const saidMs = this.#hasSound ? timeMs : this.#firstSoundMs(timeMs);
    if (this.#zeroMs === null) this.#place(timeMs);
    const payloads = soundPayloads(setup, data);
    if (payloads.length === 0) return;
    this.#write(this.#sound, payloads, saidMs, 'other');
    if (!this.#hasSound) this.#report();
    this.#hasSound = true;
  }

  #write({ track, channel }: SetUp, payloads: readonly Payload[], timeMs: number, kind: PacketGroup['kind']): void {
    const { outlet } = this.#options;
    const bytes = interleavedPackets(track, channel, payloads, timeMs, (length) => outlet.memoryFor(length));
    outlet.send({ bytes, packets: payloads.length, kind });
  }

  /**
   * The time for the first piece of sound. MediaMTX (gortsplib 5) assumes that the first packet of a second track belongs to the moment at
   * which it arrives, counted from the latest key frame. The frames kept for a new reader arrive all at once, so we write that same time.
   */
  #firstSoundMs(timeMs: number): number {
    if (this.#picture === null || this.#zeroMs === null) return timeMs;
    return Math.min(timeMs, this.#key.timeMs + this.#options.clock.monotonicMs() - this.#key.atMs);
  }

  /** Notes the time of the latest frame; true at the first frame. */
  #place(timeMs: number): boolean {
    this.#latest = { timeMs, atMs: this.#options.clock.monotonicMs() };
    if (this.#zeroMs !== null) return false;
    this.#zeroMs = this.#options.clock.now().getTime() - timeMs;
    return true;
  }

  #report(): void {
    const zeroMs = this.#zeroMs;
    if (zeroMs === null) return;
    const timeMs = this.#latest.timeMs + this.#options.clock.monotonicMs() - this.#latest.atMs;
    for (const setUp of [this.#picture, this.#sound]) {
      if (setUp === null) continue;
      const report = setUp.track.senderReport(timeMs, zeroMs + timeMs);
      this.#options.outlet.send({ bytes: interleaved(setUp.channel + 1, report), packets: 1, kind: 'other' });
    }
  }
}

function soundPayloads({ codec, channels }: SoundSetup, data: Buffer): readonly Payload[] {
  if (codec === 'opus') return [opusPayload(data)];
  if (codec !== 'aac') return plainPayloads(data, channels);
  const payload = aacPayload(data);
  return payload === null ? [] : [payload];
}
