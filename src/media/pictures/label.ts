import { GLYPH_HEIGHT, GLYPH_WIDTH, hasInk } from './bitmapFont.js';

/** Space between two characters, and between two lines, in points of the font. */
const GAP = 1;
const LEADING = 4;
/** Points of the band above and below the words. */
const MARGIN = 4;
/** The largest share of the picture's width and height that the label may take. */
const WIDEST = 0.94;
const HIGHEST = 0.4;
/** The largest share of the picture's height that one character may take. */
const LARGEST = 0.085;
const WHITE = 235;
const BLACK = 16;
/** The share of brightness that is left behind the label. */
const BAND_LIGHT = 0.25;

/** One plane of a picture: a byte for each point, `stride` bytes from row to row. */
export interface Plane {
  readonly data: Buffer;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

export interface LabelLayout {
  readonly lines: readonly string[];
  /** Picture points for one point of the font. */
  readonly scale: number;
}

/** Breaks a label at ` - ` and then between words, so that it can be written as large as the picture allows. */
export function layOut(label: string, width: number, height: number): LabelLayout {
  const largest = Math.max(1, Math.floor((height * LARGEST) / GLYPH_HEIGHT));
  for (let scale = largest; scale > 1; scale--) {
    const lines = wrapped(label, columnsAt(scale, width));
    if (lines && textHeight(lines.length) * scale <= height * HIGHEST) return { lines, scale };
  }
  return { lines: wrapped(label, columnsAt(1, width)) ?? [label], scale: 1 };
}

/** Draws a label across the middle of a picture's brightness plane, white on a dark band; returns the rows of the band. */
export function drawLabel(luma: Plane, label: string): { readonly top: number; readonly bottom: number } {
  const { lines, scale } = layOut(label, luma.width, luma.height);
  const bandHeight = (textHeight(lines.length) + 2 * MARGIN) * scale;
  const bandTop = Math.max(0, Math.floor((luma.height - bandHeight) / 2));
  const bandBottom = Math.min(luma.height, bandTop + bandHeight);
  for (let y = bandTop; y < bandBottom; y++) {
    const row = y * luma.stride;
    for (let x = 0; x < luma.width; x++) luma.data[row + x] = dimmed(luma.data[row + x] ?? BLACK, BAND_LIGHT);
  }
  lines.forEach((line, index) => {
    const top = bandTop + (MARGIN + index * (GLYPH_HEIGHT + LEADING)) * scale;
    const left = Math.floor((luma.width - (line.length * (GLYPH_WIDTH + GAP) - GAP) * scale) / 2);
    for (let column = 0; column < line.length; column++)
      drawGlyph(luma, line.charAt(column), left + column * (GLYPH_WIDTH + GAP) * scale, top, scale);
  });
  return { top: bandTop, bottom: bandBottom };
}

/** Reduces a brightness to this share, from 0 to 1, of its distance from black. */
export function dimmed(brightness: number, light: number): number {
  return BLACK + (Math.max(brightness, BLACK) - BLACK) * light;
}

function drawGlyph(luma: Plane, character: string, left: number, top: number, scale: number): void {
  for (let y = 0; y < GLYPH_HEIGHT * scale; y++) {
    for (let x = 0; x < GLYPH_WIDTH * scale; x++) {
      const isInside = left + x >= 0 && left + x < luma.width && top + y < luma.height;
      if (!isInside || !hasInk(character, Math.floor(x / scale), Math.floor(y / scale))) continue;
      luma.data[(top + y) * luma.stride + left + x] = WHITE;
    }
  }
}

function textHeight(lines: number): number {
  return lines * (GLYPH_HEIGHT + LEADING) - LEADING;
}

function columnsAt(scale: number, width: number): number {
  return Math.floor((width * WIDEST) / ((GLYPH_WIDTH + GAP) * scale));
}

/** Breaks a label into lines of at most `columns` characters; null: one of its words is longer. */
function wrapped(label: string, columns: number): string[] | null {
  const lines: string[] = [];
  for (const part of label.split(' - ')) {
    let line = '';
    for (const word of part.split(' ').filter((found) => found !== '')) {
      if (word.length > columns) return null;
      const longer = line === '' ? word : `${line} ${word}`;
      if (longer.length > columns) lines.push(line);
      line = longer.length > columns ? word : longer;
    }
    if (line !== '') lines.push(line);
  }
  return lines;
}
