/**
 * An MPEG transport stream (ISO/IEC 13818-1) with one video track, and one of sound where there is any: its tables come with each key frame, so
 * that a player can begin there.
 */
const PACKET_BYTES = 188;
const SYNC = 0x47;
const PAT_PID = 0x0000;
const PMT_PID = 0x1000;
const VIDEO_PID = 0x0100;
const SOUND_PID = 0x0101;
const VIDEO_STREAM_ID = 0xe0;
const SOUND_STREAM_ID = 0xc0;
/** Of a PES packet behind its length field, without time stamps. */
const PES_HEAD_BYTES = 3;
/** In front of a PES time stamp: one alone, the first of two, the second of two. */
const STAMP = { alone: 0x20, first: 0x30, second: 0x10 } as const;
const LONGEST_PES = 0xffff;
/** How far the time stamps run before the clock of the stream, in ticks of 1/90000 s, so that no picture is late when it arrives. */
const CLOCK_LAG_TICKS = 9_000;
const TIME_WRAP = 2 ** 33;

/** Numbers of ISO/IEC 13818-1, table 2-34. */
export const STREAM_TYPE = { mpeg1Video: 0x01, aac: 0x0f, h264: 0x1b } as const;

/** Writes pictures as whole transport packets of 188 bytes. */
export class TransportStream {
  readonly #streamType: number;
  #soundType: number | null;
  /** Of the table of tracks; players read it again when it changes. */
  #version = 0;
  readonly #counters = new Map<number, number>();

  /** `soundType` null: the stream has no sound. */
  constructor(streamType: number, soundType: number | null = null) {
    this.#streamType = streamType;
    this.#soundType = soundType;
  }

