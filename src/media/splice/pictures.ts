import { NAL_IDR, NAL_SPS, nalType } from '../h264.js';
import { payloadOf, timestampOf } from './rtpPacket.js';

const STAP_A = 24;
const FU_A = 28;
/** Coded slices are the NAL units 1 to 5 (ITU-T H.264, table 7-1); 1 and 2 begin with a slice header of interest. */
const SLICES = { first: 1, withHeader: 2, last: NAL_IDR };

/**
 * `key`: decoding can begin here, and everything after it is shown after it. `forward`: shown after all that came before.
 * `between`: a B picture, shown before one that came already.
 */
export type PictureKind = 'key' | 'forward' | 'between';

/** Packets of one picture: its beginning, once it is known what it is, or a further packet of it. */
export type PicturePart =
  | {
      readonly begins: true;
      readonly kind: PictureKind;
      readonly hasParameterSets: boolean;
      readonly timestamp: number;
      readonly frames: readonly Buffer[];
    }
  | { readonly begins: false; readonly frames: readonly Buffer[] };

/** Gathers H.264 packets (RFC 6184) into pictures just far enough to know which kind of picture begins. */
export class Pictures {
  #timestamp: number | null = null;
  #known = false;
  #held: Buffer[] = [];
  #hasParameterSets = false;

  push(frame: Buffer): PicturePart | null {
    const timestamp = timestampOf(frame);
    if (timestamp !== this.#timestamp) {
      this.#timestamp = timestamp;
      this.#known = false;
      this.#held = [];
      this.#hasParameterSets = false;
    }
    if (this.#known) return { begins: false, frames: [frame] };
    this.#held.push(frame);
    const { kind, parameterSets } = lookInto(payloadOf(frame));
    this.#hasParameterSets ||= parameterSets;
    if (kind === null) return null;
    this.#known = true;
    const frames = this.#held;
    this.#held = [];
    return { begins: true, kind, hasParameterSets: this.#hasParameterSets, timestamp, frames };
  }
}

/** What begins in this payload; `kind` is null when no slice of a picture does. */
function lookInto(payload: Buffer): { kind: PictureKind | null; parameterSets: boolean } {
  const nals = nalsIn(payload);
  const kinds = nals.map(kindOf).filter((kind) => kind !== null);
  return { kind: kinds[0] ?? null, parameterSets: nals.some((nal) => nalType(nal) === NAL_SPS) };
}

/** The NAL units that begin in a payload, the last one perhaps only in part. */
function nalsIn(payload: Buffer): Buffer[] {
  const type = nalType(payload);
  if (type === FU_A) {
    const [indicator = 0, header = 0] = payload;
    const isFirst = (header & 0x80) !== 0;
    return isFirst
      ? [Buffer.concat([Buffer.from([(indicator & 0xe0) | (header & 0x1f)]), payload.subarray(2, 16)])]
      : [];
  }
  if (type !== STAP_A) return payload.length > 0 ? [payload] : [];
  const nals: Buffer[] = [];
  for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at)) {
    nals.push(payload.subarray(at + 2, at + 2 + payload.readUInt16BE(at)));
  }
  return nals;
}

function kindOf(nal: Buffer): PictureKind | null {
  const type = nalType(nal);
  if (type === NAL_IDR) return 'key';
  if (type < SLICES.first || type > SLICES.last) return null;
  if (type > SLICES.withHeader) return 'forward';
  const sliceType = sliceTypeOf(nal);
  return sliceType === 1 || sliceType === 6 ? 'between' : 'forward';
}

/** The second number of a slice header (7.3.3), both Exp-Golomb coded. */
function sliceTypeOf(nal: Buffer): number {
  let at = 8;
  const bit = (): number => ((nal[at >> 3] ?? 0xff) >> (7 - (at++ & 7))) & 1;
  const number = (): number => {
    let zeros = 0;
    while (bit() === 0 && zeros < 24) zeros++;
    let value = 1;
    for (; zeros > 0; zeros--) value = value * 2 + bit();
    return value - 1;
  };
  number();
  return number();
}
