import type { PictureCodec, PictureSetup } from '../units/nalUnits.js';
import type { TrackFormat } from './trackFormat.js';

/** Parameter sets go into the description that MediaMTX reads, of 128 KB at most, and in front of each key frame. */
const LONGEST_SETS = 65_536;
/** H.264 numbers 32 SPS and 256 PPS. */
const MOST_SETS = 288;

/**
 * The parameter sets of a track: those of the session description, which may be missing, incomplete or wrong, and those among the pictures,
 * which replace them by their number.
 */
export class ParameterSets {
  readonly #codec: PictureCodec;
  /** By kind and number. */
  readonly #sets = new Map<string, Buffer>();
  #isChanged = true;

  constructor(codec: PictureCodec, { fmtp }: Pick<TrackFormat, 'fmtp'>) {
    this.#codec = codec;
    const names = codec === 'h264' ? ['sprop-parameter-sets'] : ['sprop-vps', 'sprop-sps', 'sprop-pps'];
    for (const name of names)
      for (const text of (fmtp.get(name) ?? '').split(',')) this.learn([Buffer.from(text, 'base64')]);
  }

  /** The NAL units of pictures; those that are no parameter sets are passed over. */
  learn(units: readonly Buffer[]): void {
    for (const unit of units) {
      const key = keyOf(this.#codec, unit);
      if (key === null || this.#sets.get(key)?.equals(unit)) continue;
      if (!this.#sets.has(key) && this.#sets.size >= MOST_SETS) continue;
      if (unit.length > LONGEST_SETS / 4) continue;
      this.#sets.set(key, Buffer.from(unit));
      this.#isChanged = true;
    }
  }

  /** Whether the sets suffice to decode. */
  get isWhole(): boolean {
    const kinds = new Set([...this.#sets.keys()].map((key) => key.split(':')[0]));
    return kinds.has('sps') && kinds.has('pps');
  }

  /** The SPS; null: there is none. */
  get sps(): Buffer | null {
    return [...this.#sets].find(([key]) => key.startsWith('sps'))?.[1] ?? null;
  }

  /** The setup, where it has changed since it was asked for; null: it has not, or the sets do not suffice. */
  changed(): PictureSetup | null {
    if (!this.#isChanged || !this.isWhole) return null;
    this.#isChanged = false;
    const kinds = ['vps', 'sps', 'pps'];
    const sorted = [...this.#sets].toSorted(([a], [b]) => kinds.indexOf(a.slice(0, 3)) - kinds.indexOf(b.slice(0, 3)));
    const parameterSets: Buffer[] = [];
    let bytes = 0;
    for (const [, set] of sorted) {
      bytes += set.length;
      if (bytes <= LONGEST_SETS) parameterSets.push(set);
    }
    return { codec: this.#codec, parameterSets, lengthBytes: 4 };
  }
}

/** Kind and number of a parameter set, such as `sps:0`; null: the unit is none, or too short. */
function keyOf(codec: PictureCodec, unit: Buffer): string | null {
  if (codec === 'h264') {
    const type = (unit[0] ?? 0) & 0x1f;
    // Behind the header, an SPS has profile, constraints and level in three bytes, then its number.
    if (type === 7) return unit.length >= 5 ? `sps:${expGolomb(unit, 4)}` : null;
    return type === 8 && unit.length >= 2 ? `pps:${expGolomb(unit, 1)}` : null;
  }
  if (unit.length < 3) return null;
  const type = ((unit[0] ?? 0) >> 1) & 0x3f;
  if (type === 32) return `vps:${(unit[2] ?? 0) >> 4}`;
  // The number of an SPS stands behind fields of several kinds; cameras have one.
  if (type === 33) return 'sps:0';
  return type === 34 ? `pps:${expGolomb(unit, 2)}` : null;
}

/** The unsigned Exp-Golomb number (H.264, 9.1) at the beginning of a byte; numbers of parameter sets are below 256. */
function expGolomb(bytes: Buffer, at: number): number {
  let bits = 0;
  for (let byte = 0; byte < 4; byte++) bits = bits * 256 + (bytes[at + byte] ?? 0);
  const zeros = Math.clz32(bits);
  if (zeros > 12) return 0;
  return (bits >>> (31 - 2 * zeros)) - 1;
}
