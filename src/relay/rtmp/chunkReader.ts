import { MESSAGE, type RtmpMessage, type UserControlEvent } from './messages.js';

const FIRST_CHUNK_SIZE = 128;
/** This time in the header means that the real time follows the header, in four bytes. */
const EXTENDED = 0xffffff;
/** Length of the message header in bytes, by the format of the chunk. */
const HEADER_BYTES = [11, 7, 3, 0] as const;
/** A key frame of a 4K camera has some 2 MB. */
const LONGEST_MESSAGE = 8 * 1024 * 1024;
/** A longer message gets this much memory at first, and more only as its bytes arrive. */
const FIRST_BODY_BYTES = 256 * 1024;
const CONTINUATION = 0xc0;
const MOST_CHUNK_STREAMS = 256;
/** Limit of memory for unfinished messages, over all chunk streams: senders interleave sound with one picture. */
const MOST_UNFINISHED_BYTES = 2 * LONGEST_MESSAGE;
/** A finished message's memory up to this size is kept for the next message. */
const MOST_SPARE_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** The state of one chunk stream: a header leaves out the fields that are as in the header before. */
class ChunkStream {
  timestamp = 0;
  delta = 0;
  /** The last extended time, of four bytes; null: the last time field was not extended. */
  extended: number | null = null;
  length = 0;
  type = 0;
  stream = 0;
  /** Memory for the message, of which the first `received` bytes are filled. */
  body: Buffer = NOTHING;
  received = 0;
  /** The one-byte header of a chunk that continues a message of this stream; null: that header is longer than one byte. */
  readonly goesOn: number | null;

  constructor(id: number) {
    this.goesOn = id < 64 ? CONTINUATION | id : null;
  }
}

export class RtmpProtocolError extends Error {
  override readonly name = 'RtmpProtocolError';
}

/**
 * Joins the chunks of a byte stream into messages (RTMP 1.0, section 5.3). Accepts what real senders do beside the specification: an
 * extended time that continuation chunks repeat or leave out, a new message before the last one ended, aggregate messages. A camera of
 * 2 Mbit/s sends 2,000 chunks a second: consecutive chunks are moved together in the received bytes, then copied in one go into memory
 * for the message, which later messages use again.
 */
export class ChunkReader {
  readonly #streams = new Map<number, ChunkStream>();
  /** The first bytes of a header that has not arrived completely. */
  #pending: Buffer = NOTHING;
  /** The chunk whose bytes are being received; null: a header is next. `#missing`: how many of its bytes have not arrived. */
  #chunk: ChunkStream | null = null;
  #missing = 0;
  #chunkSize = FIRST_CHUNK_SIZE;
  #unfinishedBytes = 0;
  /** Memory for the next message. */
  #spare: Buffer = NOTHING;
  /** The largest memory among the messages of the latest `read`. */
  #lent: Buffer = NOTHING;

  /**
   * The messages that end within these bytes; their bodies are valid until the next call. A new chunk size and an abort apply from the next
   * chunk on. Throws `RtmpProtocolError` when the bytes are not RTMP. Changes the content of `received`, and keeps no reference to it.
   */
  read(received: Buffer): RtmpMessage[] {
    if (this.#lent.length > this.#spare.length) this.#spare = this.#lent;
    this.#lent = NOTHING;
    const bytes = this.#pending.length === 0 ? received : Buffer.concat([this.#pending, received]);
    const messages: RtmpMessage[] = [];
    let at = 0;
    for (;;) {
      if (this.#chunk === null) {
        const headerBytes = this.#header(bytes, at);
        if (headerBytes === null) break;
        at += headerBytes;
      }
      const chunk = this.#chunk;
      if (chunk === null) break;
      at = this.#payload(chunk, bytes, at);
      if (this.#missing > 0) break;
      this.#chunk = null;
      if (chunk.received === chunk.length) this.#finish(chunk, messages);
    }
    this.#pending = at < bytes.length ? Buffer.from(bytes.subarray(at)) : NOTHING;
    return messages;
  }

  #finish(chunk: ChunkStream, messages: RtmpMessage[]): void {
    const { type, stream, timestamp } = chunk;
    const body = chunk.body.subarray(0, chunk.length);
    this.#letGo(chunk);
    if (type === MESSAGE.chunkSize) this.#resize(body);
    else if (type === MESSAGE.abort) this.#abort(body);
    else if (type === MESSAGE.aggregate)
      for (const part of partsOfAggregate({ type, stream, timestamp, body })) messages.push(part);
    else messages.push({ type, stream, timestamp, body });
  }

  #resize(body: Buffer): void {
    const size = body.length >= 4 ? body.readUInt32BE() & 0x7fffffff : 0;
    if (size < 1) throw new RtmpProtocolError('the chunk size is 0');
    this.#chunkSize = size;
  }

