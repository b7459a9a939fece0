import { loadAv } from '../../../src/media/av.js';

export interface DrawnJpegs {
  readonly size?: string;
  readonly count?: number;
  /** As FFmpeg names it: JPEG pictures of cameras are `yuvj420p` or `yuvj422p`. */
  readonly format?: string;
  /** FFmpeg's source of pictures; its parts move, unless it is one colour. */
  readonly source?: string;
  /** How strong the noise in the pictures is, to 100: pictures with noise need many bits. */
  readonly noise?: number;
}

const FRAMES_PER_SECOND = 25;

/** JPEG pictures as a camera sends them, 25 of them for a second. */
export async function drawnJpegs({
  size = '320x180',
  count = 50,
  format = 'yuvj420p',
  source = 'testsrc2',
  noise = 0,
}: DrawnJpegs = {}): Promise<Buffer[]> {
  await loadAv();
  const { Decoder, Demuxer, Encoder } = await import('node-av/api');
  const seconds = count / FRAMES_PER_SECOND;
  const separator = source.includes('=') ? ':' : '=';
  const drawn = await Demuxer.open(
    `${source}${separator}s=${size}:r=${FRAMES_PER_SECOND}:d=${seconds},noise=alls=${noise}:allf=t,format=${format}`,
    {
      format: 'lavfi',
    },
  );
  const stream = drawn.video();
  if (!stream) throw new Error('lavfi gave no picture');
  const decoder = await Decoder.create(stream);
  const encoder = await Encoder.create('mjpeg' as never, {
    decoder,
    options: { qmin: 3, qmax: 5, strict: 'unofficial' },
  });
  const jpegs: Buffer[] = [];
  for await (const packet of encoder.packets(decoder.frames(drawn.packets(stream.index)))) {
    if (packet?.data) jpegs.push(Buffer.from(packet.data));
  }
  await drawn.close();
  return jpegs;
}
