import { constants } from 'node:os';
import type { CodecParameters, FormatContext, Packet, Stream } from 'node-av/lib';
import { h265Error } from '../../core/handover/proof.js';
import type { Clock } from '../../core/clock.js';
import type { RelayReason } from '../../core/streams/relay.js';
import type { AudioTrack } from '../../core/camera/tracks.js';
import { annexBNals, lengthPrefixed, videoConfigOf } from '../formats/h264.js';
import { aacTrack, audioCodecName, audioConfigOf } from '../formats/sound.js';
import { streamErrors } from '../streamErrors.js';
import type { Av } from '../av.js';
import {
  TICKS_PER_SECOND,
  type AudioConfig,
  type MediaUnit,
  type SoundNote,
  type VideoConfig,
} from '../formats/units.js';

/** FFmpeg's option for the time limit of one read. RTMP's `timeout` option makes FFmpeg listen instead, and must not be used. */
const STALL_OPTION = 'rw_timeout';
/** FFmpeg returns the system's error numbers, negated. */
const TIMED_OUT = -constants.errno.ETIMEDOUT;
/** Tolerance: FFmpeg's timers are coarse. */
const TIMER_MS = 500;
const { ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, EPIPE, EIO } = constants.errno;
/** Errors that mean the server could not be reached. FFmpeg returns EIO where a host name is not found. */
const NO_CONNECTION: readonly number[] = [ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, EPIPE, EIO];
/** FLV's unofficial codec number for H.265, from before the official one. */
const FLV_TAG_H265 = 12;

/**
 * Opens a live stream and yields its coded units. Throws a `CameraError` when the stream ends, fails, or sends nothing for `stallMs`;
 * returns when the signal aborts it. The first video unit need not be a key frame.
 */
