import type { Bits } from '../units/bits.js';
import { aacSetup, type SoundSetup } from '../units/sound.js';

/** What the relay needs of a StreamMuxConfig (ISO 14496-3, 1.7.3.1). */
export interface MuxConfig {
  /** AudioSpecificConfig. */
  readonly audio: Buffer;
  /** How many frames each element holds. */
  readonly frames: number;
}

/** Reads a configuration of one program and one layer, as cameras send it; null: it is another one, or not readable. */
export function muxConfig(reader: Bits): MuxConfig | null {
  if (reader.left < 32) return null;
  const isSecond = reader.flag();
  // Version 1A is not defined.
  if (isSecond && reader.flag()) return null;
  if (isSecond) value(reader);
  const isSameFraming = reader.flag();
  const frames = reader.number(6) + 1;
  const isOne = reader.number(4) === 0 && reader.number(3) === 0;
  if (!isSameFraming || !isOne) return null;
  const audio = isSecond ? audioOf(reader, value(reader)) : audioOf(reader, null);
  // Frames of any length, as AAC has them.
  if (audio === null || reader.number(3) !== 0) return null;
  reader.skip(8);
  const hasOther = reader.flag();
  if (hasOther && isSecond) value(reader);
  if (hasOther && !isSecond) while (reader.flag()) reader.skip(8);
  if (reader.flag()) reader.skip(8);
  return { audio, frames };
}

/** The setup of a decoder; null: the configuration is not valid for AAC. */
export function latmSetup({ audio }: MuxConfig): SoundSetup | null {
  return aacSetup(audio);
}

/** A number in one to four bytes, behind two bits that say how many. */
function value(reader: Bits): number {
  return reader.number(8 * (reader.number(2) + 1));
}

const ESCAPED_RATE = 15;
/** Object types that carry a second rate: spectral band replication, and parametric stereo. */
const WITH_SECOND_RATE: ReadonlySet<number> = new Set([5, 29]);

/** An AudioSpecificConfig, moved to the beginning of a byte. `bits`: its length; null: it has to be read to know it. */
function audioOf(reader: Bits, bits: number | null): Buffer | null {
  if (bits !== null) return bits > reader.left || bits < 16 ? null : moved(reader, bits);
  const ahead = reader.copy();
  const start = ahead.at;
  let type = ahead.number(5);
  if (ahead.number(4) === ESCAPED_RATE) ahead.skip(24);
  ahead.skip(4);
  if (WITH_SECOND_RATE.has(type)) {
    if (ahead.number(4) === ESCAPED_RATE) ahead.skip(24);
    type = ahead.number(5);
  }
  // The frame length, whether there is a core coder and its delay, and no extension (4.4.1).
  if (type < 1 || type > 4) return null;
  ahead.skip(1);
  if (ahead.flag()) ahead.skip(14);
  if (ahead.flag() || ahead.left < 0) return null;
  return moved(reader, ahead.at - start);
}

function moved(reader: Bits, bits: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(bits / 8));
  for (let at = 0; at < bits; at++) if (reader.flag()) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (0x80 >> (at & 7));
  return bytes;
}
