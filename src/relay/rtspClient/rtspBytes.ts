/** An answer of a server (RFC 2326, section 7). */
export interface RtspReply {
  readonly status: number;
  /** null: the answer names no number. */
  readonly cseq: number | null;
  /** All values by name; names are in lower case, and each character is one byte. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** One character for each byte. */
  readonly body: string;
}

/** A request of the server to us. */
export interface ServerRequest {
  readonly method: string;
  readonly cseq: number | null;
}

export interface RtspHandlers {
  readonly onReply: (reply: RtspReply) => void;
  readonly onRequest: (request: ServerRequest) => void;
  /** One interleaved packet, without the four bytes in front of it; valid until the handler returns. */
  readonly onPacket: (channel: number, packet: Buffer) => void;
  /** Whether packets are expected on a channel. */
  readonly isKnown: (channel: number) => boolean;
}

/** The server sends what no RTSP server sends. `isRtsp`: it has sent RTSP before. */
export class RtspBytesError extends Error {
  override readonly name = 'RtspBytesError';
  readonly isRtsp: boolean;

  constructor(message: string, isRtsp: boolean) {
    super(message);
    this.isRtsp = isRtsp;
  }
}

const DOLLAR = 0x24;
const WHITE: ReadonlySet<number> = new Set([0x00, 0x09, 0x0a, 0x0d, 0x20]);
const FRAME_HEAD = 4;
/** Cameras send some hundred bytes. */
const LONGEST_HEAD = 16_384;
/** The session description of a camera has some hundred bytes, of a large device with many tracks some thousand. */
const LONGEST_BODY = 131_072;
/** Some servers leave the end of a former session in the connection; more than this is no RTSP. */
const MOST_STRAY = 262_144;
const LONGEST_METHOD = 20;
const START = Buffer.from('RTSP/');

/**
 * Separates answers, requests and interleaved packets in the bytes of a server. Bytes between them that are none of the three are passed over,
 * up to a limit, once the server has sent RTSP.
 */
export class RtspBytes {
  readonly #handlers: RtspHandlers;
  #chunks: Buffer[] = [];
  #have = 0;
  /** No piece can be complete before there are this many bytes. */
  #need = 1;
  #isHeard = false;
  /** The bytes before were no piece of RTSP, so a `$` may be one of them too. */
  #isLost = false;
  #stray = 0;

  constructor(handlers: RtspHandlers) {
    this.#handlers = handlers;
  }

  /** Takes bytes, which are not kept; handlers are called before it returns. Throws `RtspBytesError`. */
  read(bytes: Buffer): void {
    this.#have += bytes.length;
    if (this.#have < this.#need) {
      this.#chunks.push(Buffer.from(bytes));
      return;
    }
    const data = this.#chunks.length === 0 ? bytes : Buffer.concat([...this.#chunks, bytes]);
    this.#need = 1;
    let at = 0;
    while (at < data.length) {
      const taken = this.#piece(data, at);
      if (taken === 0) break;
      at += taken;
    }
    this.#have = data.length - at;
    this.#chunks = this.#have === 0 ? [] : [Buffer.from(data.subarray(at))];
  }

  /** Reads one piece and returns its length; 0: more bytes are needed. */
  #piece(data: Buffer, at: number): number {
    const first = data[at] ?? 0;
    if (first === DOLLAR) return this.#packet(data, at);
    if (startsLike(data, at)) return this.#message(data, at, true);
    // Behind stray bytes only what cannot be mistaken counts: a request or an empty line looks too much like a part of them.
    if (this.#isLost) return this.#passOver(data, at);
    if (WHITE.has(first)) return 1;
    const isRequest = this.#isHeard ? requestAt(data, at) : false;
    if (isRequest === null) return this.#more(data, at, data.length - at + 1);
    return isRequest ? this.#message(data, at, false) : this.#passOver(data, at);
  }

