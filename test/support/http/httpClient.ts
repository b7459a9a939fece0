import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';
import type { HttpDeps } from '../../../src/http/route/deps.js';
import { createHttpServer } from '../../../src/http/server.js';
import { expectContract } from './replyContract.js';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON; undefined: the body is not JSON. */
  readonly json: unknown;
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON; texts and bytes as they are. */
  readonly body?: unknown;
}

export interface TestClient {
  readonly port: number;
  /**
   * Sends the path byte for byte, which HTTP client libraries would normalize. Fails the test when a JSON reply is not what the
   * contract of its route says.
   */
  send(method: string, path: string, sent?: Sent): Promise<Reply>;
}

/** Starts the HTTP server on a free loopback port until the test ends. */
export async function serve(deps: HttpDeps): Promise<TestClient> {
  const server = createHttpServer(deps);
  const { port } = await server.listen(0, '127.0.0.1');
  onTestFinished(() => server.close());
  return {
    port,
    send: async (method, path, sent) => {
      const reply = await send(port, method, path, sent);
      if (reply.headers['content-type']?.startsWith('application/json') === true && reply.json !== undefined)
        expectContract(method, path, reply.status, reply.json);
      return reply;
    },
  };
}

export function send(port: number, method: string, path: string, { headers = {}, body }: Sent = {}): Promise<Reply> {
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const text = isRaw ? body : JSON.stringify(body);
  const type = !isRaw ? { 'content-type': 'application/json' } : {};
  const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      method,
      path,
      agent: false,
      headers: { ...type, ...length, ...headers },
    };
    const sent = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const whole = Buffer.concat(chunks);
        const reply = { status: response.statusCode ?? 0, headers: response.headers, body: whole };
        resolve({ ...reply, text: whole.toString('utf8'), json: parsed(whole.toString('utf8')) });
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

/** Opens a reply that does not end by itself; `close` ends it and returns what came. */
export function follow(port: number, path: string): Promise<{ readonly close: () => Reply }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined); // `close` cuts the reply
      const close = (): Reply => {
        sent.destroy();
        const body = Buffer.concat(chunks);
        const text = body.toString('utf8');
        return { status: response.statusCode ?? 0, headers: response.headers, body, text, json: undefined };
      };
      resolve({ close });
    });
    sent.on('error', reject);
    sent.end();
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
