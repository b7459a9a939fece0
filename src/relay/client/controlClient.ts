import { Agent, request as requestPlain, type IncomingMessage } from 'node:http';
import { Agent as EncryptedAgent, request as requestEncrypted } from 'node:https';
import type { z } from 'zod';
import type { Clock } from '../../core/clock.js';
import { refusalSchema, type Refusal } from '../wire/wire.js';

const MOST_REPLY_BYTES = 32_000_000;

/** A request to the relay failed. `status`: its HTTP status; 0: the relay could not be reached or did not answer in time. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly status: number;
  readonly refusal: Refusal | null;
  /** True: nobody listens there, so nothing was asked. */
  readonly isUnheard: boolean;

  constructor(status: number, message: string, refusal: Refusal | null = null, isUnheard = false) {
    super(message);
    this.status = status;
    this.refusal = refusal;
    this.isUnheard = isUnheard;
  }
}

export interface Ask<T> {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: object | Buffer;
  readonly schema: z.ZodType<T>;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ControlAddress {
  /** `http://host:port`. */
  readonly url: string;
  readonly secret: string;
}

/** Sends requests to a relay's control port, over connections that are kept open. */
export class ControlClient {
  readonly #address: ControlAddress;
  readonly #clock: Clock;
  readonly #isEncrypted: boolean;
  readonly #agent: Agent;

  /** `connections`: how many requests are sent at once. */
  constructor(address: ControlAddress, clock: Clock, connections = 8) {
    this.#address = address;
    this.#clock = clock;
    this.#isEncrypted = address.url.startsWith('https:');
    const kept = { keepAlive: true, maxSockets: connections };
    this.#agent = this.#isEncrypted ? new EncryptedAgent(kept) : new Agent(kept);
  }

  /** Rejects with `ControlError`, whose message contains neither address nor secret. */
  async ask<T>({ schema, ...asked }: Ask<T>): Promise<T> {
    const { status, text } = await this.#send(asked);
    let value: unknown = null;
    try {
      value = JSON.parse(text);
    } catch {
      // `value` stays null, and the checks below report that this is no relay's answer.
    }
    if (status >= 300) {
      const refusal = refusalSchema.safeParse(value);
      if (refusal.success) throw new ControlError(status, refusal.data.message, refusal.data);
      throw new ControlError(status, `The program that answers there is not a relay (HTTP ${status}).`);
    }
    const read = schema.safeParse(value);
    if (!read.success)
      throw new ControlError(
        status,
        'The program that answers there is not a relay, or it is a relay of another version.',
      );
    return read.data;
  }

  close(): void {
    this.#agent.destroy();
  }

  #send({
    method,
    path,
    body,
    limitMs,
    signal,
  }: Omit<Ask<unknown>, 'schema'>): Promise<{ status: number; text: string }> {
    const { url, secret } = this.#address;
    const bytes = body === undefined ? null : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const send = this.#isEncrypted ? requestEncrypted : requestPlain;
    return new Promise((resolve, reject) => {
      const fail = (message: string, isUnheard = false): void => {
        cancel();
        request.destroy();
        reject(new ControlError(0, message, null, isUnheard));
      };
      const request = send(new URL(path, url), {
        method,
        agent: this.#agent,
        headers: { Authorization: `Bearer ${secret}`, ...(bytes && { 'Content-Length': bytes.length }) },
        ...(signal && { signal }),
      });
      const cancel = this.#clock.after(limitMs, () => fail(`The relay did not answer within ${limitMs} ms.`));
      request.on('error', (error: NodeJS.ErrnoException) =>
        fail(`The relay cannot be reached (${error.code ?? error.name}).`, error.code === 'ECONNREFUSED'),
      );
      request.on('response', (reply) => {
        textOf(reply).then(
          (text) => {
            cancel();
            resolve({ status: reply.statusCode ?? 0, text });
          },
          () => fail('The relay broke off its answer.'),
        );
      });
      request.end(bytes ?? undefined);
    });
  }
}

async function textOf(reply: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of reply as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MOST_REPLY_BYTES) throw new Error('too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
