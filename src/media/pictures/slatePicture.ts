import type { Frame } from 'node-av/lib';
import type { Av } from '../av.js';
import { streamErrors } from '../streamErrors.js';
import { dimmed, drawLabel, type Plane } from './label.js';
import { emptyPicture, scalePicture } from './picture.js';

const SMALLEST = 32;
const LARGEST = 8192;
/** The share of brightness and colour that the last picture keeps: still recognisable, and clearly not live. */
const LIGHT = 0.55;
const COLOUR = 0.4;
const BLACK = 16;
const GREY = 128;

/**
 * Draws the picture of a slate (4:2:0): the camera's last picture in this size, darkened, or black where there is none, with the label
 * across its middle. Throws `SLATE_SIZE` for odd sizes, which 4:2:0 does not have, and for sizes out of range. The caller frees the frame.
 */
export async function slatePicture(
  av: Av,
  last: Frame | null,
  { width, height, label }: { readonly width: number; readonly height: number; readonly label: string },
): Promise<Frame> {
  for (const size of [width, height]) {
    if (!Number.isInteger(size) || size % 2 !== 0 || size < SMALLEST || size > LARGEST)
      throw streamErrors.slateSize(width, height);
  }
  const format = av.constants.AV_PIX_FMT_YUV420P;
  const frame = last ? await scalePicture(av, last, width, height, format) : emptyPicture(av, width, height, format);
  const luma = plane(frame, 0, width, height);
  const colours = [1, 2].map((index) => plane(frame, index, width / 2, height / 2));
  if (last) {
    recode(luma, (brightness) => dimmed(brightness, LIGHT));
    for (const colour of colours) recode(colour, (value) => GREY + (value - GREY) * COLOUR);
  } else {
    luma.data.fill(BLACK);
    for (const { data } of colours) data.fill(GREY);
  }
  const band = drawLabel(luma, label);
  for (const { data, stride } of colours) data.fill(GREY, (band.top >> 1) * stride, (band.bottom >> 1) * stride);
  return frame;
}

function recode({ data, stride, width, height }: Plane, change: (value: number) => number): void {
  const changed = Buffer.from(Array.from({ length: 256 }, (_, value) => change(value)));
  for (let y = 0; y < height; y++) {
    const row = y * stride;
    for (let x = row; x < row + width; x++) data[x] = changed[data[x] ?? 0] ?? GREY;
  }
}

/** One plane of a frame. node-av gives the frame's own memory, so drawing on the plane changes the frame. */
function plane(frame: Frame, index: number, width: number, height: number): Plane {
  const data = frame.data?.[index];
  const stride = frame.linesize[index];
  if (!data || stride === undefined) throw streamErrors.pictureUnreadable();
  return { data, stride, width, height };
}
