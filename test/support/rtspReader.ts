import { connect, type Socket } from 'node:net';

export interface ReadPacket {
  readonly channel: number;
  readonly data: Buffer;
}

/** A small RTSP reader for tests, which keeps answers and packets apart. */
export class RtspReader {
  readonly socket: Socket;
  readonly packets: ReadPacket[] = [];
  isClosed = false;
  #cseq = 0;
  #answers: string[] = [];
  #pending = Buffer.alloc(0);
  #wake = new Set<() => void>();

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.socket.on('data', (bytes: Buffer) => {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      while (this.#takeOne());
      this.#changed();
    });
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#changed();
    });
  }

  async until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        this.#wake.delete(look);
        resolve();
      };
      this.#wake.add(look);
    });
  }

  async ask(method: string, url: string, ...headers: readonly string[]): Promise<string> {
    this.#cseq += 1;
    this.socket.write([`${method} ${url} RTSP/1.0`, `CSeq: ${this.#cseq}`, ...headers, '', ''].join('\r\n'));
    await this.until(() => this.#answers.length > 0 || this.isClosed);
    return this.#answers.shift() ?? 'closed';
  }

  #takeOne(): boolean {
    if (this.#pending[0] === 0x24) {
      if (this.#pending.length < 4) return false;
      const end = 4 + this.#pending.readUInt16BE(2);
      if (this.#pending.length < end) return false;
      this.packets.push({ channel: this.#pending.readUInt8(1), data: this.#pending.subarray(4, end) });
      this.#pending = this.#pending.subarray(end);
      return true;
    }
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end === -1) return false;
    const head = this.#pending.toString('latin1', 0, end);
    const whole = end + 4 + Number(/Content-Length: (\d+)/.exec(head)?.[1] ?? 0);
    if (this.#pending.length < whole) return false;
    this.#answers.push(this.#pending.toString('latin1', 0, whole));
    this.#pending = this.#pending.subarray(whole);
    return true;
  }

  #changed(): void {
    for (const look of this.#wake) look();
  }
}
