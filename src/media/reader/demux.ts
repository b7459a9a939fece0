import type { CodecParameters, FormatContext, Packet, Stream } from 'node-av/lib';
import type { Av } from '../av.js';
import type { ReadUnit } from './readUnit.js';
import { SourceFault } from '../dialing/sourceFault.js';

const READ_BYTES = 256 * 1_024;
/** More packets than any segment has; what has more is made to keep the process busy. */
const MOST_PACKETS = 200_000;
/** Formats of segments: MPEG-TS and fragmented MP4. No other of FFmpeg's demuxers reads what strangers send. */
const TS_SYNC = 0x47;

/**
 * Takes a whole segment apart. FFmpeg gets the bytes and no address, so it opens nothing by itself. Throws `SourceFault` where it is neither MPEG-TS
 * nor MP4.
 */
export async function demuxSegment(av: Av, bytes: Buffer): Promise<ReadUnit[]> {
  const { FormatContext, InputFormat, IOContext, Packet } = av.lib;
  const format = InputFormat.findInputFormat(bytes[0] === TS_SYNC ? 'mpegts' : 'mov');
  let at = 0;
  const io = new IOContext();
  io.allocContextWithCallbacks(READ_BYTES, 0, (size) => {
    if (at >= bytes.length) return av.constants.AVERROR_EOF;
    const piece = bytes.subarray(at, at + size);
    at += piece.length;
    return piece;
  });
  const context = new FormatContext();
  context.allocContext();
  context.pb = io;
  const packet = new Packet();
  packet.alloc();
  try {
    if ((await context.openInput('', format, null)) < 0) throw new SourceFault('not-a-stream', 'SEGMENT');
    const tracks = new Tracks(av, context);
    for (let packets = 0; packets < MOST_PACKETS; packets++) {
      if ((await context.readFrame(packet)) < 0) break;
      tracks.take(packet);
      packet.unref();
    }
    return tracks.inOrder();
  } finally {
    packet.free();
    await context.closeInput();
    io.freeContext();
  }
}

interface Track {
  readonly kind: 'picture' | 'sound' | 'ignored';
  readonly isAnnexB: boolean;
  readonly msPerTick: number;
}

class Tracks {
  readonly #av: Av;
  readonly #context: FormatContext;
  readonly #tracks = new Map<number, Track>();
  readonly #heads: ReadUnit[] = [];
  readonly #units: Extract<ReadUnit, { timeMs: number }>[] = [];

  constructor(av: Av, context: FormatContext) {
    this.#av = av;
    this.#context = context;
  }

  take(packet: Packet): void {
    const { AV_NOPTS_VALUE } = this.#av.constants;
    const track = this.#trackOf(packet);
    const { data } = packet;
    const ticks = packet.dts === AV_NOPTS_VALUE ? packet.pts : packet.dts;
    if (track === null || track.kind === 'ignored' || !data || data.length === 0 || ticks === AV_NOPTS_VALUE) return;
    const timeMs = Number(ticks) * track.msPerTick;
    // Copied, since FFmpeg uses the packet's memory again.
    const copy = Buffer.from(data);
    if (track.kind === 'sound') {
      this.#units.push({ kind: 'sound', timeMs, data: copy });
      return;
    }
    const presentMs = packet.pts === AV_NOPTS_VALUE ? timeMs : Number(packet.pts) * track.msPerTick;
    this.#units.push({ kind: 'picture', timeMs, offsetMs: presentMs - timeMs, isAnnexB: track.isAnnexB, data: copy });
  }

  inOrder(): ReadUnit[] {
    return [...this.#heads, ...this.#units.sort((a, b) => a.timeMs - b.timeMs)];
  }

  #trackOf(packet: Packet): Track | null {
    const known = this.#tracks.get(packet.streamIndex);
    if (known) return known;
    const stream = this.#context.streams[packet.streamIndex];
    if (!stream) return null;
    const track = this.#read(stream);
    this.#tracks.set(packet.streamIndex, track);
    return track;
  }

  /** The first track of pictures and the first of sound count; any other is ignored. */
  #read({ codecpar, timeBase }: Stream): Track {
    const { AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO } = this.#av.constants;
    const msPerTick = (timeBase.num * 1_000) / timeBase.den;
    const kind =
      codecpar.codecType === AVMEDIA_TYPE_VIDEO
        ? 'picture'
        : codecpar.codecType === AVMEDIA_TYPE_AUDIO
          ? 'sound'
          : 'ignored';
    const ignored: Track = { kind: 'ignored', isAnnexB: false, msPerTick };
    if (kind === 'ignored' || [...this.#tracks.values()].some((other) => other.kind === kind)) return ignored;
    const config = codecpar.extradata ? Buffer.from(codecpar.extradata) : Buffer.alloc(0);
    const head = kind === 'picture' ? this.#picture(codecpar, config) : this.#sound(codecpar, config);
    this.#heads.push(head);
    return head.kind === 'left-out' ? ignored : { kind, isAnnexB: config[0] !== 1, msPerTick };
  }

  #picture({ codecId }: CodecParameters, config: Buffer): ReadUnit {
    const { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC } = this.#av.constants;
    if (codecId !== AV_CODEC_ID_H264 && codecId !== AV_CODEC_ID_HEVC) return this.#leftOut('picture', codecId);
    return { kind: 'picture-track', codec: codecId === AV_CODEC_ID_H264 ? 'h264' : 'h265', config };
  }

  #sound({ codecId, sampleRate, channelLayout }: CodecParameters, config: Buffer): ReadUnit {
    const { AV_CODEC_ID_AAC, AV_CODEC_ID_PCM_ALAW, AV_CODEC_ID_PCM_MULAW } = this.#av.constants;
    if (codecId === AV_CODEC_ID_AAC) return { kind: 'sound-track', codec: 'aac', sampleRate, channels: 0, config };
    if (codecId !== AV_CODEC_ID_PCM_ALAW && codecId !== AV_CODEC_ID_PCM_MULAW) return this.#leftOut('sound', codecId);
    const codec = codecId === AV_CODEC_ID_PCM_ALAW ? 'pcma' : 'pcmu';
    return { kind: 'sound-track', codec, sampleRate, channels: Math.max(1, channelLayout.nbChannels), config };
  }

  #leftOut(track: 'picture' | 'sound', codecId: CodecParameters['codecId']): ReadUnit {
    return { kind: 'left-out', track, codec: this.#av.lib.avGetCodecName(codecId) ?? 'unknown' };
  }
}
