import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../src/core/clock.js';
import { messageOf } from '../../src/core/errors.js';

const LARGEST_BODY_BYTES = 1_000_000;

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
}

/** `HANG`: no answer, the socket stays open. `DROP`: the socket is closed without an answer. */
export type HttpAnswer = HttpReply | 'HANG' | 'DROP';

export interface HttpServerOptions {
  /** The clock of the Date header. */
  readonly clock: Clock;
  /** 0 or absent: any free port. */
  readonly port?: number;
  readonly answer: (request: HttpRequest) => HttpAnswer;
  /** Called when a request is left without an answer; the returned function is called when its socket has closed. */
  readonly onHang?: () => () => void;
}

export interface RunningServer {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts an HTTP server on 127.0.0.1. Rejects with a sentence when the port is in use. */
export async function startHttpServer(options: HttpServerOptions): Promise<RunningServer> {
  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => answerWith(options, request, response, body))
      .catch((thrown: unknown) => fail(response, thrown));
  });
  const wanted = options.port ?? 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`Port ${wanted} is in use; choose another one.`) : error);
    });
    server.listen(wanted, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : wanted;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerWith(
  options: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const answer = options.answer({
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
  });
  if (answer === 'HANG') {
    const over = options.onHang?.();
    response.once('close', () => over?.());
    return;
  }
  if (answer === 'DROP') {
    response.destroy();
    return;
  }
  response.sendDate = false;
  response.writeHead(answer.status, {
    'Content-Type': answer.contentType,
    'Content-Length': Buffer.byteLength(answer.body),
    Date: options.clock.now().toUTCString(),
  });
  response.end(answer.body);
}

/** Answers 500 for a body that is too large, an invalid address, or an error of the simulator itself. */
function fail(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`The simulator failed: ${messageOf(thrown)}.`);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > LARGEST_BODY_BYTES) throw new Error('body too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
