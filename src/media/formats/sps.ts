/** Profiles whose SPS carries the chroma format and scaling lists (ITU-T H.264, 7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** Width and height of the picture, from an H.264 sequence parameter set; null: it cannot be read. */
export function spsSize(sps: Buffer): { width: number; height: number } | null {
  const bits = new BitReader(withoutEmulation(sps));
  try {
    bits.skip(8);
    const profile = bits.read(8);
    bits.skip(16);
    bits.ue();
    let chroma = 1;
    if (HIGH_PROFILES.has(profile)) chroma = readChroma(bits);
    bits.ue(); // log2_max_frame_num_minus4
    const pocType = bits.ue();
    if (pocType === 0) bits.ue();
    else if (pocType === 1) {
      bits.skip(1);
      bits.se();
      bits.se();
      for (let left = Math.min(bits.ue(), 255); left > 0; left--) bits.se();
    }
    bits.ue(); // max_num_ref_frames
    bits.skip(1);
    const widthInMbs = bits.ue() + 1;
    const heightInMaps = bits.ue() + 1;
    const frameOnly = bits.read(1);
    if (frameOnly === 0) bits.skip(1);
    bits.skip(1);
    const crop = bits.read(1) === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
    const [left = 0, right = 0, top = 0, bottom = 0] = crop;
    const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
    const unitY = (chroma === 1 ? 2 : 1) * (2 - frameOnly);
    const width = widthInMbs * 16 - unitX * (left + right);
    const height = heightInMaps * 16 * (2 - frameOnly) - unitY * (top + bottom);
    return width > 0 && height > 0 && width <= 16_384 && height <= 16_384 ? { width, height } : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function readChroma(bits: BitReader): number {
  const chroma = bits.ue();
  if (chroma === 3) bits.skip(1);
  bits.ue();
  bits.ue();
  bits.skip(1);
  if (bits.read(1) === 1) {
    const lists = chroma === 3 ? 12 : 8;
    for (let list = 0; list < lists; list++) if (bits.read(1) === 1) skipScalingList(bits, list < 6 ? 16 : 64);
  }
  return chroma;
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let index = 0; index < size; index++) {
    if (next !== 0) next = (last + bits.se() + 256) % 256;
    if (next !== 0) last = next;
  }
}

/** Removes the 3 of every 0 0 3, which encoders insert so that no start code appears inside a unit. */
function withoutEmulation(nal: Buffer): Buffer {
  const bytes: number[] = [];
  let zeros = 0;
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

class BitReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new RangeError('the parameter set ends too early');
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at++;
    }
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Unsigned Exp-Golomb. */
  ue(): number {
    let zeros = 0;
    while (this.read(1) === 0) if (++zeros > 31) throw new RangeError('no such number');
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** Signed Exp-Golomb. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -(code / 2);
  }
}
