import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { decodeAmf, encodeAmf, type AmfValue } from '../../../simulator/origin/amf0.js';
import { ChunkReader } from '../../../simulator/origin/chunkReader.js';

const HANDSHAKE_PART = 1_536;

/** One message as one chunk with a full header; the chunk size was raised before. */
export function oneChunk(type: number, timestamp: number, body: Buffer, chunkStream = 6, stream = 1): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(chunkStream, 0);
  header.writeUIntBE(timestamp, 1, 3);
  header.writeUIntBE(body.length, 4, 3);
  header.writeUInt8(type, 7);
  header.writeUInt32LE(stream, 8);
  return Buffer.concat([header, body]);
}

export function aCommand(...values: AmfValue[]): Buffer {
  return oneChunk(20, 0, encodeAmf(...values), 3, 0);
}

export function aStatus(code: string, description = ''): Buffer {
  return aCommand('onStatus', 0, null, { level: 'status', code, description });
}

const number32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

export interface OddServer {
  readonly port: number;
  /** Names of the commands that it got, and acknowledgements as `ack 123`. */
  readonly asked: string[];
  /** The enhanced codecs that each `connect` named. */
  readonly codecs: AmfValue[];
  readonly sockets: Set<Socket>;
  /** Connections so far. */
  readonly connections: number;
  /** Sends messages to each connected player. */
  send(...messages: readonly Buffer[]): void;
  stop(): Promise<void>;
}

export interface OddAnswers {
  /** Sent in place of S2; absent: C1, as the specification says. */
  readonly s2?: Buffer;
  readonly toConnect?: readonly Buffer[];
  /** The answer to a `connect` that names enhanced codecs. */
  readonly toEnhanced?: readonly Buffer[];
  readonly toPlay: readonly Buffer[];
  /** True: the server closes the connection after its answer to `play`. */
  readonly thenCloses?: boolean;
  /** The answer to `play` while another player is connected, in place of `toPlay`. */
  readonly toSecond?: readonly Buffer[];
}

/** A large chunk size, then success: what most servers answer to `connect`. */
export const WELCOME: readonly Buffer[] = [
  oneChunk(1, 0, number32(1_000_000), 2, 0),
  oneChunk(5, 0, number32(50_000), 2, 0),
  Buffer.concat([oneChunk(6, 0, Buffer.concat([number32(50_000), Buffer.from([2])]), 2, 0)]),
  aCommand('onBWDone', 0, null, 8_192),
  aCommand('_result', 1, {}, { level: 'status', code: 'NetConnection.Connect.Success' }),
];

/** Starts an RTMP server that answers exactly what a test says. */
export async function oddRtmpServer(answers: OddAnswers): Promise<OddServer> {
  const asked: string[] = [];
  const codecs: AmfValue[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    const { toSecond } = answers;
    converse(socket, toSecond && sockets.size > 0 ? { ...answers, toPlay: toSecond } : answers, asked, codecs);
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    asked,
    codecs,
    sockets,
    get connections() {
      return connections;
    },
    send(...messages) {
      for (const socket of sockets) for (const message of messages) socket.write(message);
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function converse(
  socket: Socket,
  { s2, toConnect = WELCOME, toEnhanced = toConnect, toPlay, thenCloses = false }: OddAnswers,
  asked: string[],
  codecs: AmfValue[],
): void {
  let pending = Buffer.alloc(0);
  let phase: 'c1' | 'c2' | 'open' = 'c1';
  const reader = new ChunkReader(1_000_000);
  socket.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    if (phase === 'c1' && pending.length >= 1 + HANDSHAKE_PART) {
      const c1 = pending.subarray(1, 1 + HANDSHAKE_PART);
      socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(HANDSHAKE_PART, 7), s2 ?? c1]));
      pending = pending.subarray(1 + HANDSHAKE_PART);
      phase = 'c2';
    }
    if (phase === 'c2' && pending.length >= HANDSHAKE_PART) {
      pending = pending.subarray(HANDSHAKE_PART);
      phase = 'open';
    }
    if (phase !== 'open') return;
    const ready = pending;
    pending = Buffer.alloc(0);
    for (const { type, body } of reader.read(ready)) {
      if (type === 3) asked.push(`ack ${body.readUInt32BE()}`);
      if (type === 4 && body.readUInt16BE() === 7) asked.push(`pong ${body.readUInt32BE(2)}`);
      if (type !== 20) continue;
      const [name, transaction, fields, stream] = decodeAmf(body);
      if (typeof name !== 'string') continue;
      asked.push(name === 'play' && typeof stream === 'string' ? `play ${stream}` : name);
      if (name === 'connect') {
        const said = codecsIn(fields);
        codecs.push(said);
        (said === undefined ? toConnect : toEnhanced).forEach((answer) => socket.write(answer));
      }
      if (name === 'createStream') socket.write(aCommand('_result', transaction ?? 2, null, 1));
      if (name !== 'play') continue;
      toPlay.forEach((answer) => socket.write(answer));
      if (thenCloses) socket.end();
    }
  });
}

function codecsIn(fields: AmfValue | undefined): AmfValue {
  return typeof fields === 'object' && fields !== null && 'fourCcList' in fields ? fields['fourCcList'] : undefined;
}
