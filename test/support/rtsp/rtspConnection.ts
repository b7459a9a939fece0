import { connect, type Socket } from 'node:net';
import type { Clock } from '../../../src/core/clock.js';
import { answerTo, readChallenge, type Challenge, type RtspUser } from './rtspLogin.js';
import { RtspParser, type RtspReply } from './rtspParser.js';

const DEFAULT_PORT = 554;
const REPLY_MS = 5_000;
const CLOSED = 'The RTSP connection was closed.';

export interface RtspListener {
  /** Called with an interleaved packet, its four bytes of framing in front. The listener may keep its memory. */
  frame(frame: Buffer): void;
  /** Called once, when the connection has ended; not after `close`. */
  end(error: Error): void;
}

/** A client's connection to an RTSP server, with everything over TCP. Requests are sent one after the other. */
export class RtspConnection {
  /** The address for requests: without user and password. */
  readonly url: string;
  readonly #clock: Clock;
  readonly #socket: Socket;
  readonly #listener: RtspListener;
  readonly #user: RtspUser | null;
  /** How the server wants the password; null: it has not asked for one. */
  #challenge: Challenge | null = null;
  readonly #waiting: { resolve: (reply: RtspReply) => void; reject: (error: Error) => void }[] = [];
  #session: string | null = null;
  #sequence = 1;
  #ended = false;
  #isCorked = false;

  constructor(clock: Clock, address: string, listener: RtspListener) {
    const { url, user, host, port } = readAddress(address);
    this.url = url;
    this.#user = user;
    this.#clock = clock;
    this.#listener = listener;
    const parser = new RtspParser(
      (reply) => this.#waiting.shift()?.resolve(reply),
      (frame) => {
        if (!this.#ended) listener.frame(frame);
      },
    );
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk);
      } catch (error) {
        this.#end(new Error(CLOSED, { cause: error }));
      }
    });
    this.#socket.once('error', (error) => this.#end(error));
    this.#socket.once('close', () => this.#end(new Error(CLOSED)));
  }

  /** Rejects unless the answer is 200. */
  async request(
    method: string,
    url: string,
    headers: Readonly<Record<string, string>> = {},
    body = '',
  ): Promise<RtspReply> {
    let reply = await this.#ask(method, url, headers, body);
    // The password is not sent before the server asks for it, and never in clear to a server that accepts a digest.
    const challenge = reply.status === 401 && this.#user ? readChallenge(reply.challenges) : null;
    if (challenge) {
      this.#challenge = challenge;
      reply = await this.#ask(method, url, headers, body);
    }
    if (reply.status !== 200) throw new Error(`The RTSP server answered ${reply.status}.`);
    this.#session ??= reply.headers.get('session')?.split(';')[0] ?? null;
    return reply;
  }

  async #ask(method: string, url: string, headers: Readonly<Record<string, string>>, body: string): Promise<RtspReply> {
    if (this.#ended) throw new Error(CLOSED);
    const lines = [
      `${method} ${url} RTSP/1.0`,
      `CSeq: ${this.#sequence++}`,
      ...(this.#session === null ? [] : [`Session: ${this.#session}`]),
      ...(this.#challenge && this.#user
        ? [`Authorization: ${answerTo(this.#challenge, this.#user, method, url)}`]
        : []),
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ];
    const cancel = this.#clock.after(REPLY_MS, () => this.#end(new Error(CLOSED)));
    try {
      return await new Promise<RtspReply>((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
        this.#socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
      });
    } finally {
      cancel();
    }
  }

  /** Sends a request so that the server keeps the session; its answer is ignored. */
  keepAlive(): void {
    this.request('OPTIONS', this.url).catch(() => undefined);
  }

  /** Writes a packet; packets of one turn of the event loop are written together. */
  write(frame: Buffer): void {
    if (this.#ended) return;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      queueMicrotask(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(frame);
  }

  /** Bytes that wait because the server has not read them yet. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  close(): void {
    this.#finish(new Error(CLOSED));
  }

  #end(error: Error): void {
    if (this.#ended) return;
    this.#finish(error);
    this.#listener.end(error);
  }

  #finish(error: Error): void {
    this.#ended = true;
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function readAddress(address: string): { url: string; user: RtspUser | null; host: string; port: number } {
  const url = new URL(address);
  const user = { name: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  url.username = '';
  url.password = '';
  return {
    url: url.href,
    user: user.name === '' && user.pass === '' ? null : user,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
  };
}
