import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { Poller } from '../../core/async/poller.js';
import type { CompatDeps } from '../compatApp.js';
import { ControlSocket, UNKNOWN_STREAM } from './controlSocket.js';
import type { SharedVideo } from './sharedVideo.js';
import { findStream } from './streams.js';
import { sendVideo } from './videoSocket.js';

/** Of a message of a client, which is an action in JSON. */
const LARGEST_MESSAGE = 4 * 1024;
/** Two for each tile of a page, on some pages. */
const MOST_SOCKETS = 300;
/** Of one client, in each span between two pings. */
const MOST_MESSAGES = 200;
const PING_EVERY_MS = 30_000;
const BAD_REQUEST = 4000;
const TOO_MUCH = 1008;
const GOING_AWAY = 1001;

interface Open {
  answered: boolean;
  messages: number;
}

/** The WebSockets at `/ws/stream`. */
export class ViewerSockets {
  readonly #deps: CompatDeps;
  readonly #video: SharedVideo;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, perMessageDeflate: false });
  readonly #open = new Map<WebSocket, Open>();
  readonly #pings: Poller;

  constructor(deps: CompatDeps, video: SharedVideo) {
    this.#deps = deps;
    this.#video = video;
    this.#pings = new Poller(deps.clock, () => {
      this.#ping();
      return Promise.resolve(PING_EVERY_MS);
    });
    this.#pings.begin(PING_EVERY_MS);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
    if (path !== '/ws/stream' && path !== '/ws/stream/') refuse(socket, '404 Not Found');
    else if (this.#open.size >= MOST_SOCKETS) {
      this.#deps.log.warn('A viewer was turned away: too many WebSockets are open.', { most: MOST_SOCKETS });
      refuse(socket, '503 Service Unavailable');
    } else
      this.#server.handleUpgrade(request, socket, head, (opened) => this.#begin(opened, new URLSearchParams(query)));
  }

  async close(): Promise<void> {
    await this.#pings.stop();
    for (const socket of this.#open.keys()) {
      socket.close(GOING_AWAY, 'camlease stops.');
      socket.terminate();
    }
    this.#server.close();
  }

  #begin(socket: WebSocket, query: URLSearchParams): void {
    const open: Open = { answered: true, messages: 0 };
    this.#open.set(socket, open);
    socket.on('close', () => this.#open.delete(socket));
    // A client that breaks the protocol or sends too large a message: the library closes its socket.
    socket.on('error', () => undefined);
    socket.on('pong', () => (open.answered = true));
    const control = this.#connect(socket, query);
    socket.on('message', (data: Buffer) => {
      open.messages += 1;
      if (open.messages > MOST_MESSAGES) socket.close(TOO_MUCH, 'Too many messages.');
      else control?.take(data.toString('utf8'));
    });
  }

  /** null: the socket takes no messages. */
  #connect(socket: WebSocket, query: URLSearchParams): ControlSocket | null {
    const { cameras, clock } = this.#deps;
    const id = query.get('id');
    if (query.has('url') || id === null || id === '') {
      // The old system pulled any address that was given so.
      socket.close(
        BAD_REQUEST,
        query.has('url') ? 'Add the stream first; an address is not played.' : 'No id is given.',
      );
      return null;
    }
    const stream = findStream(cameras, id);
    const isControl = query.get('video_only') !== 'true';
    if (stream !== null && !isControl) sendVideo(clock, socket, stream, this.#video);
    if (stream !== null) return isControl ? new ControlSocket(this.#deps, socket, id, this.#video) : null;
    if (isControl)
      socket.send(JSON.stringify({ type: 'error', code: 'NOT_FOUND', message: 'There is no such stream.' }));
    socket.close(UNKNOWN_STREAM, 'Unknown stream');
    return null;
  }

  #ping(): void {
    for (const [socket, open] of this.#open) {
      if (!open.answered) {
        socket.terminate();
        continue;
      }
      open.answered = false;
      open.messages = 0;
      socket.ping();
    }
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
