import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { z } from 'zod';
import { AppError } from '../../core/errors.js';
import { isOpened } from '../../core/streams/opening.js';
import { isSecret } from '../rtsp/login.js';
import { openSchema, type Outcome } from '../wire/opening.js';
import { cameraIdSchema, orphanReportSchema, stopSchema, tellSchema, type Refusal } from '../wire/wire.js';
import { RelayRefusal, refusals } from './refusal.js';
import { portError, portOf, type RelayParent } from './relayParent.js';

/** Enough for 10,000 cameras, each with a lease and a candidate, whose URLs are the longest that vendors give. */
const MOST_BYTES = 48_000_000;
const MOST_SLATE_BYTES = 4_000_000;
/** States of 10,000 cameras. */
const MOST_REPORT_BYTES = 4_000_000;
/** Among them sixteen openings of each of several replicas. */
const MOST_CONNECTIONS = 128;
const REQUEST_MS = 30_000;
/** Longer than the pause between two status requests of camlease, so that they share a connection. */
const KEPT_MS = 15_000;

export interface ControlOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Called once the answer to `POST /stop` was sent; ends the process. */
  readonly onStop: (readers: 'end' | 'keep') => void;
}

interface Answer {
  readonly status: number;
  readonly body: object;
  /** Called once the answer was sent. */
  readonly after?: () => void;
}

/** The HTTP port through which camlease sets the cameras that the relay pulls: JSON bodies, the secret as bearer token in each request. */
export class RelayControl {
  readonly #parent: RelayParent;
  readonly #options: ControlOptions;
  readonly #server: Server;

  private constructor(parent: RelayParent, options: ControlOptions) {
    this.#parent = parent;
    this.#options = options;
    this.#server = createServer({ requestTimeout: REQUEST_MS, keepAliveTimeout: KEPT_MS }, (request, response) => {
      void this.#handle(request, response);
    });
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** Throws `PORT_IN_USE`. */
  static async start(parent: RelayParent, options: ControlOptions): Promise<RelayControl> {
    const control = new RelayControl(parent, options);
    control.#server.listen(options.port, options.host);
    try {
      await once(control.#server, 'listening');
    } catch (cause) {
      throw portError(options.port, cause);
    }
    return control;
  }

  get port(): number {
    return portOf(this.#server);
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => undefined); // the client has closed the connection
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const answer = await this.#answerTo(request, gone.signal).catch(refusalOf);
    if (response.destroyed) return;
    const text = JSON.stringify(answer.body);
    // A refused request is not read to its end: the connection is closed after the answer.
    const isUnread = !request.complete;
    response.writeHead(answer.status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
      'Cache-Control': 'no-store',
      ...(isUnread && { Connection: 'close' }),
    });
    response.end(text, () => {
      if (isUnread) request.destroy();
      answer.after?.();
    });
  }

  /** `signal` is aborted when the client has closed the connection. */
  async #answerTo(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const { pathname } = new URL(request.url ?? '/', 'http://relay');
    const { secret, orphanSecret } = this.#parent;
    if (!isBearer(request.headers.authorization, pathname === '/orphans' ? orphanSecret : secret))
      throw refusals.secret();
    const slate = /^\/slates\/([^/]+)$/.exec(pathname)?.[1];
    switch (`${request.method ?? ''} ${slate === undefined ? pathname : '/slates/<id>'}`) {
      case 'GET /status':
        return ok(this.#parent.status());
      case 'GET /states':
        return ok(Object.fromEntries(await this.#parent.states()));
      case 'POST /cameras':
        return ok(await this.#change(request));
      case 'POST /open': {
        const { target, again } = parsed(openSchema, await jsonOf(request));
        return ok(inBase64(await this.#parent.open(target, again, signal)));
      }
      case 'PUT /slates/<id>':
        this.#parent.keepSlate(parsed(cameraIdSchema, decoded(slate)), await bodyOf(request, MOST_SLATE_BYTES));
        return ok({});
      case 'POST /orphans': {
        const { pid, states } = parsed(orphanReportSchema, await jsonOf(request, MOST_REPORT_BYTES));
        this.#parent.keepOrphan(pid, states);
        return ok({});
      }
      case 'POST /restart':
        this.#parent.restart();
        return ok({});
      case 'POST /stop': {
        const { readers } = parsed(stopSchema, await jsonOf(request));
        return { status: 202, body: {}, after: () => this.#options.onStop(readers) };
      }
      default:
        throw refusals.noRoute();
    }
  }

  async #change(request: IncomingMessage): Promise<object> {
    const { cameras, fence, since } = parsed(tellSchema, await jsonOf(request));
    return this.#parent.change({ cameras: new Map(Object.entries(cameras)), fence, since });
  }
}

function inBase64(outcome: Outcome): object {
  return isOpened(outcome) ? { ...outcome, keyFrame: outcome.keyFrame.toString('base64') } : outcome;
}

function ok(body: object): Answer {
  return { status: 200, body };
}

function isBearer(header: string | undefined, secret: string): boolean {
  const [, given] = /^bearer +(\S+)$/i.exec(header ?? '') ?? [];
  return given !== undefined && isSecret(given, secret);
}

async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > most) throw refusals.tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function jsonOf(request: IncomingMessage, most = MOST_BYTES): Promise<unknown> {
  const text = (await bodyOf(request, most)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own sentence quotes the body, which holds addresses.
    throw refusals.unreadable('a body that is no JSON');
  }
}

/** An error names the wrong fields, never their values, which may be addresses. */
function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const fields = read.error.issues
    .slice(0, 3)
    .map(({ path }) => path.filter((part) => typeof part === 'string').at(-1));
  throw refusals.unreadable(`the field ${fields.join(', ')}`);
}

function refusalOf(thrown: unknown): Answer {
  if (thrown instanceof RelayRefusal) return refused(thrown.status, thrown);
  if (thrown instanceof AppError) return refused(thrown.status, thrown);
  return refused(500, { code: 'INTERNAL', message: 'The relay could not do this because of an unexpected error.' });
}

function refused(
  status: number,
  { code, message, cure }: Pick<AppError, 'message'> & { code: string; cure?: string | undefined },
): Answer {
  const body: Refusal = { code, message, cure: cure ?? 'See the log of the relay.' };
  return { status, body };
}

function decoded(part: string | undefined): unknown {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    return null;
  }
}
