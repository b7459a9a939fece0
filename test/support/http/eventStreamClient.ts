import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';

export interface ReadEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** Reads server-sent events as a browser does. */
export interface EventReader {
  readonly response: IncomingMessage;
  readonly request: ClientRequest;
  readonly events: ReadEvent[];
  readonly comments: string[];
  /** The value that a browser would send as Last-Event-ID. */
  lastId: string;
  retryMs: number | null;
  /** Resolves when the server ended the stream or cut it. */
  readonly ended: Promise<'ended' | 'cut'>;
  /** Resolves when `holds` is true, checked with every piece that comes. */
  until(holds: () => boolean): Promise<void>;
}

export function readEvents(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventReader> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, headers }, (response) => {
      resolve(reader(request, response));
    });
    onTestFinished(() => void request.destroy());
    request.on('error', reject);
    request.end();
  });
}

function reader(request: ClientRequest, response: IncomingMessage): EventReader {
  const waiting = new Set<() => void>();
  let text = '';
  const it: EventReader = {
    request,
    response,
    events: [],
    comments: [],
    lastId: '',
    retryMs: null,
    ended: new Promise((resolve) => {
      response.on('end', () => resolve('ended'));
      response.on('error', () => resolve('cut'));
      response.on('close', () => resolve('cut'));
    }),
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    text += piece;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      take(it, text.slice(0, end));
      text = text.slice(end + 2);
    }
    for (const look of waiting) look();
  });
  return it;
}

function take(it: EventReader, block: string): void {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) it.comments.push(line.slice(1).trim());
    else fields.set(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart());
  }
  it.lastId = fields.get('id') ?? it.lastId;
  if (fields.has('retry')) it.retryMs = Number(fields.get('retry'));
  const data = fields.get('data');
  if (data !== undefined) it.events.push({ event: fields.get('event') ?? 'message', id: it.lastId, data });
}
