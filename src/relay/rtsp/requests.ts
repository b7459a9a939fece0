/** One RTSP request of a reader (RFC 2326, section 6). */
export interface RtspRequest {
  readonly method: string;
  readonly url: string;
  /** Values by name; names are in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Readers send some hundred bytes; a longer head could only be an attack. */
const LONGEST_HEAD = 16_384;
const INTERLEAVED = 0x24;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

export class RtspRequestError extends Error {
  override readonly name = 'RtspRequestError';
}

/** Reads requests from a reader's bytes. Interleaved frames (receiver reports) and bodies are skipped. */
export class RequestParser {
  #pending: Buffer = Buffer.alloc(0);
  #skip = 0;

  /** Returns the requests that are complete. Throws `RtspRequestError` when the bytes are not RTSP. */
  read(bytes: Buffer): RtspRequest[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const requests: RtspRequest[] = [];
    while (this.#passOver()) {
      const end = this.#pending.indexOf('\r\n\r\n');
      if ((end === -1 ? this.#pending.length : end) > LONGEST_HEAD) throw new RtspRequestError('a request is too long');
      if (end === -1) break;
      const request = requestOf(this.#pending.toString('latin1', 0, end));
      this.#pending = this.#pending.subarray(end + 4);
      this.#skip = bodyLength(request);
      requests.push(request);
    }
    return requests;
  }

  /** Drops bytes that belong to no request; false: more bytes are needed. */
  #passOver(): boolean {
    for (;;) {
      const dropped = Math.min(this.#skip, this.#pending.length);
      this.#pending = this.#pending.subarray(dropped);
      this.#skip -= dropped;
      if (this.#skip > 0 || this.#pending.length === 0) return false;
      // Some players end a body with a line break that its length does not count.
      if (this.#pending[0] === CARRIAGE_RETURN || this.#pending[0] === LINE_FEED) {
        this.#skip = 1;
        continue;
      }
      if (this.#pending[0] !== INTERLEAVED) return true;
      if (this.#pending.length < 4) return false;
      this.#skip = 4 + this.#pending.readUInt16BE(2);
    }
  }
}

function bodyLength({ headers }: RtspRequest): number {
  const text = headers.get('content-length') ?? '0';
  if (!/^\d{1,6}$/.test(text) || Number(text) > LONGEST_HEAD) throw new RtspRequestError('a body is too long');
  return Number(text);
}

function requestOf(head: string): RtspRequest {
  const [first = '', ...lines] = head.split('\r\n');
  const [method, url, version] = first.split(' ');
  if (method === undefined || url === undefined || version !== 'RTSP/1.0')
    throw new RtspRequestError('this is no RTSP');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method, url, headers };
}

/** An answer as text for the socket. `cseq`: the request's; anything but a number becomes 0. */
export function answer(
  status: number,
  reason: string,
  cseq: string | undefined,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const all = {
    CSeq: cseq !== undefined && /^\d{1,10}$/.test(cseq) ? cseq : '0',
    ...headers,
    ...(body !== '' && { 'Content-Length': String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`RTSP/1.0 ${status} ${reason}`, ...lines, '', body].join('\r\n');
}
