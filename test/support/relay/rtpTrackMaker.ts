import { RtpMedia } from '../../../src/relay/rtpReading/rtpMedia.js';
import type { TrackFormat } from '../../../src/relay/rtpReading/trackFormat.js';
import type { RelayUnit } from '../../../src/relay/units/relayUnit.js';

export interface PacketFields {
  readonly payloadType?: number;
  readonly isMarked?: boolean;
  readonly sequence?: number;
  readonly timestamp?: number;
  readonly source?: number;
  /** Bytes of padding, the last of which says how many they are; 0: none. */
  readonly padding?: number;
  /** Words of a header extension; absent: none. */
  readonly extension?: number;
  /** How many contributing sources the header names. */
  readonly contributors?: number;
}

/** An RTP packet of which each field is as the test wants it. */
export function packetWith(payload: Buffer, fields: PacketFields = {}): Buffer {
  const { payloadType = 96, isMarked = false, sequence = 0, timestamp = 0, source = 1 } = fields;
  const { padding = 0, extension, contributors = 0 } = fields;
  const head = Buffer.alloc(12 + 4 * contributors, 0xab);
  head.writeUInt8(0x80 | (padding > 0 ? 0x20 : 0) | (extension === undefined ? 0 : 0x10) | contributors, 0);
  head.writeUInt8((isMarked ? 0x80 : 0) | payloadType, 1);
  head.writeUInt16BE(sequence & 0xffff, 2);
  head.writeUInt32BE(timestamp >>> 0, 4);
  head.writeUInt32BE(source >>> 0, 8);
  const more = Buffer.alloc(extension === undefined ? 0 : 4 + 4 * extension, 0xcd);
  if (extension !== undefined) more.writeUInt16BE(extension, 2);
  const end = Buffer.alloc(padding);
  if (padding > 0) end.writeUInt8(padding, padding - 1);
  return Buffer.concat([head, more, payload, end]);
}

/** A compound packet: a sender report, and a source description behind it. `wallMs`: since 1900. */
export function reportWith(wallMs: number, timestamp: number): Buffer {
  const report = Buffer.alloc(28);
  report.writeUInt16BE(0x80c8, 0);
  report.writeUInt16BE(6, 2);
  report.writeUInt32BE(1, 4);
  report.writeUInt32BE(Math.floor(wallMs / 1_000) >>> 0, 8);
  report.writeUInt32BE(Math.floor(((wallMs % 1_000) / 1_000) * 2 ** 32) >>> 0, 12);
  report.writeUInt32BE(timestamp >>> 0, 16);
  return Buffer.concat([report, Buffer.from('81ca000100000001', 'hex')]);
}

export function formatWith(
  fields: Partial<TrackFormat> & { readonly parameters?: Record<string, string> },
): TrackFormat {
  const { parameters = {}, ...others } = fields;
  return {
    ...{ media: 'video', payloadType: 96, encoding: 'H264', clockRate: 90_000, channels: 1 },
    ...others,
    fmtp: new Map(Object.entries(parameters)),
  };
}

/** A unit with its bytes copied, as a receiver has to do that keeps it. */
function copied(unit: RelayUnit): RelayUnit {
  if (unit.kind === 'picture') return { ...unit, units: unit.units.map((each) => Buffer.from(each)) };
  return unit.kind === 'sound' ? { ...unit, data: Buffer.from(unit.data) } : unit;
}

type Of<Kind extends RelayUnit['kind']> = Extract<RelayUnit, { kind: Kind }>;

/** Reads the packets that the test hands in, and keeps what came out. */
export class MediaWatch {
  readonly media: RtpMedia;
  readonly units: RelayUnit[] = [];
  readonly #sequences = new Map<number, number>();

  constructor(formats: readonly TrackFormat[], isOrdered = true) {
    this.media = new RtpMedia({ formats, isOrdered, onUnit: (unit) => this.units.push(copied(unit)) });
  }

  of<Kind extends RelayUnit['kind']>(kind: Kind): Of<Kind>[] {
    return this.units.filter((unit): unit is Of<Kind> => unit.kind === kind);
  }

  /** The next packet of a track, numbered on from the one before unless `fields` numbers it. */
  send(track: number, payload: Buffer, fields: PacketFields & { readonly atMs?: number } = {}): void {
    const sequence = fields.sequence ?? this.#sequences.get(track) ?? 65_530;
    this.#sequences.set(track, sequence + 1);
    const packet = packetWith(payload, { ...fields, sequence });
    this.media.rtp(track, packet, fields.atMs ?? 0);
    // The memory of a socket is used again.
    packet.fill(0xee);
  }
}
