import { MESSAGE, type RtmpMessage, type UserControlEvent } from './messages.js';

const FIRST_CHUNK_SIZE = 128;
/** Three bytes of ones: the time stands in four bytes of its own behind the header. */
const EXTENDED = 0xffffff;
/** Bytes of the message header by the chunk's format. */
const HEADER_BYTES = [11, 7, 3, 0] as const;
/** A key frame of a 4K camera has some 2 MB. */
const LONGEST_MESSAGE = 8 * 1024 * 1024;
const MOST_CHUNK_STREAMS = 256;

/** What is remembered of one chunk stream: headers leave out what did not change. */
interface ChunkStream {
  timestamp: number;
  delta: number;
  /** The last time field as sent, in four bytes when it was extended; null: it was not. */
  extended: number | null;
  length: number;
  type: number;
  stream: number;
  parts: Buffer[];
  received: number;
}

export class RtmpProtocolError extends Error {
  override readonly name = 'RtmpProtocolError';
}

/**
 * Puts the chunks of a byte stream together to messages (RTMP 1.0, section 5.3). Takes what real senders do beside the book: an extended
 * time that continuation chunks repeat or leave out, a new message before the last one ended, aggregate messages.
 */
export class ChunkReader {
  readonly #streams = new Map<number, ChunkStream>();
  #pending: Buffer = Buffer.alloc(0);
  #chunkSize = FIRST_CHUNK_SIZE;

  /**
   * The messages that end within these bytes. A new chunk size and an abort are obeyed before the next chunk is read. Throws
   * `RtmpProtocolError` when this is no RTMP.
   */
  read(bytes: Buffer): RtmpMessage[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const messages: RtmpMessage[] = [];
    for (let chunk = this.#nextChunk(); chunk !== null; chunk = this.#nextChunk()) {
      if (chunk.received < chunk.length) continue;
      const body = chunk.parts.length === 1 && chunk.parts[0] ? chunk.parts[0] : Buffer.concat(chunk.parts);
      chunk.parts = [];
      chunk.received = 0;
      const { type, stream, timestamp } = chunk;
      if (type === MESSAGE.chunkSize) this.#resize(body);
      else if (type === MESSAGE.abort) this.#abort(body);
      else if (type === MESSAGE.aggregate) messages.push(...partsOfAggregate({ type, stream, timestamp, body }));
      else messages.push({ type, stream, timestamp, body });
    }
    return messages;
  }

  #resize(body: Buffer): void {
    const size = body.length >= 4 ? body.readUInt32BE() & 0x7fffffff : 0;
    if (size < 1) throw new RtmpProtocolError('the chunk size is 0');
    this.#chunkSize = size;
  }

  #abort(body: Buffer): void {
    const state = body.length >= 4 ? this.#streams.get(body.readUInt32BE()) : undefined;
    if (!state) return;
    state.parts = [];
    state.received = 0;
  }

  /** Takes one whole chunk off the pending bytes; null when there is none yet. */
  #nextChunk(): ChunkStream | null {
    const bytes = this.#pending;
    const basic = basicHeader(bytes);
    if (basic === null) return null;
    const { format, id } = basic;
    let at = basic.bytes;
    const headerBytes = HEADER_BYTES[format] ?? 0;
    if (bytes.length < at + headerBytes) return null;

    const known = this.#streams.get(id);
    if (!known && format !== 0) throw new RtmpProtocolError('a chunk stream begins without a full header');
    const state: ChunkStream = known ? { ...known } : emptyChunkStream();
    const field = format < 3 ? bytes.readUIntBE(at, 3) : null;
    if (format < 2) {
      state.length = bytes.readUIntBE(at + 3, 3);
      state.type = bytes.readUInt8(at + 6);
      if (state.length > LONGEST_MESSAGE) throw new RtmpProtocolError('a message is longer than 8 MB');
    }
    if (format === 0) state.stream = bytes.readUInt32LE(at + 7);
    at += headerBytes;
    // A full or partly full header begins a message, also when the last one was left unfinished.
    if (field !== null && state.received > 0) {
      state.parts = [];
      state.received = 0;
    }

    const time = timeField(bytes, at, field, state);
    if (time === null) return null;
    at += time.bytes;
    const size = Math.min(this.#chunkSize, state.length - state.received);
    if (bytes.length < at + size) return null;

    if (field !== null) state.extended = field === EXTENDED ? time.value : null;
    if (format === 0) state.timestamp = state.delta = time.value;
    else {
      if (field !== null) state.delta = time.value;
      // A continuation chunk that begins a message counts the former step again (section 5.3.1.2.4).
      if (state.received === 0) state.timestamp = (state.timestamp + state.delta) >>> 0;
    }
    if (size > 0) state.parts.push(bytes.subarray(at, at + size));
    state.received += size;
    if (!known && this.#streams.size >= MOST_CHUNK_STREAMS)
      throw new RtmpProtocolError('there are too many chunk streams');
    this.#streams.set(id, state);
    this.#pending = bytes.subarray(at + size);
    return state;
  }
}