  #abort(body: Buffer): void {
    const state = body.length >= 4 ? this.#streams.get(body.readUInt32BE()) : undefined;
    if (state) this.#letGo(state);
  }

  /** Takes the chunk's bytes that have arrived, and those of chunks behind it that continue its message. Returns where they end. */
  #payload(chunk: ChunkStream, bytes: Buffer, start: number): number {
    let end = start + Math.min(this.#missing, bytes.length - start);
    this.#missing -= end - start;
    let at = end;
    if (this.#missing === 0 && chunk.goesOn !== null && chunk.extended === null) {
      let left = chunk.length - chunk.received - (end - start);
      while (left > 0 && bytes[at] === chunk.goesOn) {
        const next = at + 1 + Math.min(this.#chunkSize, left);
        if (next > bytes.length) break;
        bytes.copyWithin(end, at + 1, next);
        left -= next - at - 1;
        end += next - at - 1;
        at = next;
      }
    }
    this.#append(chunk, bytes, start, end);
    return at;
  }

  #append(chunk: ChunkStream, bytes: Buffer, start: number, end: number): void {
    const received = chunk.received + end - start;
    if (received > chunk.body.length) {
      const grown = this.#memoryFor(chunk, received);
      this.#unfinishedBytes += grown.length - chunk.body.length;
      if (this.#unfinishedBytes > MOST_UNFINISHED_BYTES)
        throw new RtmpProtocolError('too many messages are begun and not ended');
      chunk.body.copy(grown, 0, 0, chunk.received);
      chunk.body = grown;
    }
    bytes.copy(chunk.body, chunk.received, start, end);
    chunk.received = received;
  }

  #memoryFor({ length, body }: ChunkStream, leastBytes: number): Buffer {
    const spare = this.#spare;
    if (spare.length < length || spare.length === 0)
      return Buffer.allocUnsafeSlow(
        Math.max(leastBytes, Math.min(length, Math.max(FIRST_BODY_BYTES, body.length * 2))),
      );
    this.#spare = NOTHING;
    return spare;
  }

  /** Reads the header of the next chunk and returns its length; null: it has not arrived completely. */
  #header(bytes: Buffer, start: number): number | null {
    const basicBytes = basicHeaderBytes(bytes, start);
    if (basicBytes === null) return null;
    const format = bytes.readUInt8(start) >> 6;
    const id = chunkStreamId(bytes, start, basicBytes);
    let at = start + basicBytes;
    const headerBytes = HEADER_BYTES[format] ?? 0;
    if (bytes.length < at + headerBytes) return null;

    const known = this.#streams.get(id);
    if (!known && format !== 0) throw new RtmpProtocolError('a chunk stream begins without a full header');
    const field = format < 3 ? bytes.readUIntBE(at, 3) : null;
    const timeBytes = extendedBytes(bytes, at + headerBytes, field, known?.extended ?? null);
    if (timeBytes === null) return null;
    const state = known ?? this.#begin(id);
    if (format < 2) {
      state.length = bytes.readUIntBE(at + 3, 3);
      state.type = bytes.readUInt8(at + 6);
      if (state.length > LONGEST_MESSAGE) throw new RtmpProtocolError('a message is longer than 8 MB');
    }
    if (format === 0) state.stream = bytes.readUInt32LE(at + 7);
    at += headerBytes;
    // A header with a time field begins a message, also when the last message was left unfinished.
    if (field !== null) {
      this.#letGo(state);
      const value = timeBytes === 0 ? field : bytes.readUInt32BE(at);
      state.extended = timeBytes === 0 ? null : value;
      state.delta = value;
    }
    if (format === 0) state.timestamp = state.delta;
    // A continuation chunk that begins a message repeats the last time step (section 5.3.1.2.4).
    else if (state.received === 0) state.timestamp = (state.timestamp + state.delta) >>> 0;
    this.#chunk = state;
    this.#missing = Math.min(this.#chunkSize, state.length - state.received);
    return at + timeBytes - start;
  }

  /** Detaches the memory of a message that is finished or was left unfinished. */
  #letGo(state: ChunkStream): void {
    const { length } = state.body;
    this.#unfinishedBytes -= length;
    if (length > this.#lent.length && length <= MOST_SPARE_BYTES) this.#lent = state.body;
    state.body = NOTHING;
    state.received = 0;
  }

  #begin(id: number): ChunkStream {
    if (this.#streams.size >= MOST_CHUNK_STREAMS) throw new RtmpProtocolError('there are too many chunk streams');
    const state = new ChunkStream(id);
    this.#streams.set(id, state);
    return state;
  }
}

/** Length of the basic header, which holds the format and the chunk stream's id; null: more bytes are needed. */
function basicHeaderBytes(bytes: Buffer, at: number): number | null {
  const first = bytes[at];
  if (first === undefined) return null;
  const short = first & 0x3f;
  const count = short > 1 ? 1 : short + 2;
  return bytes.length < at + count ? null : count;
}

function chunkStreamId(bytes: Buffer, at: number, basicBytes: number): number {
  if (basicBytes === 1) return bytes.readUInt8(at) & 0x3f;
  return 64 + (basicBytes === 2 ? bytes.readUInt8(at + 1) : bytes.readUInt16LE(at + 1));
}

/**
 * How many extra bytes carry the time of a chunk: 0 or 4; null: more bytes are needed. With extended time most senders repeat the four
 * bytes in continuation chunks and some leave them out: four bytes equal to the last extended time count as the repetition.
 */
function extendedBytes(bytes: Buffer, at: number, field: number | null, extended: number | null): number | null {
  if (field === null ? extended === null : field !== EXTENDED) return 0;
  if (bytes.length < at + 4) return null;
  return field === null && bytes.readUInt32BE(at) !== extended ? 0 : 4;
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

/** The number in a user control message of this event; null: the message is of another event. */
export function userControl(body: Buffer, event: UserControlEvent): number | null {
  return body.length >= 6 && body.readUInt16BE() === event ? body.readUInt32BE(2) : null;
}