export async function* readSource(
  av: Av,
  clock: Clock,
  url: string,
  stallMs: number,
  signal: AbortSignal,
): AsyncGenerator<MediaUnit | SoundNote> {
  if (signal.aborted) return;
  const { FormatContext, Packet } = av.lib;
  const context = new FormatContext();
  context.allocContext(); // so that `interrupt` also works while the stream is being opened
  const interrupt = (): void => context.interrupt();
  signal.addEventListener('abort', interrupt);
  const packet = new Packet();
  packet.alloc();
  let heardAtMs = clock.monotonicMs();
  const endOf = (result: number, hasGiven: boolean): Error => {
    // Over RTMP, FFmpeg reports a wait that was too long only as a failed read, so the time decides.
    const isSilent = result === TIMED_OUT || clock.monotonicMs() - heardAtMs >= stallMs - TIMER_MS;
    return isSilent || isPictureless(av, result, url) ? streamErrors.noPicture() : closedBy(av, result, hasGiven);
  };
  try {
    const opened = await open(av, context, url, stallMs);
    if (isAborted(signal)) return;
    if (opened < 0) throw endOf(opened, false);
    // The first packets of FLV say which tracks there are; probing would only cost half a second and more.
    if (!/^rtmps?:/i.test(url) && (await context.findStreamInfo(null)) < 0 && !isAborted(signal))
      throw streamErrors.noPicture();
    const tracks = new Tracks(av);
    yield* tracks.announced(context);
    for (let packets = 0; !isAborted(signal); packets++) {
      const result = await context.readFrame(packet);
      if (isAborted(signal)) return;
      if (result < 0) throw endOf(result, packets > 0);
      heardAtMs = clock.monotonicMs();
      const unit = tracks.unit(context, packet);
      packet.unref();
      if (tracks.foundOne) yield* tracks.announced(context);
      if (unit) yield unit;
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
    packet.free();
    await context.closeInput();
  }
}

/** Returns FFmpeg's result; negative: the stream could not be opened. */
async function open(av: Av, context: FormatContext, url: string, stallMs: number): Promise<number> {
  const options = av.lib.Dictionary.fromObject({
    analyzeduration: '500000',
    probesize: '200000',
    [STALL_OPTION]: String(stallMs * 1000),
    protocol_whitelist: 'rtmp,rtmps,rtsp,rtsps,http,https,hls,tls,tcp,udp,rtp,crypto',
    ...(/^rtsps?:/i.test(url) && { rtsp_transport: 'tcp' }),
  });
  try {
    return await context.openInput(url, null, options);
  } finally {
    options.free();
  }
}

/** An RTSP server that has the stream but no picture of it answers 504 (the relay does); FFmpeg reports any 5xx in the same way. */
function isPictureless(av: Av, result: number, url: string): boolean {
  return result === av.constants.AVERROR_HTTP_SERVER_ERROR && /^rtsps?:/i.test(url);
}

/** The error for FFmpeg's result. `hasGiven`: the source had sent packets before. */
function closedBy(av: Av, result: number, hasGiven: boolean): Error {
  const reason: RelayReason = NO_CONNECTION.includes(-result)
    ? 'connection'
    : result === av.constants.AVERROR_HTTP_NOT_FOUND
      ? 'not-found'
      : hasGiven
        ? 'ended'
        : 'refused';
  return hasGiven ? streamErrors.noPicture(undefined, reason) : streamErrors.refused(reason);
}

/** A function, so that TypeScript does not assume that `aborted` is unchanged after an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

interface PictureTrack {
  readonly kind: 'video';
  readonly config: VideoConfig;
  readonly annexB: boolean;
  readonly ticks: number;
}

interface SoundTrack {
  readonly kind: 'audio';
  readonly config: AudioConfig;
  readonly ticks: number;
}

interface IgnoredTrack {
  readonly kind: 'ignored';
}

/** Turns packets into units; tracks may appear late and change their configuration. */
class Tracks {
  readonly #av: Av;
  readonly #tracks = new Map<number, PictureTrack | SoundTrack | IgnoredTrack>();
  readonly #reported = new Set<number>();
  #foundOne = false;

  constructor(av: Av) {
    this.#av = av;
  }

  /** True: another track was found since `announced` was last called. */
  get foundOne(): boolean {
    return this.#foundOne;
  }

  /** The sound tracks that are known by now and were not announced before. */
  *announced(context: FormatContext): Generator<SoundNote> {
    this.#foundOne = false;
    for (const { index, codecpar } of context.streams) {
      if (codecpar.codecType !== this.#av.constants.AVMEDIA_TYPE_AUDIO || this.#reported.has(index)) continue;
      const audio = this.#sound(codecpar);
      if (audio === null) continue;
      this.#reported.add(index);
      yield { kind: 'sound', audio };
    }
  }

  unit(context: FormatContext, packet: Packet): MediaUnit | null {
    const { AV_NOPTS_VALUE, AV_PKT_DATA_NEW_EXTRADATA } = this.#av.constants;
    let track = this.#tracks.get(packet.streamIndex);
    const changed = packet.isKeyframe ? packet.getSideData(AV_PKT_DATA_NEW_EXTRADATA) : null;
    if (!track || (changed && track.kind === 'video')) {
      const stream = context.streams[packet.streamIndex];
      const found = stream && this.#read(stream, changed);
      if (!found) return null;
      track = found;
      this.#tracks.set(packet.streamIndex, track);
      this.#foundOne = true;
    }
    const { data } = packet;
    if (track.kind === 'ignored' || !data || data.length === 0) return null;
    const dtsOrPts = packet.dts === AV_NOPTS_VALUE ? packet.pts : packet.dts;
    if (dtsOrPts === AV_NOPTS_VALUE) return null;
    const dts = Math.round(Number(dtsOrPts) * track.ticks);
    // Copied, since FFmpeg uses the packet's memory again.
    if (track.kind === 'audio') return { kind: 'audio', config: track.config, dts, data: Buffer.from(data) };
    const pts = packet.pts === AV_NOPTS_VALUE ? dts : Math.round(Number(packet.pts) * track.ticks);
    const sample = track.annexB ? lengthPrefixed(annexBNals(data)) : Buffer.from(data);
    return { kind: 'video', config: track.config, dts, pts, keyFrame: packet.isKeyframe, data: sample };
  }

  #read({ codecpar, timeBase }: Stream, changed: Buffer | null): PictureTrack | SoundTrack | IgnoredTrack | null {
    const av = this.#av.constants;
    const ticks = (timeBase.num * TICKS_PER_SECOND) / timeBase.den;
    if (codecpar.codecType === av.AVMEDIA_TYPE_VIDEO) {
      if (codecpar.codecId === av.AV_CODEC_ID_HEVC || codecpar.codecTag === FLV_TAG_H265) throw h265Error();
      if (codecpar.codecId !== av.AV_CODEC_ID_H264) throw streamErrors.codec(this.#codecName(codecpar));
      const extradata = changed ?? codecpar.extradata;
      const read = extradata ? videoConfigOf(Buffer.from(extradata)) : null;
      return read && { kind: 'video', config: read.config, annexB: read.annexB, ticks };
    }
    if (codecpar.codecType !== av.AVMEDIA_TYPE_AUDIO) return { kind: 'ignored' };
    if (codecpar.codecId !== av.AV_CODEC_ID_AAC) return { kind: 'ignored' };
    if (!codecpar.extradata) return null;
    const config = audioConfigOf(Buffer.from(codecpar.extradata));
    return config ? { kind: 'audio', config, ticks } : { kind: 'ignored' };
  }

  /** null: too little is known of the track yet. */
  #sound(codecpar: CodecParameters): AudioTrack | null {
    const { codecId, extradata, sampleRate, channelLayout } = codecpar;
    const { AV_CODEC_ID_AAC, AV_CODEC_ID_NONE } = this.#av.constants;
    if (codecId === AV_CODEC_ID_AAC && !extradata) return null;
    const config = codecId === AV_CODEC_ID_AAC && extradata ? audioConfigOf(Buffer.from(extradata)) : null;
    if (config) return aacTrack(config);
    if (codecId === AV_CODEC_ID_NONE || sampleRate === 0) return null;
    return {
      codec: audioCodecName(this.#codecName(codecpar)),
      sampleRate,
      channels: Math.max(1, channelLayout.nbChannels),
    };
  }

  #codecName({ codecId }: CodecParameters): string {
    return this.#av.lib.avGetCodecName(codecId) ?? 'an unknown codec';
  }
}
