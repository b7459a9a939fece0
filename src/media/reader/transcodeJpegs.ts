import type { Clock } from '../../core/clock.js';
import type { Av } from '../av.js';
import { SourceFault } from '../dialing/sourceFault.js';
import type { Jpeg } from '../mjpeg/jpegCutter.js';
import { PictureDecoder } from '../transcode/pictureDecoder.js';
import { H264_TRANSCODE, Transcoder } from '../transcode/transcoder.js';
import type { ReadUnit } from './readUnit.js';

export interface TranscodeJpegsOptions {
  readonly av: Av;
  readonly clock: Clock;
  readonly onUnit: (unit: ReadUnit) => void;
  /** Asked after the first picture, which is all that an opening needs: resolves when the others may be encoded too. */
  readonly mayTranscode: () => Promise<void>;
}

/** So many pictures in a row that nobody can decode are none. */
const MOST_BROKEN = 25;

/** Makes H.264 of JPEG pictures, each with the time at which it came. Rejects when the pictures end, as they do. */
export async function transcodeJpegs(pictures: AsyncIterable<Jpeg>, options: TranscodeJpegsOptions): Promise<void> {
  const { av, clock, onUnit } = options;
  const transcode = new JpegTranscode(options, await PictureDecoder.open(av, 'mjpeg'));
  try {
    onUnit({ kind: 'picture-track', codec: 'h264', config: Buffer.alloc(0) });
    for await (const { data } of pictures) transcode.take(data, clock.monotonicMs());
  } finally {
    await transcode.close();
  }
}

interface Waiting {
  readonly data: Buffer;
  readonly timeMs: number;
}

/** While a picture is being encoded only the newest waits: a machine that is too slow shows fewer pictures, and not older ones. */
class JpegTranscode {
  readonly #options: TranscodeJpegsOptions;
  readonly #decoder: PictureDecoder;
  readonly #transcoder: Transcoder;
  #state: 'first' | 'asking' | 'all' = 'first';
  #newest: Waiting | null = null;
  #running: Promise<void> | null = null;
  #fault: { readonly thrown: unknown } | null = null;
  #broken = 0;

  constructor(options: TranscodeJpegsOptions, decoder: PictureDecoder) {
    this.#options = options;
    this.#decoder = decoder;
    this.#transcoder = new Transcoder(options.av, H264_TRANSCODE);
  }

  /** Throws what went wrong with an earlier picture. */
  take(data: Buffer, timeMs: number): void {
    if (this.#fault !== null) throw this.#fault.thrown;
    if (this.#state === 'asking' || !this.#transcoder.takes(timeMs)) return;
    this.#newest = { data, timeMs };
    this.#running ??= this.#encode()
      .catch((thrown: unknown) => void (this.#fault = { thrown }))
      .finally(() => void (this.#running = null));
  }

  async close(): Promise<void> {
    this.#newest = null;
    // FFmpeg may be in the middle of a picture.
    await this.#running;
    this.#decoder.close();
    this.#transcoder.close();
  }

  async #encode(): Promise<void> {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const isRead = await this.#decoder.decode(next.data, next.timeMs, async ({ picture, timeMs }) => {
        const coded = await this.#transcoder.encode(picture, timeMs);
        if (coded === null) return;
        this.#options.onUnit({ kind: 'picture', timeMs, offsetMs: 0, isAnnexB: true, data: coded.data });
        // Behind the picture: without a place the pull ends at once.
        if (this.#state === 'first') this.#ask();
      });
      this.#broken = isRead ? 0 : this.#broken + 1;
      if (this.#broken >= MOST_BROKEN) throw new SourceFault('not-a-stream', 'BAD_JPEG');
    }
  }

  #next(): Waiting | null {
    const next = this.#newest;
    this.#newest = null;
    return next;
  }

  #ask(): void {
    this.#state = 'asking';
    this.#options.mayTranscode().then(
      () => (this.#state = 'all'),
      (thrown: unknown) => (this.#fault = { thrown }),
    );
  }
}
