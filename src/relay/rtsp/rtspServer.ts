import type { Server, Socket } from 'node:net';
import type { Clock, Random } from '../../core/clock.js';
import { ReaderSession } from './readerSession.js';
import type { ServedStream } from './served.js';

/** One for each camera of the largest installation, and as many that come and go. */
const MOST_READERS = 20_000;

export interface RtspServerOptions {
  /** Listens already, or will: the server only takes its connections. */
  readonly listening: Server;
  /** What readers give as their password; the user name does not count. */
  readonly secret: string;
  /** The stream of a path; null: there is none. */
  readonly find: (id: string) => ServedStream | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly mostReaders?: number;
}

/** An RTSP 1.0 server for live streams, interleaved into TCP alone: MediaMTX is its reader. */
export class RtspServer {
  readonly #options: RtspServerOptions;
  readonly #sessions = new Set<ReaderSession>();
  /** By sessions that are over. */
  #lostBefore = 0;

  constructor(options: RtspServerOptions) {
    this.#options = options;
    options.listening.on('connection', (socket: Socket) => this.#take(socket));
  }

  /** Readers that are played to. */
  get playing(): number {
    return [...this.#sessions].filter(({ isPlaying }) => isPlaying).length;
  }

  /** Packets that readers were too slow for, since the start. */
  get lost(): number {
    return [...this.#sessions].reduce((sum, { lost }) => sum + lost, this.#lostBefore);
  }

  /** Ends every connection; the listening socket is its owner's. */
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