function basicHeader(bytes: Buffer): { readonly format: number; readonly id: number; readonly bytes: number } | null {
  const first = bytes[0];
  if (first === undefined) return null;
  const format = first >> 6;
  const short = first & 0x3f;
  if (short > 1) return { format, id: short, bytes: 1 };
  const long = short + 2;
  if (bytes.length < long) return null;
  return { format, id: 64 + (short === 0 ? bytes.readUInt8(1) : bytes.readUInt16LE(1)), bytes: long };
}

/**
 * The time of a chunk and how many extra bytes carry it. A continuation chunk of a stream with extended time repeats the four bytes with
 * most senders and leaves them out with some: four bytes equal to the last ones are taken for the repetition. null: more bytes are needed.
 */
function timeField(
  bytes: Buffer,
  at: number,
  field: number | null,
  { extended }: ChunkStream,
): { readonly value: number; readonly bytes: number } | null {
  if (field !== null && field !== EXTENDED) return { value: field, bytes: 0 };
  if (field === null && extended === null) return { value: 0, bytes: 0 };
  if (bytes.length < at + 4) return null;
  const value = bytes.readUInt32BE(at);
  if (field === null && value !== extended) return { value: extended ?? 0, bytes: 0 };
  return { value, bytes: 4 };
}

function emptyChunkStream(): ChunkStream {
  return { timestamp: 0, delta: 0, extended: null, length: 0, type: 0, stream: 0, parts: [], received: 0 };
}

/** Bytes of the header in front of each part of an aggregate, and of the length behind it. */
const PART_HEADER = 11;
const PART_TRAILER = 4;

/** An aggregate holds messages with times of their own, of which only the distance to the first one counts (section 7.1.6). */
function partsOfAggregate({ stream, timestamp, body }: RtmpMessage): RtmpMessage[] {
  const parts: RtmpMessage[] = [];
  let first: number | null = null;
  for (let at = 0; at + PART_HEADER <= body.length;) {
    const length = body.readUIntBE(at + 1, 3);
    const time = (body.readUIntBE(at + 4, 3) | (body.readUInt8(at + 7) << 24)) >>> 0;
    const start = at + PART_HEADER;
    if (start + length > body.length) break;
    first ??= time;
    const shifted = (timestamp + time - first) >>> 0;
    parts.push({ type: body.readUInt8(at), stream, timestamp: shifted, body: body.subarray(start, start + length) });
    at = start + length + PART_TRAILER;
  }
  return parts;
}

/** The number that a user control message of this event carries; null: it is of another event. */
export function userControl(body: Buffer, event: UserControlEvent): number | null {
  return body.length >= 6 && body.readUInt16BE() === event ? body.readUInt32BE(2) : null;
}
