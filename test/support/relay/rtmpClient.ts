import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { decodeAmf, type AmfValue } from '../../../simulator/origin/amf0.js';
import { ChunkReader, type InMessage } from '../../../simulator/origin/chunkReader.js';
import { writeMessage } from '../../../simulator/origin/chunkWriter.js';
import { MESSAGE, command, control } from '../../../simulator/origin/messages.js';

const HANDSHAKE_BYTES = 1 + 2 * 1536;

export interface ReceivedVideo {
  readonly timestamp: number;
  readonly isHeader: boolean;
  readonly isKey: boolean;
  readonly body: Buffer;
}

/** A small RTMP player for tests, which keeps the messages that it gets. */
export class RtmpClient {
  readonly videos: ReceivedVideo[] = [];
  /** Codes of `onStatus`, in the order they came. */
  readonly statuses: string[] = [];
  metadata: AmfValue = null;
  isClosed = false;
  readonly #socket: Socket;
  readonly #reader = new ChunkReader(1_000_000);
  readonly #listeners = new Set<() => void>();
  #handshakeBytes = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => this.#onBytes(bytes));
    socket.on('close', () => {
      this.isClosed = true;
      this.#changed();
    });
  }

  static async connect(port: number): Promise<RtmpClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new RtmpClient(socket);
    await once(socket, 'connect');
    socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536)]));
    await client.until(() => client.#handshakeBytes >= HANDSHAKE_BYTES);
    socket.write(Buffer.alloc(1536));
    return client;
  }

  /** Connects to the app and asks for the stream. */
  play(app: string, streamName: string): void {
    this.command(0, 'connect', 1, { app, tcUrl: `rtmp://127.0.0.1/${app}` });
    this.command(0, 'createStream', 2, null);
    this.command(1, 'play', 0, null, streamName);
  }

  command(stream: number, ...values: readonly AmfValue[]): void {
    writeMessage(this.#socket, control(MESSAGE.setChunkSize, 65_536));
    writeMessage(this.#socket, command(stream, ...values));
  }

  /** Raw bytes after the handshake. */
  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Resolves when `holds` is true, checked whenever a message came or the connection ended. */
  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
    });
  }

  untilFrames(count: number): Promise<void> {
    return this.until(() => this.videos.length >= count || this.isClosed);
  }

  #onBytes(bytes: Buffer): void {
    const left = HANDSHAKE_BYTES - this.#handshakeBytes;
    this.#handshakeBytes += Math.min(left, bytes.length);
    if (bytes.length > left) for (const message of this.#reader.read(bytes.subarray(left))) this.#onMessage(message);
    this.#changed();
  }

  #onMessage({ type, timestamp, body }: InMessage): void {
    if (type === MESSAGE.setChunkSize) this.#reader.setChunkSize(body.readUInt32BE());
    if (type === MESSAGE.data) this.metadata = decodeAmf(body)[1];
    if (type === MESSAGE.command) this.#onCommand(decodeAmf(body));
    if (type === MESSAGE.video) {
      const [kind, packet] = body;
      this.videos.push({ timestamp, isHeader: packet === 0, isKey: kind === 0x17, body });
    }
  }

  #onCommand([name, , , information]: AmfValue[]): void {
    if (name !== 'onStatus' || typeof information !== 'object' || information === null) return;
    const code: unknown = 'code' in information ? information['code'] : null;
    if (typeof code === 'string') this.statuses.push(code);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