  #more(data: Buffer, at: number, need: number): 0 {
    this.#need = Math.max(need, data.length - at + 1);
    return 0;
  }

  #packet(data: Buffer, at: number): number {
    const available = data.length - at;
    if (available <= FRAME_HEAD) return this.#more(data, at, FRAME_HEAD + 1);
    const channel = data[at + 1] ?? 0;
    const end = FRAME_HEAD + data.readUInt16BE(at + 2);
    const isLikely = this.#handlers.isKnown(channel) && (data[at + FRAME_HEAD] ?? 0) >> 6 === 2;
    if (this.#isLost && !isLikely) return this.#passOver(data, at);
    if (available < end) return this.#more(data, at, end);
    this.#found();
    this.#handlers.onPacket(channel, data.subarray(at + FRAME_HEAD, at + end));
    return end;
  }

  #message(data: Buffer, at: number, isReply: boolean): number {
    const head = headAt(data, at);
    if (head === null) {
      if (data.length - at > LONGEST_HEAD) throw new RtspBytesError('an answer is too long', this.#isHeard);
      return this.#more(data, at, 0);
    }
    const [line = '', ...lines] = head.text.split('\n');
    const headers = headersOf(lines);
    const status = /^RTSP\/\d\.\d\s+(\d{3})/.exec(line)?.[1];
    const method = /^([A-Z_]+)\s.*\sRTSP\/\d/.exec(line)?.[1];
    if (isReply ? status === undefined : method === undefined) return this.#passOver(data, at);
    const length = bodyLength(headers);
    if (length > LONGEST_BODY) throw new RtspBytesError('the body of an answer is too long', this.#isHeard);
    const end = head.end + length;
    if (data.length < end) return this.#more(data, at, end - at);
    this.#isHeard = true;
    this.#found();
    const cseq = numberIn(headers.get('cseq')?.[0]);
    if (status === undefined) this.#handlers.onRequest({ method: method ?? '', cseq });
    else
      this.#handlers.onReply({ status: Number(status), cseq, headers, body: data.toString('latin1', head.end, end) });
    return end - at;
  }

  #found(): void {
    this.#isLost = false;
    this.#stray = 0;
  }

  /** Goes to the next byte that can begin a piece. */
  #passOver(data: Buffer, at: number): number {
    if (!this.#isHeard) throw new RtspBytesError('this is no RTSP', false);
    this.#isLost = true;
    const dollar = data.indexOf(DOLLAR, at + 1);
    const start = data.indexOf(START[0] ?? 0, at + 1);
    const next = Math.min(dollar === -1 ? data.length : dollar, start === -1 ? data.length : start);
    this.#stray += next - at;
    if (this.#stray > MOST_STRAY) throw new RtspBytesError('too many bytes that are no RTSP', true);
    return next - at;
  }
}

/** Whether an answer begins here, as far as there are bytes. */
function startsLike(data: Buffer, at: number): boolean {
  const there = Math.min(START.length, data.length - at);
  return data.compare(START, 0, there, at, at + there) === 0;
}

/** Whether a request begins here; null: there are too few bytes to tell. */
function requestAt(data: Buffer, at: number): boolean | null {
  const text = data.toString('latin1', at, at + LONGEST_METHOD);
  const [, word = '', after] = /^([A-Z_]*)(.?)/s.exec(text) ?? [];
  if (after === '' && text.length < LONGEST_METHOD) return null;
  return word.length > 2 && after === ' ';
}

/** The lines up to the empty one; some cameras end lines with a line feed alone. null: the empty line has not come. */
function headAt(data: Buffer, at: number): { readonly text: string; readonly end: number } | null {
  const window = data.subarray(at, at + LONGEST_HEAD);
  const [usual, short] = [window.indexOf('\r\n\r\n'), window.indexOf('\n\n')];
  if (usual === -1 && short === -1) return null;
  const isShort = usual === -1 || (short !== -1 && short < usual);
  const length = isShort ? short : usual;
  return { text: window.toString('latin1', 0, length).replaceAll('\r', ''), end: at + length + (isShort ? 2 : 4) };
}

function headersOf(lines: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return headers;
}

function bodyLength(headers: ReadonlyMap<string, readonly string[]>): number {
  return numberIn(headers.get('content-length')?.[0]) ?? 0;
}

function numberIn(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}/.test(text) ? Number.parseInt(text, 10) : null;
}
