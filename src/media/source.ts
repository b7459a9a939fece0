import { constants } from 'node:os';
import type { FormatContext, Packet, Stream } from 'node-av/lib';
import { h265Error } from '../core/proof.js';
import { annexBNals, lengthPrefixed, videoConfigOf } from './h264.js';
import { streamErrors } from './streamErrors.js';
import type { Av } from './av.js';
import { TICKS_PER_SECOND, type AudioConfig, type MediaUnit, type OtherAudio, type VideoConfig } from './units.js';

/** RTMP's own `timeout` option means "listen" and must not be used. */
const STALL_OPTION = 'rw_timeout';
/** FFmpeg hands out the system's error numbers, negated. */
const TIMED_OUT = -constants.errno.ETIMEDOUT;
/** FLV's number for H.265 before there was an official one. */
const FLV_TAG_H265 = 12;

/**
 * Opens a live stream and yields its coded units until it ends, fails (a `CameraError`) or the signal aborts it (it then
 * just ends), a wait for more than `stallMs` included. The first video unit may be one that is no key frame.
 */
export async function* readSource(
  av: Av,
  url: string,
  stallMs: number,
  signal: AbortSignal,
): AsyncGenerator<MediaUnit | OtherAudio> {
  if (signal.aborted) return;
  const { FormatContext, Packet } = av.lib;
  const context = new FormatContext();
  context.allocContext(); // so that `interrupt` works while it opens, too
  const interrupt = (): void => context.interrupt();
  signal.addEventListener('abort', interrupt);
  const packet = new Packet();
  packet.alloc();
  try {
    await open(av, context, url, stallMs, signal);
    const tracks = new Tracks(av);
    for (let packets = 0; !isAborted(signal); packets++) {
      const result = await context.readFrame(packet);
      if (isAborted(signal)) return;
      if (result < 0) throw packets > 0 || result === TIMED_OUT ? streamErrors.noPicture() : streamErrors.refused();
      const unit = tracks.unit(context, packet);
      packet.unref();
      if (unit) yield unit;
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
    packet.free();
    await context.closeInput();
  }
}

async function open(av: Av, context: FormatContext, url: string, stallMs: number, signal: AbortSignal): Promise<void> {
  const rtmp = /^rtmps?:/i.test(url);
  const options = av.lib.Dictionary.fromObject({
    analyzeduration: '500000',
    probesize: '200000',
    [STALL_OPTION]: String(stallMs * 1000),
    protocol_whitelist: 'rtmp,rtmps,rtsp,rtsps,http,https,hls,tls,tcp,udp,rtp,crypto',
    ...(/^rtsps?:/i.test(url) && { rtsp_transport: 'tcp' }),
  });
  try {
    const opened = await context.openInput(url, null, options);
    if (isAborted(signal)) return;
    if (opened < 0) throw opened === TIMED_OUT ? streamErrors.noPicture() : streamErrors.refused();
    // FLV says by itself what is in it, with the first packets; probing would only cost half a second and more.
    if (!rtmp && (await context.findStreamInfo(null)) < 0 && !isAborted(signal)) throw streamErrors.noPicture();
  } finally {
    options.free();
  }
}

/** A function, so that the compiler does not take the answer of a moment ago for granted. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

interface VideoTrack {
  readonly kind: 'video';
  readonly config: VideoConfig;
  readonly annexB: boolean;
  readonly ticks: number;
}

interface AudioTrack {
  readonly kind: 'audio';
  readonly config: AudioConfig;
  readonly ticks: number;
}

interface IgnoredTrack {
  readonly kind: 'ignored';
}

/** Turns packets into units; tracks may turn up late and change their configuration. */
class Tracks {
  readonly #av: Av;
  readonly #tracks = new Map<number, VideoTrack | AudioTrack | IgnoredTrack>();

  constructor(av: Av) {
    this.#av = av;
  }

  unit(context: FormatContext, packet: Packet): MediaUnit | OtherAudio | null {
    const { AV_NOPTS_VALUE, AV_PKT_DATA_NEW_EXTRADATA } = this.#av.constants;
    let track = this.#tracks.get(packet.streamIndex);
    const changed = packet.isKeyframe ? packet.getSideData(AV_PKT_DATA_NEW_EXTRADATA) : null;
    if (!track || (changed && track.kind === 'video')) {
      const stream = context.streams[packet.streamIndex];
      if (!stream) return null;
      const found = this.#read(stream, changed);
      if (found === null) return null;
      if (found.kind === 'other-audio') {
        this.#tracks.set(packet.streamIndex, { kind: 'ignored' });
        return found;
      }
      track = found;
      this.#tracks.set(packet.streamIndex, track);
    }
    const { data } = packet;
    if (track.kind === 'ignored' || !data || data.length === 0) return null;
    const dtsOrPts = packet.dts === AV_NOPTS_VALUE ? packet.pts : packet.dts;
    if (dtsOrPts === AV_NOPTS_VALUE) return null;
    const dts = Math.round(Number(dtsOrPts) * track.ticks);
    // The packet's memory goes back to FFmpeg, so the bytes are copied.
    if (track.kind === 'audio') return { kind: 'audio', config: track.config, dts, data: Buffer.from(data) };
    const pts = packet.pts === AV_NOPTS_VALUE ? dts : Math.round(Number(packet.pts) * track.ticks);
    const sample = track.annexB ? lengthPrefixed(annexBNals(data)) : Buffer.from(data);
    return { kind: 'video', config: track.config, dts, pts, keyFrame: packet.isKeyframe, data: sample };
  }

  #read(stream: Stream, changed: Buffer | null): VideoTrack | AudioTrack | IgnoredTrack | OtherAudio | null {
    const { lib } = this.#av;
    const av = this.#av.constants;
    const { codecpar, timeBase } = stream;
    const ticks = (timeBase.num * TICKS_PER_SECOND) / timeBase.den;
    const codec = lib.avGetCodecName(codecpar.codecId) ?? 'an unknown codec';
    if (codecpar.codecType === av.AVMEDIA_TYPE_VIDEO) {
      if (codecpar.codecId === av.AV_CODEC_ID_HEVC || codecpar.codecTag === FLV_TAG_H265) throw h265Error();
      if (codecpar.codecId !== av.AV_CODEC_ID_H264) throw streamErrors.codec(codec);
      const extradata = changed ?? codecpar.extradata;
      const read = extradata ? videoConfigOf(Buffer.from(extradata)) : null;
      return read && { kind: 'video', config: read.config, annexB: read.annexB, ticks };
    }
    if (codecpar.codecType !== av.AVMEDIA_TYPE_AUDIO) return { kind: 'ignored' };
    if (codecpar.codecId !== av.AV_CODEC_ID_AAC) return { kind: 'other-audio', codec };
    if (!codecpar.extradata) return null;
    const config = audioConfigOf(Buffer.from(codecpar.extradata));
    return config ? { kind: 'audio', config, ticks } : { kind: 'other-audio', codec };
  }
}

const AAC_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

/** Reads an AudioSpecificConfig (ISO 14496-3, 1.6.2.1); null for what cannot be copied into MP4 as it is. */
export function audioConfigOf(asc: Buffer): AudioConfig | null {
  if (asc.length < 2) return null;
  const bits = asc.readUInt16BE(0);
  const sampleRate = AAC_RATES[(bits >> 7) & 0xf];
  const channels = (bits >> 3) & 0xf;
  return sampleRate === undefined || channels === 0 ? null : { asc, sampleRate, channels };
}
