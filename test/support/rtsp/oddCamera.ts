import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Happenings } from '../happenings.js';

export interface OddRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Which connection to the camera this is: 1, 2, 3 … */
  readonly connection: number;
  readonly socket: Socket;
}

export interface OddAnswer {
  readonly status: number;
  /** Whole lines. */
  readonly headers: readonly string[];
  readonly body?: string;
  /** Bytes in front of the answer, and behind it. */
  readonly before?: Buffer | string;
  readonly after?: Buffer | string;
  /** True: the camera closes the connection behind the answer. */
  readonly closes?: boolean;
}

/** What the camera does in place of the usual. null: it does not answer. */
export type Manner = (request: OddRequest, usual: OddAnswer) => OddAnswer | Buffer | string | null;

export interface OddCameraOptions {
  /** By method; `*`: each request, before the others. undefined of a manner: the usual answer. */
  readonly manners?: Readonly<Record<string, Manner | undefined>>;
  readonly sdp?: string;
  /** Sent behind the answer to PLAY. Absent: one key frame and one other picture on channel 0. */
  readonly packets?: readonly Buffer[];
  /** Makes it an RTSPS camera. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly host?: string;
}

export interface OddCamera {
  readonly port: number;
  readonly requests: readonly OddRequest[];
  readonly sockets: ReadonlySet<Socket>;
  /** Connections so far. */
  readonly connections: number;
  /** What it got inside connections: channel and packet. */
  readonly received: readonly { readonly channel: number; readonly packet: Buffer }[];
  /** Names of the methods that it was asked, in order. */
  methods(): string[];
  send(...bytes: readonly Buffer[]): void;
  until(isSo: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export const SPS = Buffer.from('6742c01e95a0', 'hex');
export const PPS = Buffer.from('68ce3c80', 'hex');
const SETS = `${SPS.toString('base64')},${PPS.toString('base64')}`;

export const PICTURE_SDP = [
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  `a=fmtp:96 packetization-mode=1; sprop-parameter-sets=${SETS}`,
  'a=control:trackID=0',
];
export const SOUND_SDP = ['m=audio 0 RTP/AVP 8', 'a=control:trackID=1'];
export const sdpOf = (...lines: readonly string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=camera', 't=0 0', 'a=control:*', ...lines, ''].join('\r\n');

/** An RTP packet. `unit`: its payload. */
export function rtp(sequence: number, time: number, unit: Buffer, { type = 96, marker = true } = {}): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt8(0x80, 0);
  head.writeUInt8(type | (marker ? 0x80 : 0), 1);
  head.writeUInt16BE(sequence & 0xffff, 2);
  head.writeUInt32BE(time >>> 0, 4);
  head.writeUInt32BE(0x0dd, 8);
  return Buffer.concat([head, unit]);
}

export function onChannel(channel: number, packet: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]), packet]);
}

export const KEY = Buffer.from('6588aa', 'hex');
export const DELTA = Buffer.from('419abb', 'hex');
/** A key frame and two pictures, in one packet each; the last one shows only that the one before it is complete. */
export const PICTURES = [rtp(1, 90_000, KEY), rtp(2, 93_600, DELTA), rtp(3, 97_200, DELTA)];

/** Starts an RTSP camera that plays one picture as it should, but for its manners. */
export async function oddCamera(options: OddCameraOptions = {}): Promise<OddCamera> {
  const { tls, host = '127.0.0.1' } = options;
  const requests: OddRequest[] = [];
  const received: OddCamera['received'][number][] = [];
  const sockets = new Set<Socket>();
  const happenings = new Happenings();
  let connections = 0;
  const welcome = (socket: Socket): void => {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let pending = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      for (;;) {
        if (pending[0] === 0x24 && pending.length >= 4) {
          const end = 4 + pending.readUInt16BE(2);
          if (pending.length < end) break;
          received.push({ channel: pending.readUInt8(1), packet: Buffer.from(pending.subarray(4, end)) });
          pending = pending.subarray(end);
          continue;
        }
        const end = pending.indexOf('\r\n\r\n');
        if (end === -1) break;
        const request = requestOf(pending.toString('latin1', 0, end), connection, socket);
        pending = pending.subarray(end + 4);
        requests.push(request);
        reply(request, options);
      }
      happenings.tell();
    });
  };
  const server: Server = tls ? createTlsServer(tls, welcome) : createServer(welcome);
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    ...{ requests, sockets, received },
    get connections() {
      return connections;
    },
    methods: () => requests.map(({ method }) => method),
    send(...bytes) {
      for (const socket of sockets) for (const one of bytes) socket.write(one);
    },
    until: (isSo) => happenings.until(isSo),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function requestOf(head: string, connection: number, socket: Socket): OddRequest {
  const [first = '', ...lines] = head.split('\r\n');
  const [method = '', url = ''] = first.split(' ');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { method, url, headers, connection, socket };
}

function reply(request: OddRequest, options: OddCameraOptions): void {
  const { manners = {} } = options;
  const usual = usualAnswer(request, options);
  const manner = manners[request.method] ?? manners['*'];
  const answer = manner ? manner(request, usual) : usual;
  if (answer === null) return;
  const { socket } = request;
  if (typeof answer === 'string' || Buffer.isBuffer(answer)) {
    socket.write(answer, 'latin1');
    return;
  }
  const { status, headers, body = '', before = '', after = '', closes = false } = answer;
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body, 'latin1')}`];
  const cseq = headers.some((line) => /^cseq:/i.test(line)) ? [] : [`CSeq: ${request.headers.get('cseq') ?? ''}`];
  const text = [`RTSP/1.0 ${status} Odd`, ...cseq, ...headers, ...length, '', body].join('\r\n');
  socket.write(Buffer.concat([bytesOf(before), Buffer.from(text, 'latin1'), bytesOf(after)]));
  if (closes) socket.end();
}

const bytesOf = (data: Buffer | string): Buffer => (typeof data === 'string' ? Buffer.from(data, 'latin1') : data);

function usualAnswer({ method, url, headers }: OddRequest, options: OddCameraOptions): OddAnswer {
  const { sdp = sdpOf(...PICTURE_SDP), packets = PICTURES.map((packet) => onChannel(0, packet)) } = options;
  switch (method) {
    case 'OPTIONS':
      return { status: 200, headers: ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER'] };
    case 'DESCRIBE':
      return { status: 200, headers: [`Content-Base: ${url}/`, 'Content-Type: application/sdp'], body: sdp };
    case 'SETUP':
      return {
        status: 200,
        headers: ['Session: 12345;timeout=60', `Transport: ${headers.get('transport') ?? ''};ssrc=DD`],
      };
    case 'PLAY':
      return { status: 200, headers: ['Session: 12345'], after: Buffer.concat(packets) };
    default:
      return { status: 200, headers: [] };
  }
}
