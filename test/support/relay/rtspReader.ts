import { connect, type Socket } from 'node:net';
import { Happenings } from '../happenings.js';

export interface ReadPacket {
  readonly channel: number;
  readonly data: Buffer;
}

/** Pause between requests of `stayAlive`: MediaMTX ends the connection of a reader that sends nothing for 60 s. */
const STAY_ALIVE_MS = 20_000;

/** A small RTSP reader for tests, which separates answers from packets. It has no time limits. */
export class RtspReader {
  readonly socket: Socket;
  readonly packets: ReadPacket[] = [];
  isClosed = false;
  #cseq = 0;
  #session: string | null = null;
  #answers: string[] = [];
  #pending = Buffer.alloc(0);
  readonly #happenings = new Happenings();
  readonly #onPacket: (packet: ReadPacket) => void;

  /** `onPacket`: called with each packet; absent: packets are kept in `packets`. */
  constructor(port: number, onPacket?: (packet: ReadPacket) => void) {
    this.#onPacket = onPacket ?? ((packet) => this.packets.push(packet));
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.socket.on('data', (bytes: Buffer) => {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      while (this.#takeOne());
      this.#happenings.tell();
    });
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#happenings.tell();
    });
  }

  until(isSo: () => boolean): Promise<void> {
    return this.#happenings.until(isSo);
  }

  async ask(method: string, url: string, ...headers: readonly string[]): Promise<string> {
    this.#cseq += 1;
    const session = this.#session === null ? [] : [`Session: ${this.#session}`];
    const lines = [`${method} ${url} RTSP/1.0`, `CSeq: ${this.#cseq}`, ...session, ...headers, '', ''];
    this.socket.write(lines.join('\r\n'));
    await this.until(() => this.#answers.length > 0 || this.isClosed);
    return this.#answers.shift() ?? 'closed';
  }

  /** Sends requests regularly, for a test that plays for longer than a minute. */
  stayAlive(url: string, ...headers: readonly string[]): void {
    const timer = setInterval(() => void this.ask('OPTIONS', url, ...headers), STAY_ALIVE_MS);
    this.socket.once('close', () => clearInterval(timer));
  }

  #takeOne(): boolean {
    if (this.#pending[0] === 0x24) {
      if (this.#pending.length < 4) return false;
      const end = 4 + this.#pending.readUInt16BE(2);
      if (this.#pending.length < end) return false;
      this.#onPacket({ channel: this.#pending.readUInt8(1), data: this.#pending.subarray(4, end) });
      this.#pending = this.#pending.subarray(end);
      return true;
    }
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end === -1) return false;
    const head = this.#pending.toString('latin1', 0, end);
    this.#session ??= /^Session: *([^;\r]+)/im.exec(head)?.[1] ?? null;
    const whole = end + 4 + Number(/Content-Length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#pending.length < whole) return false;
    this.#answers.push(this.#pending.toString('latin1', 0, whole));
    this.#pending = this.#pending.subarray(whole);
    return true;
  }
}
