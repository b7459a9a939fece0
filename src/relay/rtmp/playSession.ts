import { decodeAmf, encodeAmf, type AmfArgument, type AmfValue } from './amf.js';
import { ChunkReader, userControl } from './chunkReader.js';
import { chunksOf } from './chunkWriter.js';
import { closing, NotRtmp, opening } from './handshake.js';
import { EVENT, MESSAGE, type RtmpMessage } from './messages.js';

/** The parts of `rtmp://host:port/<app>/<name>`; a query belongs to the name. */
export interface PlayTarget {
  readonly app: string;
  readonly name: string;
  /** The address without the name, its query and its login. */
  readonly tcUrl: string;
}

/** Why a server ended a play, or refused it. */
export type PlayEnd =
  | { readonly why: 'not-found' | 'refused' | 'failed' | 'ended'; readonly code: string; readonly description: string }
  /** `not-a-stream`: the server speaks another protocol than RTMP. */
  | { readonly why: 'protocol' | 'not-a-stream'; readonly description: string };

/** The result of received bytes. */
export interface PlayStep {
  /** Bytes to send to the server, in order. */
  readonly replies: readonly Buffer[];
  /** Sound and pictures as they came. */
  readonly media: readonly RtmpMessage[];
  /** The server has accepted the play; a picture may still never come. */
  readonly hasStarted: boolean;
  /** Set once; nothing follows. */
  readonly end: PlayEnd | null;
}

type Phase = 'handshake' | 'connecting' | 'creating-stream' | 'starting' | 'playing' | 'over';

const COMMANDS = 3;
const CONTROL = 2;
/** Servers with enhanced RTMP send H.265 only to players that name it in `connect` (Enhanced RTMP 1, 'connect'). */
const ENHANCED_CODECS = ['hvc1'];
const CONNECT = 1;
const CREATE_STREAM = 2;
/** Bytes are acknowledged this often where the server announces no window. */
const USUAL_WINDOW_BYTES = 2_500_000;
/** The buffer length that we announce, as players do; a few servers require one above 0. */
const BUFFER_MS = 1_000;
/** `start` of the play command: the live stream, else a recorded one (RTMP 1.0, section 7.2.2.1: -2; servers read -2000 so). */
const LIVE_FIRST = -2_000;

/**
 * The player's side of one RTMP connection, without a socket: bytes in, bytes and media out. Unknown messages and commands are ignored,
 * because servers send many that no player needs (`onBWDone`, `_checkbw`, `onFCSubscribe`).
 */
export class PlaySession {
  readonly #target: PlayTarget;
  readonly #saysEnhanced: boolean;
  readonly #reader = new ChunkReader();
  #phase: Phase = 'handshake';
  #isConnectOpen = false;
  #pending: Buffer = Buffer.alloc(0);
  #windowBytes = USUAL_WINDOW_BYTES;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;
  #replies: Buffer[] = [];
  #media: RtmpMessage[] = [];
  #end: PlayEnd | null = null;

  /** `saysEnhanced`: `connect` names the enhanced codecs that we take. */
  constructor(target: PlayTarget, saysEnhanced: boolean) {
    this.#target = target;
    this.#saysEnhanced = saysEnhanced;
  }

  /** True: we have sent `connect`, and the server has not accepted it. */
  get isConnectOpen(): boolean {
    return this.#isConnectOpen;
  }

  /** The first bytes to send. `random`: 1,528 bytes. */
  open(random: Buffer): Buffer {
    return opening(random);
  }

