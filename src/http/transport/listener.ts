import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';

const CLOSE_GRACE_MS = 3_000;
/** Longer than an idle connection is kept and than any handler takes to answer; event streams send something every 15 s. */
const STALLED_MS = 75_000;
/**
 * The most unanswered requests of one connection. Browsers and HTTP libraries wait for an answer before they ask again; some
 * scripts send a handful at once.
 */
export const MOST_UNANSWERED = 32;

export interface Listener {
  /** Port 0 takes a free one. Throws PORT_IN_USE, or CONFIG_INVALID when the address or port cannot be used. */
  readonly listen: (port: number, host: string) => Promise<{ port: number }>;
  /** Takes no new requests, lets running ones end for a few seconds, then cuts them. */
  readonly close: () => Promise<void>;
}

/** Answers a request that leaves HTTP (a WebSocket); `head` holds the bytes that came after the request. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface ListenerOptions {
  /** A connection on which no byte moves for so long is cut. Default: 75 s. */
  readonly stalledMs?: number;
  /** Absent: requests to leave HTTP are answered as usual ones. */
  readonly upgrade?: UpgradeListener | undefined;
}

/**
 * The server's sockets: time limits, port, and end. A connection on which no byte moves for `stalledMs` is cut: its client has
 * stopped taking an answer, which would stay in memory. Thousands of small requests fit into one packet, and Node handles them
 * all before any other work: beyond `MOST_UNANSWERED` a connection gets an error and is closed.
 */
export function createListener(
  app: RequestListener,
  clock: Clock,
  { stalledMs = STALLED_MS, upgrade }: ListenerOptions = {},
): Listener {
  // These limits bound receiving, not answering: a client that sends slowly is cut, one that waits for a long pass is not.
  const server = createServer({ headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 });
  server.timeout = stalledMs;
  server.on('clientError', answerUnreadable);
  const sockets = trackSockets(server);
  if (upgrade) server.on('upgrade', upgrade);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const unanswered = sockets.unanswered(request.socket);
    if (unanswered <= MOST_UNANSWERED) app(request, response);
    else if (unanswered === MOST_UNANSWERED + 1) answerLast(request, response);
    // Requests after a connection's last answer are ignored.
  });
  return {
    listen: async (port, host) => {
      await listening(server, port, host);
      const address = server.address();
      return { port: typeof address === 'object' && address !== null ? address.port : port };
    },
    close: () => closed(server, sockets, clock),
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(error.code === 'EADDRINUSE' ? portInUse(port, error) : cannotListen(port, host, error));
    };
    server.once('error', onError).listen(port, host, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function portInUse(port: number, cause: Error): AppError {
  return new AppError('PORT_IN_USE', `Port ${port} is taken by another program.`, {
    cure: 'Stop that program, or set PORT to another number.',
    cause,
  });
}

interface Sockets {
  /** Ends every connection without a request in flight now, and each other one once its requests are answered. */
  drain(): void;
  /** Requests of this connection that have no answer yet; infinite once it is closed. */
  unanswered(socket: Socket): number;
}

/**
 * Node's own `closeIdleConnections` spares connections on which a browser has not asked anything yet; `drain` ends them too. Of
 * several requests on one connection, Node reports the connection's end only to the response whose turn it is: the others would
 * hold their resources for ever, so their `close` is emitted here.
 */
function trackSockets(server: Server): Sockets {
  const open = new Map<Socket, Set<ServerResponse>>();
  let draining = false;
  server.on('connection', (socket) => {
    open.set(socket, new Set());
    socket.once('close', () => {
      const left = open.get(socket) ?? [];
      open.delete(socket);
      // After Node's own listeners: Node reports the end to none of the responses that are still in the set then.
      process.nextTick(() => [...left].forEach((response) => response.emit('close')));
    });
  });
  server.on('request', ({ socket }, response) => {
    const unanswered = open.get(socket);
    if (unanswered === undefined) return;
    unanswered.add(response);
    response.once('close', () => {
      unanswered.delete(response);
      if (draining && unanswered.size === 0) socket.end();
    });
  });
  return {
    drain: () => {
      draining = true;
      for (const [socket, unanswered] of open) if (unanswered.size === 0) socket.destroy();
    },
    unanswered: (socket) => open.get(socket)?.size ?? Infinity,
  };
}

function closed(server: Server, sockets: Sockets, clock: Clock): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(CLOSE_GRACE_MS, () => {
      server.closeAllConnections();
    });
    server.close(() => {
      cancel();
      resolve();
    });
    sockets.drain();
  });
}

/** `Connection: close` makes Node end the connection once this answer is out; earlier requests are answered first. */
function answerLast({ socket }: IncomingMessage, response: ServerResponse): void {
  socket.pause();
  const message = `More than ${MOST_UNANSWERED} requests came on one connection without waiting for an answer.`;
  const error = { code: 'RATE_LIMITED', message, cure: 'Wait for answers before asking again.' };
  response.writeHead(429, {
    'Content-Type': 'application/json; charset=utf-8',
    Connection: 'close',
    'Retry-After': '1',
  });
  response.end(JSON.stringify({ success: false, message, error }));
}

/** A request that Node cannot read as HTTP never reaches Express; this gives it an error in the usual form. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const message = tooLarge ? 'The headers of this request are too large.' : 'This request is not readable as HTTP.';
  const body = JSON.stringify({ success: false, message, error: { code: 'REQUEST_INVALID', message } });
  socket.end(
    `HTTP/1.1 ${tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'}\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** The address is not this machine's, the name is unknown, or the port is not allowed. */
function cannotListen(port: number, host: string, cause: NodeJS.ErrnoException): AppError {
  return new AppError(
    'CONFIG_INVALID',
    `camlease cannot listen on ${host}, port ${port} (${cause.code ?? 'unknown fault'}).`,
    {
      cure: 'Set HOST to an address of this machine (127.0.0.1 for this machine alone), and PORT to one from 1024 up.',
      cause,
    },
  );
}
