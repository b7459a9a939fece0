import type sharp from 'sharp';
import type { Sharp, SharpOptions } from 'sharp';
import { Turns } from '../../core/async/turns.js';
import { AppError } from '../../core/errors.js';
import { pictureFormat } from './pictureFormat.js';

/** The largest picture that is stored; `LARGEST_IMAGE_BYTES` of the store is the same. */
const LARGEST_BYTES = 256 * 1024;
/** A picture of more pixels is not decoded: a file of some KB may hold gigabytes. */
const MOST_PIXELS = 40_000_000;
const LONGEST_SIDE = 1280;
/** Tried one after the other until the picture is small enough. The last one is, whatever it shows. */
const SIZES: ReadonlyArray<{ readonly side: number; readonly quality: number }> = [
  { side: LONGEST_SIDE, quality: 80 },
  { side: LONGEST_SIDE, quality: 60 },
  { side: 800, quality: 50 },
  { side: 480, quality: 40 },
];
const DECODE_SECONDS = 10;

type LoadSharp = () => Promise<{ readonly default: typeof sharp }>;
type OpenPicture = (picture: Buffer, options: SharpOptions) => Sharp;

/** Decodes one uploaded picture at a time: one of 40 million pixels takes 160 MB. */
export class UploadedImages {
  readonly #turns = new Turns({
    atOnce: 1,
    mostWaiting: 16,
    full: () =>
      new AppError('RATE_LIMITED', 'Many pictures are being read.', {
        cure: 'Send the picture again in some seconds.',
        retryAfterMs: 10_000,
      }),
  });
  readonly #load: LoadSharp;
  #open: Promise<OpenPicture> | null = null;

  constructor(load: LoadSharp = () => import('sharp')) {
    this.#load = load;
  }

  /**
   * A JPEG of at most 256 KB and 1280 x 1280 pixels of a JPEG, PNG or WebP file, upright and without metadata. Throws
   * REQUEST_INVALID when the file is something else, cannot be decoded or has too many pixels, RATE_LIMITED, and IMAGES_OFF.
   */
  async toJpeg(picture: Buffer, signal: AbortSignal): Promise<Buffer> {
    if (pictureFormat(picture) === null) {
      throw refused('This file is no picture in JPEG, PNG or WebP, whatever its name says.');
    }
    const open = await (this.#open ??= openerOf(this.#load));
    return this.#turns.take(signal, () => smallJpeg(open, picture));
  }
}

async function smallJpeg(open: OpenPicture, picture: Buffer): Promise<Buffer> {
  try {
    const { width, height } = await open(picture, { limitInputPixels: false }).metadata();
    if (width * height > MOST_PIXELS) {
      throw refused(`This picture has ${width} x ${height} pixels, which is more than ${MOST_PIXELS / 1e6} million.`);
    }
    let small = Buffer.alloc(0);
    for (const { side, quality } of SIZES) {
      small = await open(picture, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
        .timeout({ seconds: DECODE_SECONDS })
        .autoOrient()
        .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
        .flatten({ background: '#ffffff' })
        .jpeg({ quality })
        .toBuffer();
      if (small.length <= LARGEST_BYTES) break;
    }
    return small;
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw refused('This picture is damaged, or takes too long to read.', thrown);
  }
}

/** Loaded at the first picture: it takes 30 MB, and some machines have no build of it. */
async function openerOf(load: LoadSharp): Promise<OpenPicture> {
  try {
    const { default: sharp } = await load();
    sharp.cache(false);
    sharp.concurrency(1);
    // The library reads SVG, TIFF, PDF and more; each reader that nobody needs is one less to attack.
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({
      operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
    });
    return (picture, options) => sharp(picture, options);
  } catch (cause) {
    throw new AppError(
      'IMAGES_OFF',
      'camlease cannot read pictures here: the package sharp has no build for this machine.',
      {
        cure: 'Send the camera without a picture, or run camlease where `npm ci` installs sharp.',
        cause,
      },
    );
  }
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError('REQUEST_INVALID', message, {
    cure: 'Send a photograph of at most 2 MB and 40 million pixels as JPEG, PNG or WebP.',
    cause,
  });
}
