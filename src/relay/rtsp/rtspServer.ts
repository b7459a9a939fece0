import type { Server, Socket } from 'node:net';
import type { Clock, Random } from '../../core/clock.js';
import { ReaderSession } from './readerSession.js';
import type { VisitedStream } from './served.js';

/** Two readers for each of 10,000 cameras. */
const MOST_READERS = 20_000;

export interface RtspServerOptions {
  /** The server whose connections are taken; its owner makes it listen. */
  readonly listening: Server;
  /** The password that readers must give; the user name is ignored. */
  readonly secret: string;
  /** Returns the stream of a path; null: there is no such stream. */
  readonly find: (id: string) => VisitedStream | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly mostReaders?: number;
}

/** An RTSP 1.0 server for live streams, over interleaved TCP only, for MediaMTX and camlease's proofs. */
export class RtspServer {
  readonly #options: RtspServerOptions;
  readonly #sessions = new Set<ReaderSession>();
  /** Packets lost by readers whose sessions have ended. */
  #lostBefore = 0;

  constructor(options: RtspServerOptions) {
    this.#options = options;
    options.listening.on('connection', (socket: Socket) => this.#take(socket));
  }

  /** How many readers are being sent a stream. */
  get playing(): number {
    return [...this.#sessions].filter(({ isPlaying }) => isPlaying).length;
  }

  /** How many packets slow readers have lost since the start. */
  get lost(): number {
    return [...this.#sessions].reduce((sum, { lost }) => sum + lost, this.#lostBefore);
  }

  /** Ends every connection; closing the listening socket is up to its owner. */
  stop(): void {
    for (const session of this.#sessions) session.end();
  }

  #take(socket: Socket): void {
    const { mostReaders = MOST_READERS, secret, find, clock, random } = this.#options;
    if (this.#sessions.size >= mostReaders) {
      socket.destroy();
      return;
    }
    const session = new ReaderSession({ socket, secret, find, clock, random });
    this.#sessions.add(session);
    socket.once('close', () => {
      if (this.#sessions.delete(session)) this.#lostBefore += session.lost;
    });
  }
}
