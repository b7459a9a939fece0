import type { Socket } from 'node:net';
import { messageOf } from '../../src/core/errors.js';
import { decodeAmf, type AmfValue } from './amf0.js';
import { ChunkReader, type InMessage } from './chunkReader.js';
import { OUT_CHUNK_SIZE, writeMessage, type OutMessage } from './chunkWriter.js';
import { Handshake } from './handshake.js';
import { MESSAGE, command, control, status, streamBegin } from './messages.js';
import { Play, type PlayDeps } from './play.js';

/** No client sends a longer message. */
const MAX_MESSAGE_BYTES = 65_536;
const WINDOW_BYTES = 2_500_000;
const DYNAMIC_LIMIT = 2;
/** Longest time from the connection to the first play. */
const SILENCE_LIMIT_MS = 15_000;
/** The number of the only message stream that a connection gets; real clients ask for no second one. */
const STREAM = 1;

/** One connection: handshake, commands, and at most one play at a time. */
export class Session {
  readonly #socket: Socket;
  readonly #deps: PlayDeps;
  readonly #reader = new ChunkReader(MAX_MESSAGE_BYTES);
  readonly #cancelSilence: () => void;
  #handshake: Handshake | null = new Handshake();
  #app: string | null = null;
  #play: Play | null = null;
  #peerWindowBytes = Number.POSITIVE_INFINITY;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;

  constructor(socket: Socket, deps: PlayDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#cancelSilence = deps.mediaClock.after(SILENCE_LIMIT_MS, () => socket.destroy());
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#onBytes(bytes));
    socket.on('error', () => undefined); // a close follows
    socket.on('close', () => {
      this.#cancelSilence();
      this.#endPlay();
    });
  }

  /** The stream name that plays right now. */
  get playing(): string | null {
    return this.#play?.streamName ?? null;
  }

  cut(): void {
    this.#socket.destroy();
  }

  #onBytes(bytes: Buffer): void {
    try {
      let rest: Buffer | null = bytes;
      if (this.#handshake) {
        const step = this.#handshake.take(bytes);
        if (step.reply) this.#socket.write(step.reply);
        rest = step.rest;
        if (rest) this.#handshake = null;
      }
      this.#acknowledge(bytes.length);
      if (rest) for (const message of this.#reader.read(rest)) this.#onMessage(message);
    } catch {
      this.#socket.destroy(); // the client does not speak RTMP, so no answer would help it
    }
  }

  #acknowledge(bytes: number): void {
    this.#receivedBytes += bytes;
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#peerWindowBytes) return;
    this.#acknowledgedBytes = this.#receivedBytes;
    this.#send(control(MESSAGE.acknowledgement, this.#receivedBytes >>> 0));
  }

  #onMessage({ type, body }: InMessage): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (type === MESSAGE.setChunkSize) this.#reader.setChunkSize(body.readUInt32BE());
    else if (type === MESSAGE.abort) this.#reader.abort(body.readUInt32BE());
    else if (type === MESSAGE.windowSize) this.#peerWindowBytes = body.readUInt32BE();
    else if (type === MESSAGE.command) this.#onCommand(decodeAmf(body));
    // In the AMF3 form a command is one byte followed by AMF0.
    else if (type === MESSAGE.commandAmf3) this.#onCommand(decodeAmf(body.subarray(1)));
  }

  #onCommand([name, transaction, first, second]: AmfValue[]): void {
    const id = typeof transaction === 'number' ? transaction : 0;
    switch (typeof name === 'string' ? name : '') {
      case 'connect':
        this.#onConnect(id, first);
        break;
      case 'createStream':
        this.#send(command(0, '_result', id, null, STREAM));
        break;
      case 'FCSubscribe':
        this.#send(command(0, 'onFCSubscribe', 0, null, { level: 'status', code: 'NetStream.Play.Start' }));
        break;
      case 'getStreamLength':
        this.#send(command(0, '_result', id, null, 0)); // live
        break;
      case 'play':
        this.#onPlay(typeof second === 'string' ? second : '');
        break;
      case 'pause':
        this.#onPause(second === true);
        break;
      case 'closeStream':
      case 'deleteStream':
        this.#endPlay();
        break;
      case 'publish':
        this.#refuse('NetStream.Publish.Denied', 'This server only plays.');
        break;
      default: // releaseStream, _checkbw and the like: the client only waits for an answer
        if (id > 0) this.#send(command(0, '_result', id, null, null));
    }
  }

  #onConnect(id: number, parameters: AmfValue): void {
    const isRecord = typeof parameters === 'object' && parameters !== null;
    const app = isRecord && 'app' in parameters ? parameters['app'] : undefined;
    this.#app = typeof app === 'string' ? app : '';
    this.#send(control(MESSAGE.windowSize, WINDOW_BYTES));
    this.#send(control(MESSAGE.peerBandwidth, WINDOW_BYTES, DYNAMIC_LIMIT));
    this.#send(control(MESSAGE.setChunkSize, OUT_CHUNK_SIZE));
    const server = { fmsVer: 'FMS/3,0,1,123', capabilities: 31 };
    const code = 'NetConnection.Connect.Success';
    this.#send(
      command(0, '_result', id, server, { level: 'status', code, description: 'Connected.', objectEncoding: 0 }),
    );
  }

  #onPlay(streamName: string): void {
    this.#endPlay();
    if (this.#app === null) throw new Error('A play came before connect');
    if (streamName === '') {
      this.#refuse('NetStream.Play.StreamNotFound', 'The stream name is empty.');
      return;
    }
    const verdict = this.#deps.lookup(this.#app, streamName);
    if (verdict.play === 'refuse') {
      this.#refuse('NetStream.Play.StreamNotFound', verdict.reason ?? 'No such stream.');
      return;
    }
    this.#cancelSilence();
    const play = new Play({ socket: this.#socket, stream: STREAM, streamName, verdict, deps: this.#deps });
    this.#play = play;
    play.begin().then(
      () => {
        if (this.#play === play) this.#announce(play);
      },
      (error: unknown) => {
        this.#deps.onProblem?.(messageOf(error));
        if (this.#play === play) this.#refuse('NetStream.Play.Failed', messageOf(error));
      },
    );
  }

  #announce(play: Play): void {
    this.#send(streamBegin(STREAM));
    this.#send(status(STREAM, 'NetStream.Play.Start', 'Playing.'));
    play.feed();
  }

  #onPause(isPaused: boolean): void {
    if (!this.#play) return;
    this.#play.pause(isPaused);
    this.#send(status(STREAM, isPaused ? 'NetStream.Pause.Notify' : 'NetStream.Unpause.Notify', 'As you wish.'));
  }

  #endPlay(): void {
    this.#play?.end();
    this.#play = null;
  }

  #refuse(code: Parameters<typeof status>[1], description: string): void {
    this.#endPlay();
    this.#send(status(STREAM, code, description));
    this.#socket.destroySoon();
  }

  #send(message: OutMessage): void {
    if (this.#socket.writable) writeMessage(this.#socket, message);
  }
}
