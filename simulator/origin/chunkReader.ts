export interface InMessage {
  readonly type: number;
  readonly stream: number;
  readonly timestamp: number;
  readonly body: Buffer;
}

interface ChunkStream {
  timestamp: number;
  delta: number;
  isExtended: boolean;
  length: number;
  type: number;
  stream: number;
  /** The received parts of the unfinished message. */
  parts: Buffer[];
  received: number;
}

const DEFAULT_CHUNK_SIZE = 128;
const EXTENDED = 0xffffff;
/** Message header bytes by format. */
const HEADER_LENGTH = [11, 7, 3, 0] as const;

/** Joins the chunks of a byte stream into messages (RTMP 1.0, section 5.3). Throws on bytes that no RTMP client sends. */
export class ChunkReader {
  readonly #maxMessage: number;
  readonly #streams = new Map<number, ChunkStream>();
  #pending: Buffer = Buffer.alloc(0);
  #chunkSize = DEFAULT_CHUNK_SIZE;

  constructor(maxMessageBytes: number) {
    this.#maxMessage = maxMessageBytes;
  }

  setChunkSize(bytes: number): void {
    if (bytes < 1 || bytes > EXTENDED) throw new Error('The chunk size is out of bounds');
    this.#chunkSize = bytes;
  }

  /** Drops the unfinished message of a chunk stream. */
  abort(chunkStream: number): void {
    const state = this.#streams.get(chunkStream);
    if (state) Object.assign(state, { parts: [], received: 0 });
  }

  /** The messages that are complete with these bytes. A generator, so that the caller's new chunk size applies from the next chunk on. */
  *read(bytes: Buffer): Generator<InMessage> {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const chunk = this.#nextChunk();
      if (chunk === null) return;
      if (chunk.received < chunk.length) continue;
      const body = chunk.parts.length === 1 && chunk.parts[0] ? chunk.parts[0] : Buffer.concat(chunk.parts);
      chunk.parts = [];
      chunk.received = 0;
      yield { type: chunk.type, stream: chunk.stream, timestamp: chunk.timestamp, body };
    }
  }

  /** Takes one whole chunk off the pending bytes; null: none has arrived completely. */
  #nextChunk(): ChunkStream | null {
    const bytes = this.#pending;
    const first = bytes[0];
    if (first === undefined) return null;
    const format = first >> 6;
    const short = first & 0x3f;
    let at = short === 0 ? 2 : short === 1 ? 3 : 1;
    if (bytes.length < at) return null;
    const id = short === 0 ? 64 + bytes.readUInt8(1) : short === 1 ? 64 + bytes.readUInt16LE(1) : short;

    const headerLength = HEADER_LENGTH[format] ?? 0;
    if (bytes.length < at + headerLength) return null;
    const known = this.#streams.get(id);
    if (!known && format !== 0) throw new Error('A chunk stream begins without a full header');
    const state: ChunkStream = known ? { ...known } : emptyChunkStream();
    const isContinued = state.received > 0;
    const time = format < 3 ? bytes.readUIntBE(at, 3) : 0;
    if (format < 3) state.isExtended = time === EXTENDED;
    if (format < 2) {
      state.length = bytes.readUIntBE(at + 3, 3);
      state.type = bytes.readUInt8(at + 6);
    }
    if (format === 0) state.stream = bytes.readUInt32LE(at + 7);
    at += headerLength;
    if (state.isExtended && bytes.length < at + 4) return null;
    const stated = state.isExtended ? bytes.readUInt32BE(at) : time;
    if (state.isExtended) at += 4;
    if (state.length > this.#maxMessage) throw new Error('A message is too long');

    const size = Math.min(this.#chunkSize, state.length - state.received);
    if (bytes.length < at + size) return null;
    if (format === 0) state.delta = state.timestamp = stated;
    else if (format < 3) state.delta = stated;
    if (format !== 0 && !isContinued) state.timestamp = (state.timestamp + state.delta) >>> 0;
    if (size > 0) state.parts.push(bytes.subarray(at, at + size));
    state.received += size;
    this.#streams.set(id, state);
    this.#pending = bytes.subarray(at + size);
    return state;
  }
}

function emptyChunkStream(): ChunkStream {
  return { timestamp: 0, delta: 0, isExtended: false, length: 0, type: 0, stream: 0, parts: [], received: 0 };
}
