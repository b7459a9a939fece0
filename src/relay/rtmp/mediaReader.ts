import { MediaError } from '../units/mediaError.js';
import {
  avcSetup,
  beginsPicture,
  hevcSetup,
  isFiller,
  parameterSetsIn,
  unitsOf,
  type PictureSetup,
} from '../units/nalUnits.js';
import type { RelayUnit } from '../units/relayUnit.js';
import { aacSetup, adtsFrame, isSameSound, type SoundSetup } from '../units/sound.js';
import { MESSAGE, type RtmpMessage } from './messages.js';

/** Codecs by their number in the legacy video tag (FLV 10.1; Chinese clouds use 12 for H.265). */
const VIDEO_CODECS: Readonly<Record<number, string>> = {
  2: 'H.263',
  3: 'Screen video',
  4: 'VP6',
  5: 'VP6',
  6: 'Screen video 2',
};
const AVC = 7;
const HEVC = 12;
/** Sound formats of the legacy audio tag. */
const SOUND_FORMATS: Readonly<Record<number, string>> = {
  ...{
    0: 'PCM',
    1: 'ADPCM',
    2: 'MP3',
    3: 'PCM',
    4: 'Nellymoser',
    5: 'Nellymoser',
    6: 'Nellymoser',
    11: 'Speex',
    14: 'MP3',
  },
};
const ALAW = 7;
const ULAW = 8;
const AAC = 10;
const ENHANCED_AUDIO = 9;
const COMMAND_FRAME = 5;

/** Packet types of enhanced RTMP. */
const PACKET = { start: 0, coded: 1, codedWithoutOffset: 3 } as const;
const MODIFIERS = 7;
/** Parameter sets go into the description that MediaMTX reads, of 128 KB at most, and in front of each key frame. */
const LONGEST_SETS = 65_536;
/** H.264 numbers 32 SPS and 256 PPS. */
const MOST_SETS = 288;

/**
 * Reads sound and pictures of one connection out of RTMP messages. It goes by what arrives and ignores what metadata announce. Throws
 * `MediaError` for data that no camera sends and that would take too much memory or time from this process's other cameras.
 */
export class MediaReader {
  #picture: PictureSetup | null = null;
  #sound: SoundSetup | null = null;
  readonly #leftOut = new Set<string>();
  #lastTime: number | null = null;
  #timeMs = 0;

  read(message: RtmpMessage): RelayUnit[] {
    if (message.body.length === 0) return [];
    const timeMs = this.#unwrapped(message.timestamp);
    return message.type === MESSAGE.video ? this.#video(message.body, timeMs) : this.#audio(message.body, timeMs);
  }

  /** RTMP's 32-bit time wraps after 49.7 days; a step forward of more than half of that counts as a step backwards. */
  #unwrapped(timestamp: number): number {
    if (this.#lastTime === null) this.#timeMs = timestamp;
    else this.#timeMs += (timestamp - this.#lastTime) | 0;
    this.#lastTime = timestamp;
    return this.#timeMs;
  }

