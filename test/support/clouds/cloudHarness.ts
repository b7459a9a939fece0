import { createServer, type IncomingHttpHeaders } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import { onTestFinished } from 'vitest';
import type { TurnedClock } from '../../../simulator/clock/turnedClock.js';

/** An axios instance that holds a turned clock while a reply is on its way. */
export function axiosHolding(clock: TurnedClock): AxiosInstance {
  const http = axios.create();
  const holds = new WeakMap<object, () => void>();
  http.interceptors.request.use((config) => {
    holds.set(config, clock.hold());
    return config;
  });
  const release = (config: object | undefined): void => {
    if (config) holds.get(config)?.();
  };
  http.interceptors.response.use(
    (reply) => {
      release(reply.config);
      return reply;
    },
    (error: unknown) => {
      release(axios.isAxiosError(error) ? error.config : undefined);
      throw error;
    },
  );
  return http;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface FakeReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: object | string | Buffer;
}

export interface FakeCloud {
  readonly url: string;
  readonly requests: FakeRequest[];
}

/** Starts an HTTP server on a free port until the test ends; `answer` gives its replies. `hang`: no reply; `drop`: closes the socket. */
export async function startFakeCloud(
  answer: (request: FakeRequest, index: number) => FakeReply | 'hang' | 'drop',
  clock?: TurnedClock,
): Promise<FakeCloud> {
  const requests: FakeRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen: FakeRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      const reply = answer(seen, requests.push(seen) - 1);
      if (reply === 'hang') {
        const over = clock?.discount();
        response.once('close', () => over?.());
        return;
      }
      if (reply === 'drop') {
        response.destroy();
        return;
      }
      const { body = '' } = reply;
      response.sendDate = false;
      response.writeHead(reply.status ?? 200, { ...reply.headers });
      response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake cloud has no port');
  return { url: `http://127.0.0.1:${address.port}`, requests };
}
