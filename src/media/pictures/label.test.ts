import { describe, expect, it } from 'vitest';
import { hasInk } from './bitmapFont.js';
import { drawLabel, layOut, type Plane } from './label.js';

const LABEL = 'NO LIVE PICTURE - LAST SEEN 2026-11-21 12:03:05 UTC+05:30';
const SIZES = [
  [320, 240],
  [640, 360],
  [704, 576],
  [1280, 720],
  [1920, 1080],
  [2560, 1440],
] as const;

describe('a label', () => {
  it.each(SIZES)('on %i x %i is large enough to be read, and all of it is there', (width, height) => {
    const { lines, scale } = layOut(LABEL, width, height);
    expect(lines.join(' ')).toBe(LABEL.replace(' - ', ' '));
    expect(scale * 7).toBeGreaterThanOrEqual(height / 20);
    for (const line of lines) expect(line.length * 6 * scale).toBeLessThanOrEqual(width);
  });

  it('leaves the rest of the picture alone and is white on a dark band', () => {
    const luma: Plane = { data: Buffer.alloc(352 * 240, 128), stride: 352, width: 320, height: 240 };
    const { top, bottom } = drawLabel(luma, LABEL);
    const row = (y: number): Buffer => luma.data.subarray(y * 352, y * 352 + 320);
    const brightest = (from: number, to: number): number =>
      Math.max(...Array.from({ length: to - from }, (_, y) => Math.max(...row(from + y))));
    expect(row(top - 1).equals(Buffer.alloc(320, 128))).toBe(true);
    expect(row(bottom).equals(Buffer.alloc(320, 128))).toBe(true);
    expect(brightest(top, bottom)).toBe(235);
    expect(Math.max(...row(top))).toBeLessThan(60);
    expect(luma.data.subarray(120 * 352 + 320, 121 * 352).equals(Buffer.alloc(32, 128))).toBe(true);
  });

  it('on a picture that is too small for it does not write beyond its edge', () => {
    const luma: Plane = { data: Buffer.alloc(48 * 32, 128), stride: 48, width: 32, height: 32 };
    expect(() => drawLabel(luma, LABEL)).not.toThrow();
    for (let y = 0; y < 32; y++)
      expect(luma.data.subarray(y * 48 + 32, y * 48 + 48).every((v) => v === 128)).toBe(true);
  });

  it('is written with glyphs that differ from each other', () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+:./ ';
    const drawn = Array.from(characters, (character) =>
      Array.from({ length: 35 }, (_, point) => (hasInk(character, point % 5, Math.floor(point / 5)) ? '#' : '.')).join(
        '',
      ),
    );
    expect(new Set(drawn).size).toBe(characters.length);
    expect(hasInk('a', 1, 0)).toBe(hasInk('A', 1, 0));
  });
});
