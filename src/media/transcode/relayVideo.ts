import type { FormatContext, Stream } from 'node-av/lib';
import type { Clock } from '../../core/clock.js';
import type { Av } from '../av.js';
import { streamErrors } from '../streamErrors.js';
import type { DecodedCodec } from './pictureDecoder.js';

/** Tolerance: FFmpeg's timers are coarse. */
const TIMER_MS = 500;

export interface RelayVideo {
  readonly codec: DecodedCodec;
  /** The decoder's configuration; null: parameter sets come with the pictures. */
  readonly config: Buffer | null;
  readonly pictures: AsyncGenerator<CodedPicture>;
}

export interface CodedPicture {
  readonly data: Buffer;
  /** When it is shown, on the stream's clock. */
  readonly ms: number;
  readonly isKey: boolean;
}

export interface RelayAddress {
  /** The relay's RTSP address of the camera, on this machine or one that the operator trusts. Secret. */
  readonly url: string;
  /** How long nothing may come. */
  readonly stallMs: number;
}

/**
 * Opens the camera's stream at the relay and hands on its coded pictures, whatever their codec. Throws a `CameraError` when it cannot be opened;
 * `pictures` throws one when the stream ends or stalls. An aborted signal ends both. `use` is done when the stream is.
 */
export async function withRelayVideo(
  av: Av,
  clock: Clock,
  address: RelayAddress,
  signal: AbortSignal,
  use: (video: RelayVideo) => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const context = new av.lib.FormatContext();
  context.allocContext(); // so that `interrupt` also works while the stream is being opened
  const interrupt = (): void => context.interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    await open(av, clock, context, address);
    signal.throwIfAborted();
    const stream = context.streams.find(({ codecpar }) => codecpar.codecType === av.constants.AVMEDIA_TYPE_VIDEO);
    if (stream === undefined) throw streamErrors.noPicture();
    const { extradata } = stream.codecpar;
    const config = extradata === null ? null : Buffer.from(extradata);
    await use({ codec: codecOf(av, stream), config, pictures: read(av, context, stream, signal) });
  } finally {
    signal.removeEventListener('abort', interrupt);
    await context.closeInput();
  }
}

async function open(av: Av, clock: Clock, context: FormatContext, { url, stallMs }: RelayAddress): Promise<void> {
  const options = av.lib.Dictionary.fromObject({
    analyzeduration: '500000',
    probesize: '500000',
    timeout: String(stallMs * 1000),
    protocol_whitelist: 'rtsp,tcp',
    rtsp_transport: 'tcp',
  });
  const begunMs = clock.monotonicMs();
  try {
    const result = await context.openInput(url, null, options);
    if (result < 0) {
      const isSilent = clock.monotonicMs() - begunMs >= stallMs - TIMER_MS;
      // The relay answers 504 where it has the camera and no picture of it; FFmpeg reports any 5xx in the same way.
      const isPictureless = isSilent || result === av.constants.AVERROR_HTTP_SERVER_ERROR;
      throw isPictureless ? streamErrors.noPicture() : streamErrors.refused();
    }
  } finally {
    options.free();
  }
  if ((await context.findStreamInfo(null)) < 0) throw streamErrors.noPicture();
}

function codecOf({ lib, constants }: Av, { codecpar }: Stream): DecodedCodec {
  const { codecId } = codecpar;
  if (codecId === constants.AV_CODEC_ID_H264) return 'h264';
  if (codecId === constants.AV_CODEC_ID_HEVC) return 'h265';
  if (codecId === constants.AV_CODEC_ID_MJPEG) return 'mjpeg';
  throw streamErrors.codec(lib.avGetCodecName(codecId) ?? 'an unknown codec');
}

async function* read(
  av: Av,
  context: FormatContext,
  stream: Stream,
  signal: AbortSignal,
): AsyncGenerator<CodedPicture> {
  const { AV_NOPTS_VALUE } = av.constants;
  const msPerTick = (stream.timeBase.num * 1000) / stream.timeBase.den;
  const packet = new av.lib.Packet();
  packet.alloc();
  try {
    while (!signal.aborted) {
      if ((await context.readFrame(packet)) < 0) {
        signal.throwIfAborted();
        throw streamErrors.noPicture(undefined, 'ended');
      }
      const { streamIndex, data, isKeyframe: isKey } = packet;
      const time = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
      // Copied, since FFmpeg uses the packet's memory again.
      const copy = streamIndex === stream.index && data !== null && time !== AV_NOPTS_VALUE ? Buffer.from(data) : null;
      packet.unref();
      if (copy !== null) yield { data: copy, ms: Number(time) * msPerTick, isKey };
    }
  } finally {
    packet.free();
  }
}
