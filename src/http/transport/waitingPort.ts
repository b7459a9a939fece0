import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../core/clock.js';
import { ERROR_CODES, type AppError } from '../../core/errors.js';
import { createListener, type Listener } from './listener.js';

export interface WaitingPortOptions {
  readonly clock: Clock;
  readonly version: string;
  readonly port: number;
  readonly host: string;
  readonly redact: (text: string) => string;
}

const NOT_OPEN = { code: 'STORE_UNREACHABLE', status: ERROR_CODES.STORE_UNREACHABLE } as const;

const RETRY_SECONDS = 5;

/**
 * Answers on camlease's port as long as the store has not answered once, so that a person who opens the page, and a program that
 * monitors the process, read what is missing instead of finding a closed port. `/health` is 200; everything else is the error
 * with its status, reason and cure.
 */
export class WaitingPort {
  readonly #options: WaitingPortOptions;
  #problem: AppError | null = null;
  #listener: Listener | null = null;
  #port: number | null = null;

  constructor(options: WaitingPortOptions) {
    this.#options = options;
  }

  /** The port listened on; null: waiting was not necessary. */
  get port(): number | null {
    return this.#port;
  }

  /** Sets why the store is not open yet. Listens from the first call on; throws PORT_IN_USE or CONFIG_INVALID. */
  async tell(problem: AppError): Promise<void> {
    this.#problem = problem;
    if (this.#listener) return;
    const { clock, port, host } = this.#options;
    this.#listener = createListener((request, response) => this.#answer(request, response), clock);
    ({ port: this.#port } = await this.#listener.listen(port, host));
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    this.#listener = null;
  }

  #answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const { version, redact } = this.#options;
    const [path] = url.split('?');
    response.setHeader('Cache-Control', 'no-store');
    if (path === '/health') {
      send(response, 200, { success: true, status: 'alive', version });
      return;
    }
    const { code, status } = this.#problem ?? NOT_OPEN;
    const message = redact(this.#problem?.message ?? 'The store is not open yet.');
    const cure = this.#problem?.cure === undefined ? undefined : redact(this.#problem.cure);
    response.setHeader('Retry-After', RETRY_SECONDS);
    if (path === '/' && headers.accept?.includes('text/html')) {
      response.writeHead(status, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      });
      response.end(page(message, cure));
      return;
    }
    const isAskedForParts = path === '/ready' && { ready: false, parts: { store: { ready: false, problem: message } } };
    const error = { code, message, ...(cure !== undefined && { cure }) };
    send(response, status, { success: false, message, ...isAskedForParts, error });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

function page(message: string, cure: string | undefined): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="${RETRY_SECONDS}">
<title>camlease is waiting</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 15vh auto; padding: 0 1rem">
<h1>camlease is waiting for its database</h1>
<p>${escaped(message)}</p>
${cure === undefined ? '' : `<p>${escaped(cure)}</p>`}
<p>camlease tries again by itself. MediaMTX keeps playing meanwhile.</p>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
