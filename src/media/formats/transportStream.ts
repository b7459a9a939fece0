/**
 * An MPEG transport stream with one video track and no sound (ISO/IEC 13818-1): a programme of one elementary stream, whose tables come with
 * each key frame, so that a player can begin there.
 */
const PACKET_BYTES = 188;
const SYNC = 0x47;
const PAT_PID = 0x0000;
const PMT_PID = 0x1000;
const VIDEO_PID = 0x0100;
const VIDEO_STREAM_ID = 0xe0;
/** Of a PES packet behind its length field, with one time stamp. */
const PES_HEAD_BYTES = 8;
const LONGEST_PES = 0xffff;
/** How far the time stamps run before the clock of the stream, in ticks of 1/90000 s, so that no picture is late when it arrives. */
const CLOCK_LAG_TICKS = 9_000;
const TIME_WRAP = 2 ** 33;

/** Numbers of ISO/IEC 13818-1, table 2-34. */
export const STREAM_TYPE = { mpeg1Video: 0x01 } as const;

/** Writes pictures as whole transport packets of 188 bytes. */
export class TransportStream {
  readonly #streamType: number;
  readonly #counters = new Map<number, number>();

  constructor(streamType: number) {
    this.#streamType = streamType;
  }

  /** One coded picture as transport packets, the tables before a key frame. `ticks`: when it is shown, in 1/90000 s. */
  picture(data: Buffer, ticks: number, isKey: boolean): Buffer {
    const packets = isKey ? [this.#table(PAT_PID, patOf()), this.#table(PMT_PID, pmtOf(this.#streamType))] : [];
    let left = Buffer.concat([pesHead(data.length, ticks), data]);
    for (let isFirst = true; left.length > 0; isFirst = false) {
      const clock = isFirst ? clockField((ticks - CLOCK_LAG_TICKS + TIME_WRAP) % TIME_WRAP, isKey) : null;
      const { packet, taken } = this.#packet(VIDEO_PID, isFirst, clock, left);
      packets.push(packet);
      left = left.subarray(taken);
    }
    return Buffer.concat(packets);
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

function pesHead(dataBytes: number, ticks: number): Buffer {
  const length = PES_HEAD_BYTES + dataBytes;
  const head = Buffer.alloc(6 + PES_HEAD_BYTES);
  head.writeUInt32BE(0x0000_0100 | VIDEO_STREAM_ID, 0);
  // 0 says "not told", which is allowed for video alone.
  head.writeUInt16BE(length > LONGEST_PES ? 0 : length, 4);
  head.set([0x80, 0x80, 5], 6);
  const time = ticks % TIME_WRAP;
  const [high, middle, low] = [Math.floor(time / 2 ** 30), Math.floor(time / 2 ** 15) & 0x7fff, time & 0x7fff];
  head[9] = 0x20 | (high << 1) | 1;
  head.writeUInt16BE((middle << 1) | 1, 10);
  head.writeUInt16BE(((low << 1) | 1) & 0xffff, 12);
  return head;
}

function patOf(): Buffer {
  return withChecksum(Buffer.from([0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | (PMT_PID >> 8), PMT_PID & 0xff]));
}

function pmtOf(streamType: number): Buffer {
  const videoPid = [0xe0 | (VIDEO_PID >> 8), VIDEO_PID & 0xff];
  return withChecksum(
    Buffer.from([0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, ...videoPid, 0xf0, 0, streamType, ...videoPid, 0xf0, 0]),
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
