import { Bits } from '../units/bits.js';
import { aacFrameSamples, aacSetup, plainAacConfig, type SoundSetup } from '../units/sound.js';
import type { RtpPacket } from './rtpPacket.js';
import type { SoundReader, SoundUnits } from './soundUnits.js';
import type { TrackFormat } from './trackFormat.js';

/** Bits of each field of an access unit's header (RFC 3640, section 3.2.1.1). */
interface HeaderBits {
  readonly size: number;
  readonly index: number;
  readonly indexDelta: number;
  readonly cts: number;
  readonly dts: number;
  readonly random: number;
  readonly state: number;
}

/** Of the mode `AAC-hbr`, which is assumed where nothing is said, and of `AAC-lbr` (RFC 3640, sections 3.3.5 and 3.3.6). */
const HIGH_RATE = { size: 13, index: 3 };
const LOW_RATE = { size: 6, index: 2 };
/** A longer frame is none: six channels have 768 bytes each at most. */
const MOST_BYTES = 65_536;

/** AAC as `mpeg4-generic` (RFC 3640): several frames in a packet, or one frame in several packets. */
export class GenericAacReader implements SoundReader {
  readonly #units: SoundUnits;
  readonly #setup: SoundSetup;
  readonly #bits: HeaderBits;
  readonly #auxiliaryBits: number;
  readonly #constantSize: number;
  /** Ticks of the time stamp from one frame to the next. */
  readonly #frameTicks: number;
  /** The parts so far of a frame that needs several packets. */
  #parts: { readonly timestamp: number; readonly size: number; bytes: Buffer } | null = null;

  constructor(units: SoundUnits, format: TrackFormat, setup: SoundSetup) {
    this.#units = units;
    this.#setup = setup;
    const number = (name: string, otherwise: number): number => numberOf(format, name) ?? otherwise;
    const usual = format.fmtp.get('mode')?.toLowerCase() === 'aac-lbr' ? LOW_RATE : HIGH_RATE;
    this.#constantSize = number('constantsize', 0);
    const index = number('indexlength', usual.index);
    this.#bits = {
      size: number('sizelength', this.#constantSize > 0 ? 0 : usual.size),
      index,
      indexDelta: number('indexdeltalength', index),
      cts: number('ctsdeltalength', 0),
      dts: number('dtsdeltalength', 0),
      random: number('randomaccessindication', 0),
      state: number('streamstateindication', 0),
    };
    this.#auxiliaryBits = number('auxiliarydatasizelength', 0);
    const samples = setup.config ? aacFrameSamples(setup.config) : 1_024;
    this.#frameTicks = Math.round((samples * format.clockRate) / setup.sampleRate);
  }

  packet({ payload, timestamp, isMarked }: RtpPacket, arrivedMs: number): void {
    const setup = this.#setup;
    const read = this.#read(payload);
    if (read === null) return;
    let { rest } = read;
    for (const [at, said] of read.sizes.entries()) {
      const size = said === 0 ? rest.length : said;
      if (size > rest.length) {
        // Only a frame that is alone in its packet may go on in the next one.
        if (read.sizes.length === 1) this.#part({ size, timestamp, isMarked }, rest, arrivedMs);
        return;
      }
      this.#parts = null;
      this.#units.give(setup, rest.subarray(0, size), timestamp + at * this.#frameTicks, arrivedMs);
      rest = rest.subarray(size);
    }
  }

  lose(): void {
    this.#parts = null;
  }

  #part(
    { size, timestamp, isMarked }: { readonly size: number; readonly timestamp: number; readonly isMarked: boolean },
    bytes: Buffer,
    arrivedMs: number,
  ): void {
    if (size > MOST_BYTES) return;
    const known = this.#parts?.timestamp === timestamp && this.#parts.size === size ? this.#parts : null;
    const parts = known ?? { timestamp, size, bytes: Buffer.alloc(0) };
    parts.bytes = Buffer.concat([parts.bytes, bytes]);
    this.#parts = parts;
    if (parts.bytes.length < size && !isMarked) return;
    this.#parts = null;
    if (parts.bytes.length === size) this.#units.give(this.#setup, parts.bytes, timestamp, arrivedMs);
  }

  /** The sizes of the frames in bytes (0: up to the end), and what stands behind the headers; null: not readable. */
  #read(payload: Buffer): { readonly sizes: readonly number[]; readonly rest: Buffer } | null {
    const bits = this.#bits;
    const first = bits.size + bits.index;
    const hasHeaders = Object.values(bits).some((length) => length > 0);
    if (!hasHeaders) return this.#behind(payload, this.#constantSizes(payload));
    if (payload.length < 2) return null;
    const headerBits = payload.readUInt16BE();
    const headerBytes = Math.ceil(headerBits / 8);
    if (headerBits < first || 2 + headerBytes > payload.length) return null;
    const reader = new Bits(payload.subarray(2, 2 + headerBytes));
    const sizes: number[] = [];
    while (reader.at + bits.size + (sizes.length === 0 ? bits.index : bits.indexDelta) <= headerBits) {
      const size = reader.number(bits.size);
      reader.skip(sizes.length === 0 ? bits.index : bits.indexDelta);
      if (bits.cts > 0 && reader.flag()) reader.skip(bits.cts);
      if (bits.dts > 0 && reader.flag()) reader.skip(bits.dts);
      reader.skip(bits.random + bits.state);
      sizes.push(bits.size > 0 ? size : this.#constantSize);
      if (bits.size + bits.indexDelta === 0) break;
    }
    return this.#behind(payload.subarray(2 + headerBytes), sizes);
  }

  #behind(bytes: Buffer, sizes: readonly number[]): { readonly sizes: readonly number[]; readonly rest: Buffer } {
    if (this.#auxiliaryBits === 0) return { sizes, rest: bytes };
    const reader = new Bits(bytes);
    const bits = reader.number(this.#auxiliaryBits) + this.#auxiliaryBits;
    return { sizes, rest: bytes.subarray(Math.ceil(bits / 8)) };
  }

  #constantSizes({ length }: Buffer): readonly number[] {
    if (this.#constantSize === 0) return [0];
    return Array.from({ length: Math.floor(length / this.#constantSize) }, () => this.#constantSize);
  }
}

/** By `config`, else by `rtpmap`; null: neither is readable. */
export function genericAacSetup({ fmtp, clockRate, channels }: TrackFormat): SoundSetup | null {
  const said = aacSetup(Buffer.from(fmtp.get('config') ?? '', 'hex'));
  if (said) return said;
  const config = plainAacConfig(clockRate, channels);
  return config && aacSetup(config);
}

function numberOf({ fmtp }: TrackFormat, name: string): number | null {
  const text = fmtp.get(name);
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}
