/** One loop of pictures as an RTMP origin sends them: not decodable, but NAL units of real sizes, cut into chunks once for all cameras. */

export const FRAMES_PER_SECOND = 15;
export const FRAMES_PER_GROUP = 30;
/** A key frame is so many times as large as another picture. */
const KEY_TIMES = 4;
const VIDEO_CHUNK_STREAM = 6;
const VIDEO_MESSAGE = 9;
const MARK_BYTES = 10;
/** FLV's header of five bytes, the length of the NAL unit (four), and its first byte. */
const HEAD_BYTES = 10;

/** The decoder's configuration as an FLV tag body: baseline, 640x360. */
export function configuration(): Buffer {
  const sps = Buffer.from('6742c01ed900a047fec8', 'hex');
  const pps = Buffer.from('68cb83cb20', 'hex');
  const sized = (unit: Buffer): Buffer => Buffer.concat([Buffer.from([unit.length >> 8, unit.length & 255]), unit]);
  const record = Buffer.from([1, ...sps.subarray(1, 4), 0xff, 0xe1]);
  return Buffer.concat([Buffer.from([0x17, 0, 0, 0, 0]), record, sized(sps), Buffer.from([1]), sized(pps)]);
}

/** Marks a picture with the number of its pull and its own number, in bytes that cannot form a start code. */
export function markOf(pull: number, picture: number): Buffer {
  const mark = Buffer.alloc(MARK_BYTES);
  for (let at = 0; at < MARK_BYTES / 2; at++) {
    mark[at] = 0x80 | ((pull >> (7 * (MARK_BYTES / 2 - 1 - at))) & 0x7f);
    mark[at + MARK_BYTES / 2] = 0x80 | ((picture >> (7 * (MARK_BYTES / 2 - 1 - at))) & 0x7f);
  }
  return mark;
}

/** Reads the mark at the start of `bytes`; null: there is none. */
export function readMark(bytes: Buffer): { readonly pull: number; readonly picture: number } | null {
  if (bytes.length < MARK_BYTES) return null;
  let [pull, picture] = [0, 0];
  for (let at = 0; at < MARK_BYTES / 2; at++) {
    const [one = 0, other = 0] = [bytes[at], bytes[at + MARK_BYTES / 2]];
    if ((one & other & 0x80) === 0) return null;
    pull = (pull << 7) | (one & 0x7f);
    picture = (picture << 7) | (other & 0x7f);
  }
  return { pull, picture };
}

/** One picture of the loop; only its time stamp and its mark differ from camera to camera. */
export class LoadPicture {
  readonly #bodyBytes: number;
  readonly #head: Buffer;
  /** The bytes behind the mark, already cut into chunks. */
  readonly #rest: Buffer;

  constructor(isKey: boolean, bodyBytes: number, chunkBytes: number) {
    this.#bodyBytes = bodyBytes;
    const nalBytes = bodyBytes - HEAD_BYTES + 1;
    this.#head = Buffer.from([isKey ? 0x17 : 0x27, 1, 0, 0, 0, 0, 0, 0, 0, isKey ? 0x65 : 0x41]);
    this.#head.writeUInt32BE(nalBytes, 5);
    const filling = Buffer.alloc(bodyBytes - HEAD_BYTES - MARK_BYTES, 0xa5);
    const first = chunkBytes - HEAD_BYTES - MARK_BYTES;
    const parts = [filling.subarray(0, first)];
    for (let at = first; at < filling.length; at += chunkBytes)
      parts.push(Buffer.from([0xc0 | VIDEO_CHUNK_STREAM]), filling.subarray(at, at + chunkBytes));
    this.#rest = Buffer.concat(parts);
  }

  /** The two buffers to write for this picture. `timeMs` must stay below 4.6 hours, the limit of a time without extension. */
  message(timeMs: number, pull: number, picture: number): readonly [Buffer, Buffer] {
    const header = Buffer.alloc(12);
    header[0] = VIDEO_CHUNK_STREAM;
    header.writeUIntBE(timeMs, 1, 3);
    header.writeUIntBE(this.#bodyBytes, 4, 3);
    header[7] = VIDEO_MESSAGE;
    header.writeUInt32LE(1, 8);
    return [Buffer.concat([header, this.#head, markOf(pull, picture)]), this.#rest];
  }
}

/** A group of pictures that comes to so many kbit/s. */
export function loadGroup(kbitPerSecond: number, chunkBytes: number): readonly LoadPicture[] {
  const groupBytes = (kbitPerSecond * 125 * FRAMES_PER_GROUP) / FRAMES_PER_SECOND;
  const plain = Math.round(groupBytes / (FRAMES_PER_GROUP - 1 + KEY_TIMES));
  return Array.from(
    { length: FRAMES_PER_GROUP },
    (_, at) => new LoadPicture(at === 0, at === 0 ? plain * KEY_TIMES : plain, chunkBytes),
  );
}
