import { MediaError } from './mediaError.js';

/** Codecs of pictures that the relay passes on. */
export type PictureCodec = 'h264' | 'h265';

/** What a decoder needs before the first picture, from the decoder configuration record (ISO 14496-15). */
export interface PictureSetup {
  readonly codec: PictureCodec;
  /** SPS and PPS; before them the VPS of H.265. Without start codes. */
  readonly parameterSets: readonly Buffer[];
  /** How many bytes hold the length in front of each NAL unit: 1 to 4. */
  readonly lengthBytes: number;
}

/** Reads an AVCDecoderConfigurationRecord. null: it holds no SPS and PPS. */
export function avcSetup(record: Buffer): PictureSetup | null {
  const reader = new Cursor(record);
  if (record.length < 6) return null;
  const lengthBytes = (record.readUInt8(4) & 3) + 1;
  reader.skip(5);
  const sps = reader.list(reader.byte() & 0x1f);
  const pps = reader.list(reader.byte());
  if (sps.length === 0 || pps.length === 0) return null;
  return { codec: 'h264', parameterSets: [...sps, ...pps], lengthBytes };
}

/** NAL unit types of H.265's parameter sets: VPS, SPS, PPS. */
const HEVC_SETS: ReadonlySet<number> = new Set([32, 33, 34]);

/** Reads an HEVCDecoderConfigurationRecord. null: it holds no SPS and PPS. */
export function hevcSetup(record: Buffer): PictureSetup | null {
  if (record.length < 23) return null;
  const lengthBytes = (record.readUInt8(21) & 3) + 1;
  const reader = new Cursor(record);
  reader.skip(22);
  const sets: Buffer[] = [];
  for (let arrays = reader.byte(); arrays > 0; arrays--) {
    const type = reader.byte() & 0x3f;
    const units = reader.list(reader.number16());
    if (HEVC_SETS.has(type)) sets.push(...units);
  }
  const types = new Set(sets.map((unit) => hevcType(unit)));
  return types.has(33) && types.has(34) ? { codec: 'h265', parameterSets: sets, lengthBytes } : null;
}

/** H.265 allows 600 slices in a picture (table A.8). The limit protects readers: each unit becomes a packet to every one of them. */
const MOST_UNITS = 2_000;

/**
 * Splits a picture into its NAL units. Accepts units with start codes too, which some senders use inside RTMP. Throws `MediaError` for more
 * units than any encoder makes.
 */
export function unitsOf(body: Buffer, lengthBytes: number): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at + lengthBytes <= body.length;) {
    const length = body.readUIntBE(at, lengthBytes);
    const start = at + lengthBytes;
    if (start + length > body.length) return hasStartCode(body) ? annexBUnits(body) : units;
    if (length > 0) keep(units, body.subarray(start, start + length));
    at = start + length;
  }
  // A start code reads as a length of 1: what was split so far is one unit of one byte, and nonsense behind it.
  return hasStartCode(body) && lengthBytes === 4 ? annexBUnits(body) : units;
}

/** Whether a decoder can begin with these units. Read from the units, since the key frame flag of the container is often wrong. */
export function beginsPicture(codec: PictureCodec, units: readonly Buffer[]): boolean {
  return units.some((unit) => {
    if (codec === 'h264') return avcType(unit) === 5;
    // IDR, CRA and BLA pictures.
    const type = hevcType(unit);
    return type >= 16 && type <= 21;
  });
}

/** Whether a unit carries no picture data: an access unit delimiter or filler. */
export function isFiller(codec: PictureCodec, unit: Buffer): boolean {
  const type = codec === 'h264' ? avcType(unit) : hevcType(unit);
  return codec === 'h264' ? type === 9 || type === 12 : type === 35 || type === 38;
}

/** The SPS, PPS and VPS among the units of a picture. */
export function parameterSetsIn(codec: PictureCodec, units: readonly Buffer[]): Buffer[] {
  return units.filter((unit) => {
    const type = codec === 'h264' ? avcType(unit) : hevcType(unit);
    return codec === 'h264' ? type === 7 || type === 8 : HEVC_SETS.has(type);
  });
}

function avcType(unit: Buffer): number {
  return (unit[0] ?? 0) & 0x1f;
}

function hevcType(unit: Buffer): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}

function hasStartCode(body: Buffer): boolean {
  return body.length > 4 && body.readUInt32BE() === 1;
}

const START_CODE = Buffer.from([0, 0, 1]);

function annexBUnits(body: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let at = body.indexOf(START_CODE); at !== -1;) {
    const start = at + START_CODE.length;
    const next = body.indexOf(START_CODE, start);
    let end = next === -1 ? body.length : next;
    // Zeros before a start code belong to it: a unit never ends with a zero byte.
    while (end > start && body[end - 1] === 0) end -= 1;
    if (end > start) keep(units, body.subarray(start, end));
    at = next;
  }
  return units;
}

function keep(units: Buffer[], unit: Buffer): void {
  if (units.length >= MOST_UNITS) throw new MediaError('a picture has more units than an encoder makes');
  units.push(unit);
}

/** Reads forward; bytes beyond the end read as 0. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(count: number): void {
    this.#at += count;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  number16(): number {
    return (this.byte() << 8) | this.byte();
  }

  /** `count` units, each behind its length in two bytes; fewer when the bytes end. */
  list(count: number): Buffer[] {
    const units: Buffer[] = [];
    for (let left = count; left > 0 && this.#at < this.#bytes.length; left--) {
      const length = this.number16();
      const unit = this.#bytes.subarray(this.#at, this.#at + length);
      this.#at += length;
      if (length > 0 && unit.length === length) units.push(unit);
    }
    return units;
  }
}