  #video(body: Buffer, timeMs: number): RelayUnit[] {
    const first = body.readUInt8();
    if ((first & 0x80) !== 0) return this.#enhancedVideo(body, timeMs);
    if (first >> 4 === COMMAND_FRAME) return [];
    const codec = first & 0x0f;
    if (codec !== AVC && codec !== HEVC) return this.#leave('picture', VIDEO_CODECS[codec] ?? `codec ${codec}`);
    if (body.length < 5) return [];
    const packet = body.readUInt8(1);
    if (packet === PACKET.start)
      return this.#setUp(codec === AVC ? avcSetup(body.subarray(5)) : hevcSetup(body.subarray(5)));
    return packet === PACKET.coded ? this.#pictureOf(body.subarray(5), timeMs, body.readIntBE(2, 3)) : [];
  }

  /** Enhanced RTMP v1 and v2, which name the codec by four letters. */
  #enhancedVideo(body: Buffer, timeMs: number): RelayUnit[] {
    if (((body.readUInt8() >> 4) & 7) === COMMAND_FRAME) return [];
    let packet = body.readUInt8() & 0x0f;
    let at = 1;
    while (packet === MODIFIERS) {
      if (at >= body.length) return [];
      const size = body.readUInt8(at) + 1;
      const isLong = size === 256;
      if (isLong && at + 3 > body.length) return [];
      at += isLong ? 3 + body.readUInt16BE(at + 1) + 1 : 1 + size;
      if (at >= body.length) return [];
      packet = body.readUInt8(at) & 0x0f;
      at += 1;
    }
    if (at + 4 > body.length) return [];
    const codec = body.toString('latin1', at, at + 4);
    at += 4;
    if (codec !== 'avc1' && codec !== 'hvc1') return this.#leave('picture', codec.replace(/[^\x20-\x7e]/g, '?'));
    if (packet === PACKET.start)
      return this.#setUp(codec === 'avc1' ? avcSetup(body.subarray(at)) : hevcSetup(body.subarray(at)));
    if (packet === PACKET.codedWithoutOffset) return this.#pictureOf(body.subarray(at), timeMs, 0);
    if (packet !== PACKET.coded || at + 3 > body.length) return [];
    return this.#pictureOf(body.subarray(at + 3), timeMs, body.readIntBE(at, 3));
  }

  #setUp(setup: PictureSetup | null): RelayUnit[] {
    if (setup === null) return [];
    const bytes = setup.parameterSets.reduce((sum, { length }) => sum + length, 0);
    if (setup.parameterSets.length > MOST_SETS || bytes > LONGEST_SETS)
      throw new MediaError('the parameter sets of the picture are too long');
    const isSame =
      this.#picture?.codec === setup.codec &&
      this.#picture.lengthBytes === setup.lengthBytes &&
      sameBuffers(this.#picture.parameterSets, setup.parameterSets);
    if (isSame) return [];
    const kept = { ...setup, parameterSets: setup.parameterSets.map((set) => Buffer.from(set)) };
    this.#picture = kept;
    return [{ kind: 'picture-setup', setup: kept }];
  }

  #pictureOf(body: Buffer, decodeMs: number, offsetMs: number): RelayUnit[] {
    const picture = this.#picture;
    // Nothing can be decoded before the configuration has come.
    if (picture === null) return [];
    const all = unitsOf(body, picture.lengthBytes);
    const units = all.filter((unit) => !isFiller(picture.codec, unit));
    if (units.length === 0) return [];
    const sets = parameterSetsIn(picture.codec, units);
    // A camera that changes its picture size in mid-stream sends the new parameter sets only in front of the key frame.
    const changed = sets.length >= 2 && !sets.every((set) => picture.parameterSets.some((known) => known.equals(set)));
    const setUp = changed ? this.#setUp({ ...picture, parameterSets: sets }) : [];
    return [...setUp, { kind: 'picture', decodeMs, offsetMs, isKey: beginsPicture(picture.codec, units), units }];
  }

  #audio(body: Buffer, timeMs: number): RelayUnit[] {
    const first = body.readUInt8();
    const format = first >> 4;
    if (format === ALAW || format === ULAW)
      return this.#plainSound(format === ALAW ? 'pcma' : 'pcmu', body.subarray(1), timeMs);
    if (format === ENHANCED_AUDIO) return this.#enhancedAudio(body, timeMs);
    if (format !== AAC) return this.#leave('sound', SOUND_FORMATS[format] ?? `format ${format}`);
    if (body.length < 3) return [];
    return body.readUInt8(1) === 0 ? this.#soundSetUp(aacSetup(body.subarray(2))) : this.#aac(body.subarray(2), timeMs);
  }

  #enhancedAudio(body: Buffer, timeMs: number): RelayUnit[] {
    if (body.length < 5) return [];
    const packet = body.readUInt8() & 0x0f;
    const codec = body.toString('latin1', 1, 5);
    if (codec !== 'mp4a') return this.#leave('sound', codec.replace(/[^\x20-\x7e]/g, '?'));
    if (packet === PACKET.start) return this.#soundSetUp(aacSetup(body.subarray(5)));
    return packet === PACKET.coded ? this.#aac(body.subarray(5), timeMs) : [];
  }

  #aac(data: Buffer, timeMs: number): RelayUnit[] {
    // Some senders put whole ADTS frames here and never send a configuration.
    const framed = adtsFrame(data);
    const setUp = framed && this.#sound?.codec !== 'aac' ? this.#soundSetUp(framed.setup) : [];
    if (this.#sound?.codec !== 'aac') return [];
    const raw = framed ? framed.data : data;
    return raw.length === 0 ? setUp : [...setUp, { kind: 'sound', timeMs, data: raw }];
  }

  /** G.711 over RTMP is 8 kHz and one channel, whatever the tag's bits say. */
  #plainSound(codec: 'pcma' | 'pcmu', data: Buffer, timeMs: number): RelayUnit[] {
    const setUp = this.#soundSetUp({ codec, sampleRate: 8_000, channels: 1, config: null });
    return data.length === 0 ? setUp : [...setUp, { kind: 'sound', timeMs, data }];
  }

  #soundSetUp(setup: SoundSetup | null): RelayUnit[] {
    if (setup === null) return [];
    const isSame = isSameSound(this.#sound, setup);
    this.#sound = setup;
    return isSame ? [] : [{ kind: 'sound-setup', setup }];
  }

  #leave(track: 'picture' | 'sound', codec: string): RelayUnit[] {
    if (this.#leftOut.has(track + codec)) return [];
    this.#leftOut.add(track + codec);
    return [{ kind: 'left-out', track, codec }];
  }
}

function sameBuffers(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.length === b.length && a.every((buffer, index) => b[index]?.equals(buffer) === true);
}
