import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import { askedFor } from '../rtsp/transport.js';

/** A reader sends its first request at once and waits for the answer. */
const FIRST_MS = 5_000;
const LONGEST_LINE = 4_096;

/** A reader's connection, of which the first bytes were read. */
export interface Arrival {
  readonly socket: Socket;
  /** The path that the reader asks for; null: the request is not RTSP. */
  readonly path: string | null;
  /** Returns the bytes that were read, for the worker that reads on. */
  readonly take: () => Buffer;
}

/**
 * Reads the first line of a connection that was accepted paused, then pauses it again. A connection without a line in time is closed. A
 * reader waits for an answer before it sends more, so nothing is lost when the parent hands the connection to a worker afterwards.
 */
export function firstRequest(socket: Socket, clock: Clock, onArrival: (arrival: Arrival) => void): void {
  let read = Buffer.alloc(0);
  const cancel = clock.after(FIRST_MS, () => socket.destroy());
  const onData = (bytes: Buffer): void => {
    read = Buffer.concat([read, bytes]);
    const end = read.indexOf('\r\n');
    if (end === -1 && read.length < LONGEST_LINE) return;
    cancel();
    socket.off('data', onData);
    socket.pause();
    const line = end === -1 ? '' : read.toString('latin1', 0, end);
    const take = (): Buffer => Buffer.concat([read, (socket.read() as Buffer | null) ?? Buffer.alloc(0)]);
    onArrival({ socket, path: pathIn(line), take });
  };
  socket.once('close', cancel);
  socket.on('error', () => undefined); // the reader has closed the connection; 'close' follows
  socket.on('data', onData);
  socket.resume();
}

function pathIn(line: string): string | null {
  const [, url] = /^[A-Z_]+ (\S+) RTSP\/1\.0$/.exec(line) ?? [];
  return url === undefined ? null : (askedFor(url)?.id ?? null);
}
