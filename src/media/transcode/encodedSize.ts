export interface Size {
  readonly width: number;
  readonly height: number;
}

const SMALLEST = 16;

/** The size in which a picture is encoded: the same shape within so many pixels, with even sides, as 4:2:0 needs them. */
export function encodedSize({ width, height }: Size, mostPixels: number): Size {
  const factor = Math.min(1, Math.sqrt(mostPixels / (width * height)));
  return { width: even(width * factor), height: even(height * factor) };
}

/** Rounded down, so that the bound holds. */
function even(side: number): number {
  return Math.max(SMALLEST, Math.floor(side / 2) * 2);
}
