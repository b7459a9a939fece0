import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { Happenings } from '../happenings.js';

const target = z.object({ revision: z.number() }).nullable();
const telling = z.object({
  fence: z.number().nullable(),
  cameras: z.record(z.string(), z.object({ target, candidate: target }).nullable()),
});
const refusal = z.object({ code: z.string() });

/** One `POST /cameras` of camlease that went through the door. */
export interface Telling extends z.output<typeof telling> {
  /** The relay's answer: `taken`, or the code of its refusal; null: none yet. */
  answer: string | null;
}

export interface Hold {
  /** Resolves when a telling is being held. */
  readonly reached: Promise<Telling>;
  /** Lets the held telling go on; no further telling is held. */
  letGo(): void;
}

/** A proxy between one camlease and the control port of a relay, in which a telling can be held. */
export interface RelayDoor {
  readonly url: string;
  readonly tellings: readonly Telling[];
  /** Holds the first matching telling: `before` the relay gets it, or `behind` the relay, which has taken it, before camlease gets the answer. */
  hold(where: 'before' | 'behind', suits: (telling: Telling) => boolean): Hold;
  /** Resolves when `isSo` is true, checked at each telling and each answer. */
  until(isSo: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

interface Held {
  readonly where: 'before' | 'behind';
  readonly suits: (telling: Telling) => boolean;
  readonly reach: (telling: Telling) => void;
  readonly gone: Promise<void>;
}

/** `relay`: the origin of its control port. */
export async function startRelayDoor(relay: string): Promise<RelayDoor> {
  const tellings: Telling[] = [];
  const happenings = new Happenings();
  let held: Held | null = null;
  const wait = async (where: Held['where'], told: Telling): Promise<void> => {
    if (held?.where !== where || !held.suits(told)) return;
    held.reach(told);
    await held.gone;
  };

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const path = request.url ?? '/';
    const told = request.method === 'POST' && path === '/cameras' ? readTelling(body) : null;
    if (told) {
      tellings.push(told);
      happenings.tell();
      await wait('before', told);
    }
    const answer = await fetch(new URL(path, relay), {
      method: request.method ?? 'GET',
      headers: { Authorization: request.headers.authorization ?? '' },
      ...(body.length > 0 && { body }),
    });
    const text = await answer.text();
    if (told) {
      told.answer = answer.ok ? 'taken' : codeIn(text);
      happenings.tell();
      await wait('behind', told);
    }
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(text);
  };
  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    // The relay is away, so camlease's connection is closed too.
    pass(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    tellings,
    hold(where, suits) {
      let letGo = (): void => undefined;
      const gone = new Promise<void>((resolve) => (letGo = resolve));
      const reached = new Promise<Telling>((reach) => (held = { where, suits, reach, gone }));
      return {
        reached,
        letGo: () => {
          held = null;
          letGo();
        },
      };
    },
    until: (isSo) => happenings.until(isSo),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function readTelling(body: Buffer): Telling {
  return { ...telling.parse(JSON.parse(body.toString('utf8'))), answer: null };
}

function codeIn(text: string): string {
  return refusal.parse(JSON.parse(text)).code;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
