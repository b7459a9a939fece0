import type { Duplex } from 'node:stream';
import { RtspBytes, RtspBytesError, type RtspReply, type ServerRequest } from './rtspBytes.js';
import { brokenBy } from '../units/brokenConnection.js';
import { CLOSED, RtspFault, type RtspEnd } from './rtspEnd.js';

export interface DialAddress {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
}

/**
 * Opens a connection, encrypted for RTSPS. `receive` is called with the bytes that arrive and must not keep them: their memory is used again
 * after it returns.
 */
export type RtspDial = (address: DialAddress, receive: (bytes: Buffer) => void) => Duplex;

export interface RtspConnectionOptions {
  readonly address: DialAddress;
  readonly dial: RtspDial;
  /** The packet is valid until the receiver returns. */
  readonly onPacket: (channel: number, packet: Buffer) => void;
  readonly isKnown: (channel: number) => boolean;
  /** Called once, when the connection has ended; not after `close`. */
  readonly onEnd: (end: RtspEnd) => void;
}

interface Waiting {
  readonly cseq: number;
  readonly resolve: (reply: RtspReply) => void;
  readonly reject: (error: Error) => void;
}

/** Limit of what the camera has not read: a camera that asks and never reads would fill our memory. */
const MOST_UNREAD_BYTES = 256_000;
/** Requests of a camera to which an answer without content is true: it asks whether we are there. */
const HARMLESS: ReadonlySet<string> = new Set(['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER', 'ANNOUNCE']);

/** One connection to a camera: requests with their answers, and interleaved packets. */
export class RtspConnection {
  readonly #onEnd: (end: RtspEnd) => void;
  readonly #socket: Duplex;
  readonly #bytes: RtspBytes;
  #waiting: Waiting[] = [];
  #cseq = 0;
  #end: RtspEnd | null = null;
  #isClosed = false;
  #isHeard = false;

  constructor({ address, dial, onPacket, isKnown, onEnd }: RtspConnectionOptions) {
    this.#onEnd = onEnd;
    this.#bytes = new RtspBytes({
      isKnown,
      onPacket: (channel, packet) => {
        if (this.isOpen) onPacket(channel, packet);
      },
      onReply: (reply) => this.#take(reply),
      onRequest: (request) => this.#answer(request),
    });
    this.#socket = dial(address, (bytes) => this.#receive(bytes));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#over(brokenBy(error, this.#socket)));
    this.#socket.on('end', () => this.#over(CLOSED));
    this.#socket.on('close', () => this.#over(CLOSED));
  }

  get isOpen(): boolean {
    return this.#end === null && !this.#isClosed;
  }

  /** True: the camera has sent bytes. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** The address that was really connected to; null: not connected, or the connection is none of the network. */
  get remoteAddress(): string | null {
    const address: unknown = 'remoteAddress' in this.#socket ? this.#socket.remoteAddress : null;
    return typeof address === 'string' ? address : null;
  }

  /** Sends a request. `headers`: one character for each byte. Rejects with `RtspFault` when the connection ends before the answer. */
  request(method: string, url: string, headers: readonly string[]): Promise<RtspReply> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) {
        reject(new RtspFault(this.#end ?? CLOSED));
        return;
      }
      this.#cseq += 1;
      this.#waiting.push({ cseq: this.#cseq, resolve, reject });
      this.#write(
        [`${method} ${url} RTSP/1.0`, `CSeq: ${this.#cseq}`, 'User-Agent: camlease', ...headers, '', ''].join('\r\n'),
      );
    });
  }

  /** Sends a packet in the connection. */
  send(channel: number, packet: Buffer): void {
    const head = Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]);
    this.#write(Buffer.concat([head, packet]));
  }

  /** Closes the connection; nothing is called any more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    if (!this.isOpen) return;
    this.#isHeard = true;
    this.#socket.cork();
    try {
      this.#bytes.read(bytes);
    } catch (thrown) {
      if (!(thrown instanceof RtspBytesError)) throw thrown;
      this.#over({ why: thrown.isRtsp ? 'protocol' : 'not-a-stream', description: thrown.message });
    } finally {
      this.#socket.uncork();
    }
  }

  /** An answer belongs to the request of its number; one with a number of no request, to the oldest. */
  #take(reply: RtspReply): void {
    const at = this.#waiting.findIndex(({ cseq }) => cseq === reply.cseq);
    const [asked] = this.#waiting.splice(Math.max(0, at), 1);
    asked?.resolve(reply);
  }

  #answer({ method, cseq }: ServerRequest): void {
    if (method === 'TEARDOWN') {
      this.#over({ why: 'ended', code: 'TEARDOWN', description: 'The camera ended the session.' });
      return;
    }
    const status = HARMLESS.has(method) ? '200 OK' : '501 Not Implemented';
    this.#write(`RTSP/1.0 ${status}\r\nCSeq: ${cseq ?? 0}\r\n\r\n`);
  }

  #write(data: string | Buffer): void {
    if (!this.isOpen) return;
    if (this.#socket.writableLength > MOST_UNREAD_BYTES) {
      this.#over({ why: 'protocol', description: 'The camera sends requests but does not read the answers.' });
      return;
    }
    if (typeof data === 'string') this.#socket.write(data, 'latin1');
    else this.#socket.write(data);
  }

  #over(end: RtspEnd): void {
    if (!this.isOpen) return;
    this.#end = end;
    this.#socket.destroy();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(new RtspFault(end));
    this.#onEnd(end);
  }
}
