import { FRAME_HEAD_BYTES } from './rtpPacket.js';

const DOLLAR = 0x24;
const LARGEST_HEAD_BYTES = 64 * 1024;
const HEAD_END = '\r\n\r\n';

export interface RtspReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The values of all `WWW-Authenticate` headers. */
  readonly challenges: readonly string[];
  readonly body: string;
}

/** Splits the bytes of an RTSP server into replies and interleaved packets. Throws on bytes that are neither. */
export class RtspParser {
  readonly #onReply: (reply: RtspReply) => void;
  readonly #onFrame: (frame: Buffer) => void;
  #rest: Buffer | null = null;

  constructor(onReply: (reply: RtspReply) => void, onFrame: (frame: Buffer) => void) {
    this.#onReply = onReply;
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (at < bytes.length) {
      const taken = bytes[at] === DOLLAR ? this.#frame(bytes, at) : this.#reply(bytes, at);
      if (taken === 0) break;
      at += taken;
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : null;
  }

  /** Reads a packet and returns its length; 0: it has not arrived completely. */
  #frame(bytes: Buffer, at: number): number {
    if (bytes.length - at < FRAME_HEAD_BYTES) return 0;
    const length = FRAME_HEAD_BYTES + bytes.readUInt16BE(at + 2);
    if (bytes.length - at < length) return 0;
    this.#onFrame(bytes.subarray(at, at + length));
    return length;
  }

  #reply(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(HEAD_END, at);
    if (end < 0) {
      if (bytes.length - at > LARGEST_HEAD_BYTES) throw new Error('The RTSP reply has no end.');
      return 0;
    }
    const [first = '', ...lines] = bytes.toString('utf8', at, end).split('\r\n');
    const status = /^RTSP\/1\.\d (\d{3})/.exec(first)?.[1];
    const fields = lines.map((line): readonly [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    });
    const headers = new Map(fields);
    const bodyStart = end + HEAD_END.length;
    const bodyBytes = Number(headers.get('content-length') ?? 0);
    if (!(bodyBytes >= 0 && bodyBytes <= LARGEST_HEAD_BYTES)) throw new Error('The RTSP reply is too long.');
    if (bytes.length < bodyStart + bodyBytes) return 0;
    // A request from the server is skipped; no known server sends one.
    if (status !== undefined) {
      const body = bytes.toString('utf8', bodyStart, bodyStart + bodyBytes);
      const challenges = fields.flatMap(([name, value]) => (name === 'www-authenticate' ? [value] : []));
      this.#onReply({ status: Number(status), headers, challenges, body });
    } else if (!first.endsWith('RTSP/1.0')) {
      throw new Error('That is no RTSP.');
    }
    return bodyStart + bodyBytes - at;
  }
}