  receive(bytes: Buffer): PlayStep {
    try {
      this.#receive(bytes);
    } catch (thrown) {
      const why = thrown instanceof NotRtmp ? 'not-a-stream' : 'protocol';
      this.#over({ why, description: thrown instanceof Error ? thrown.message : 'unreadable bytes' });
    }
    const step = { replies: this.#replies, media: this.#media, hasStarted: this.#phase === 'playing', end: this.#end };
    this.#replies = [];
    this.#media = [];
    return step;
  }

  #receive(bytes: Buffer): void {
    if (this.#phase === 'over') return;
    let rest = bytes;
    if (this.#phase === 'handshake') {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      const done = closing(this.#pending);
      if (done === null) return;
      this.#pending = Buffer.alloc(0);
      this.#replies.push(done.c2);
      this.#phase = 'connecting';
      this.#connect();
      rest = done.rest;
    }
    this.#acknowledge(rest.length);
    for (const message of this.#reader.read(rest)) this.#take(message);
  }

  #take(message: RtmpMessage): void {
    if (this.#phase === 'over') return;
    const { type, body } = message;
    switch (type) {
      case MESSAGE.audio:
      case MESSAGE.video:
        // Some servers send pictures without ever reporting that the play has begun.
        if (this.#phase === 'starting' && body.length > 0) this.#phase = 'playing';
        if (this.#phase === 'playing') this.#media.push(message);
        return;
      case MESSAGE.windowSize:
        if (body.length >= 4) this.#windowBytes = Math.max(1, body.readUInt32BE());
        return;
      case MESSAGE.peerBandwidth:
        this.#send(CONTROL, { type: MESSAGE.windowSize, stream: 0, timestamp: 0, body: number32(USUAL_WINDOW_BYTES) });
        return;
      case MESSAGE.userControl:
        this.#onUserControl(body);
        return;
      case MESSAGE.command:
        this.#onCommand(decodeAmf(body));
        return;
      case MESSAGE.commandAmf3:
        // One byte, then the command in AMF0.
        this.#onCommand(decodeAmf(body.subarray(1)));
        return;
      default:
    }
  }

  #onUserControl(body: Buffer): void {
    const ping = userControl(body, EVENT.pingRequest);
    if (ping !== null) this.#sendControl(EVENT.pingResponse, number32(ping));
    if (userControl(body, EVENT.streamEnd) !== null && this.#phase === 'playing') {
      this.#over({ why: 'ended', code: 'StreamEOF', description: 'The server says that the stream has ended.' });
    }
  }

  #onCommand([name, transaction, first, second]: AmfValue[]): void {
    if (name === '_result' && transaction === CONNECT && this.#phase === 'connecting') this.#createStream();
    else if (name === '_result' && transaction === CREATE_STREAM && this.#phase === 'creating-stream') {
      this.#play(typeof second === 'number' ? second : 1);
    } else if (name === '_error' && (transaction === CONNECT || transaction === CREATE_STREAM)) {
      // Some servers put the reason where the command object belongs.
      this.#over({ why: 'refused', ...reasonIn(second ?? first, 'NetConnection.Connect.Rejected') });
    } else if (name === 'close') {
      this.#over({ why: 'ended', code: 'close', description: 'The server closed the connection.' });
    } else if (name === 'onStatus' || name === '_error') this.#onStatus(reasonIn(second ?? first, ''));
  }

  #onStatus(reason: { readonly code: string; readonly description: string }): void {
    const { code } = reason;
    if (code === 'NetStream.Play.Start' || code === 'NetStream.Play.Reset') {
      if (code === 'NetStream.Play.Start' && this.#phase === 'starting') this.#phase = 'playing';
      return;
    }
    if (/StreamNotFound$/.test(code)) this.#over({ why: 'not-found', ...reason });
    else if (/\.(?:Rejected|BadAuth|Denied|InvalidApp|Connect\.Failed)$/.test(code))
      this.#over({ why: 'refused', ...reason });
    else if (/\.(?:UnpublishNotify|Complete|Stop|Closed|AppShutdown|IdleTimeOut)$/.test(code))
      this.#over({ why: 'ended', ...reason });
    // `InsufficientBW` and unknown codes do not end the play: whether pictures come decides.
    else if (/\.Failed$/.test(code)) this.#over({ why: 'failed', ...reason });
  }

  #connect(): void {
    this.#isConnectOpen = true;
    const { app, tcUrl } = this.#target;
    const fields = {
      app,
      flashVer: 'LNX 9,0,124,2',
      tcUrl,
      fpad: false,
      capabilities: 15,
      audioCodecs: 4_071,
      videoCodecs: 252,
      videoFunction: 1,
      // The last field, so that a server which cannot read it has all the others.
      ...(this.#saysEnhanced && { fourCcList: ENHANCED_CODECS }),
    };
    this.#command(0, 'connect', CONNECT, fields);
  }

  #createStream(): void {
    this.#phase = 'creating-stream';
    this.#isConnectOpen = false;
    this.#send(CONTROL, { type: MESSAGE.windowSize, stream: 0, timestamp: 0, body: number32(USUAL_WINDOW_BYTES) });
    this.#command(0, 'createStream', CREATE_STREAM, null);
  }

  #play(stream: number): void {
    this.#phase = 'starting';
    this.#command(stream, 'play', 0, null, this.#target.name, LIVE_FIRST);
    this.#sendControl(EVENT.bufferLength, Buffer.concat([number32(stream), number32(BUFFER_MS)]));
  }

  #acknowledge(bytes: number): void {
    this.#receivedBytes += bytes;
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#windowBytes / 2) return;
    this.#acknowledgedBytes = this.#receivedBytes;
    // The counter has 32 bits and wraps.
    const body = number32(this.#receivedBytes % 2 ** 32);
    this.#send(CONTROL, { type: MESSAGE.acknowledgement, stream: 0, timestamp: 0, body });
  }

  #command(stream: number, ...values: readonly AmfArgument[]): void {
    this.#send(COMMANDS, { type: MESSAGE.command, stream, timestamp: 0, body: encodeAmf(...values) });
  }

  #sendControl(event: number, data: Buffer): void {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(event);
    const body = Buffer.concat([head, data]);
    this.#send(CONTROL, { type: MESSAGE.userControl, stream: 0, timestamp: 0, body });
  }

  #send(chunkStream: number, message: RtmpMessage): void {
    this.#replies.push(chunksOf(chunkStream, message));
  }

  #over(end: PlayEnd): void {
    this.#phase = 'over';
    this.#end ??= end;
  }
}

/** A server's code and description are cut at this length. */
const LONGEST_REASON = 300;

function reasonIn(value: AmfValue, otherwise: string): { readonly code: string; readonly description: string } {
  const record =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as { readonly [key: string]: AmfValue })
      : {};
  const { code, description } = record;
  return {
    code: typeof code === 'string' ? code.slice(0, LONGEST_REASON) : otherwise,
    description: typeof description === 'string' ? description.slice(0, LONGEST_REASON) : '',
  };
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
