import type { RequestHandler } from 'express';
import { AppError } from '../../core/errors.js';

/** Reads of one client that run at the same time; browsers send six. */
export const READS_AT_ONCE = 8;
/** Reads of one client that wait for their turn. */
export const MOST_WAITING = 500;

interface Client {
  running: number;
  readonly waiting: Set<() => void>;
}

/**
 * Lets each client run a few reads at a time; more of them wait, and beyond `MOST_WAITING` they are refused. A read ends when
 * its answer is taken or its client is gone, so a client that asks much and takes nothing holds back only itself.
 */
export function readTurns(): RequestHandler {
  const clients = new Map<string, Client>();
  return (request, response, next) => {
    const address = request.socket.remoteAddress ?? '';
    const client = clients.get(address) ?? { running: 0, waiting: new Set() };
    clients.set(address, client);
    if (client.running >= READS_AT_ONCE && client.waiting.size >= MOST_WAITING) throw tooMany();

    let hasTurn = false;
    const begin = (): void => {
      client.waiting.delete(begin);
      client.running += 1;
      hasTurn = true;
      next();
    };
    response.once('close', () => {
      client.waiting.delete(begin);
      if (hasTurn) client.running -= 1;
      const [first] = client.waiting;
      if (hasTurn && first) first();
      if (client.running === 0 && client.waiting.size === 0) clients.delete(address);
    });
    if (client.running < READS_AT_ONCE) begin();
    else client.waiting.add(begin);
  };
}

function tooMany(): AppError {
  return new AppError('RATE_LIMITED', `More than ${MOST_WAITING} reads of this client wait for an answer.`, {
    cure: 'Wait for answers before asking again; GET /api/events reports changes without polling.',
    retryAfterMs: 5_000,
  });
}