  /** From the next key frame on, the stream has sound of this type; null: none. */
  setSound(soundType: number | null): void {
    if (soundType === this.#soundType) return;
    this.#soundType = soundType;
    this.#version = (this.#version + 1) & 0x1f;
  }

  /**
   * One coded picture as transport packets, the tables before a key frame. `ticks`: when it is shown, in 1/90000 s. `decodedAt`: when it is
   * decoded, where that differs.
   */
  picture(data: Buffer, ticks: number, isKey: boolean, decodedAt = ticks): Buffer {
    const tables = isKey
      ? [this.#table(PAT_PID, patOf()), this.#table(PMT_PID, pmtOf(this.#streamType, this.#soundType, this.#version))]
      : [];
    const clock = clockField((decodedAt - CLOCK_LAG_TICKS + TIME_WRAP) % TIME_WRAP, isKey);
    const head = pesHead(VIDEO_STREAM_ID, data.length, ticks, decodedAt);
    return Buffer.concat([...tables, ...this.#packets(VIDEO_PID, clock, Buffer.concat([head, data]))]);
  }

  /** One frame of sound as transport packets; `ticks` as of pictures. */
  sound(data: Buffer, ticks: number): Buffer {
    const head = pesHead(SOUND_STREAM_ID, data.length, ticks, ticks);
    return Buffer.concat(this.#packets(SOUND_PID, null, Buffer.concat([head, data])));
  }

  #packets(pid: number, adaptation: Buffer | null, unit: Buffer): Buffer[] {
    const packets: Buffer[] = [];
    let left = unit;
    for (let isFirst = true; left.length > 0; isFirst = false) {
      const { packet, taken } = this.#packet(pid, isFirst, isFirst ? adaptation : null, left);
      packets.push(packet);
      left = left.subarray(taken);
    }
    return packets;
  }

  #table(pid: number, section: Buffer): Buffer {
    // A pointer of 0: the section begins at once; what is behind it is stuffing.
    const payload = Buffer.alloc(PACKET_BYTES - 4, 0xff);
    payload[0] = 0;
    section.copy(payload, 1);
    return this.#packet(pid, true, null, payload).packet;
  }

  /** A packet with as much of the payload as fits; a short payload is filled up by the adaptation field. */
  #packet(
    pid: number,
    isStart: boolean,
    adaptation: Buffer | null,
    payload: Buffer,
  ): { readonly packet: Buffer; readonly taken: number } {
    const counter = this.#counters.get(pid) ?? 0;
    this.#counters.set(pid, (counter + 1) & 0x0f);
    const room = PACKET_BYTES - 4 - (adaptation === null ? 0 : adaptation.length + 1);
    const taken = Math.min(room, payload.length);
    const field = stuffed(adaptation, room - taken);
    const head = Buffer.from([
      SYNC,
      (isStart ? 0x40 : 0) | (pid >> 8),
      pid & 0xff,
      (field === null ? 0x10 : 0x30) | counter,
    ]);
    return { packet: Buffer.concat([head, field ?? Buffer.alloc(0), payload.subarray(0, taken)]), taken };
  }
}

/** The adaptation field with its length in front, made longer by `more` bytes; null: none is needed. */
function stuffed(adaptation: Buffer | null, more: number): Buffer | null {
  if (adaptation === null && more === 0) return null;
  if (adaptation === null && more === 1) return Buffer.from([0]);
  const content = adaptation ?? Buffer.from([0]);
  const stuffing = Buffer.alloc(adaptation === null ? more - 2 : more, 0xff);
  return Buffer.concat([Buffer.from([content.length + stuffing.length]), content, stuffing]);
}

/** Flags and programme clock of an adaptation field. */
function clockField(ticks: number, isKey: boolean): Buffer {
  const field = Buffer.alloc(7);
  field[0] = (isKey ? 0x40 : 0) | 0x10;
  field.writeUInt32BE(Math.floor(ticks / 2), 1);
  field[5] = ((ticks % 2) << 7) | 0x7e;
  return field;
}

function pesHead(streamId: number, dataBytes: number, shownAt: number, decodedAt: number): Buffer {
  const stamps =
    shownAt === decodedAt
      ? stamp(STAMP.alone, shownAt)
      : Buffer.concat([stamp(STAMP.first, shownAt), stamp(STAMP.second, decodedAt)]);
  const length = PES_HEAD_BYTES + stamps.length + dataBytes;
  const head = Buffer.alloc(6 + PES_HEAD_BYTES);
  head.writeUInt32BE(0x0000_0100 | streamId, 0);
  // 0 says "not told", which is allowed for video alone.
  head.writeUInt16BE(length > LONGEST_PES ? 0 : length, 4);
  head.set([0x80, shownAt === decodedAt ? 0x80 : 0xc0, stamps.length], 6);
  return Buffer.concat([head, stamps]);
}

function stamp(kind: number, ticks: number): Buffer {
  const time = ticks % TIME_WRAP;
  const [high, middle, low] = [Math.floor(time / 2 ** 30), Math.floor(time / 2 ** 15) & 0x7fff, time & 0x7fff];
  const written = Buffer.from([kind | (high << 1) | 1, 0, 0, 0, 0]);
  written.writeUInt16BE(((middle << 1) | 1) & 0xffff, 1);
  written.writeUInt16BE(((low << 1) | 1) & 0xffff, 3);
  return written;
}

function patOf(): Buffer {
  return withChecksum(Buffer.from([0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | (PMT_PID >> 8), PMT_PID & 0xff]));
}

function pmtOf(streamType: number, soundType: number | null, version: number): Buffer {
  const pidOf = (pid: number): number[] => [0xe0 | (pid >> 8), pid & 0xff];
  const tracks = [streamType, ...pidOf(VIDEO_PID), 0xf0, 0];
  if (soundType !== null) tracks.push(soundType, ...pidOf(SOUND_PID), 0xf0, 0);
  const versionByte = 0xc0 | (version << 1) | 1;
  return withChecksum(
    Buffer.from([0x02, 0xb0, 13 + tracks.length, 0, 1, versionByte, 0, 0, ...pidOf(VIDEO_PID), 0xf0, 0, ...tracks]),
  );
}

/** CRC-32/MPEG-2 behind the section. */
function withChecksum(section: Buffer): Buffer {
  let crc = 0xffff_ffff;
  for (const byte of section) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc >>> 0);
  return Buffer.concat([section, checksum]);
}
