import type { Socket } from 'node:net';
import type { Clock, Random } from '../../core/clock.js';
import { FrameSender } from './frameSender.js';
import { isLoggedIn } from './login.js';
import type { PullReason } from '../../core/streams/relay.js';
import { Outlet } from './outlet.js';
import { answer, RequestParser, type RtspRequest } from './requests.js';
import { describe, type DescribedTracks } from './sdp.js';
import type { VisitedStream, Visit } from './served.js';
import { askedFor, interleavedOffer, withoutLastSlashes } from './transport.js';

/** A DESCRIBE of a camera that sends no picture for so long is answered with an error. */
const DESCRIBE_MS = 10_000;
/** Longest time without a request between connecting and playing. */
const IDLE_MS = 15_000;
/** The session timeout that the reader gets; the session ends after twice as long without a byte from the reader. */
const SESSION_SECONDS = 60;
const MOST_WAITING_REQUESTS = 32;
const MOST_WRONG_LOGINS = 3;
/** Limit of answers that a reader has not read. */
const MOST_UNREAD_BYTES = 64_000;
/** The same limit while the stream plays, when unread pictures wait with the answers. */
const MOST_UNREAD_PLAYING_BYTES = 16_000_000;
const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN';

export interface SessionOptions {
  readonly socket: Socket;
  /** The password that readers must give. */
  readonly secret: string;
  readonly find: (id: string) => VisitedStream | null;
  readonly clock: Clock;
  readonly random: Random;
}

interface Described {
  readonly id: string;
  readonly visit: Visit;
  readonly sender: FrameSender;
}

/** One reader's connection: it describes, sets up and plays one stream. */
export class ReaderSession {
  readonly #options: SessionOptions;
  readonly #parser = new RequestParser();
  readonly #outlet: Outlet;
  readonly #sessionId: string;
  readonly #channels = new Set<number>();
  #waiting: RtspRequest[] = [];
  #isAnswering = false;
  #described: Described | null = null;
  #isPlaying = false;
  #wrongLogins = 0;
  /** The reader has given the right password. */
  #isKnown = false;
  #cancelIdle: () => void = () => undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { socket, random } = options;
    this.#outlet = new Outlet(socket);
    this.#sessionId = Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0');
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => this.#forget());
    this.#watch();
  }

  /** How many packets this reader lost because it was too slow. */
  get lost(): number {
    return this.#outlet.lost;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  end(): void {
    this.#options.socket.destroy();
  }

  #receive(bytes: Buffer): void {
    // Requests without the password do not extend the time limit of the connection.
    if (this.#isKnown) this.#watch();
    try {
      this.#waiting.push(...this.#parser.read(bytes));
    } catch {
      this.#reply({ status: 400, reason: 'Bad Request' }, undefined);
      this.#options.socket.destroySoon();
      return;
    }
    if (this.#waiting.length > MOST_WAITING_REQUESTS) this.end();
    else this.#answerAll().catch(() => this.end());
  }

  /** Answers requests one after the other, since a DESCRIBE may wait for the first picture. */
  async #answerAll(): Promise<void> {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const reply = await this.#replyTo(next);
      if (this.#options.socket.destroyed) break;
      this.#reply(reply, next.headers.get('cseq'));
      reply.after?.();
    }
    this.#isAnswering = false;
  }

  async #replyTo(request: RtspRequest): Promise<Reply> {
    if (request.method === 'OPTIONS') return { ...OK, headers: { Public: METHODS } };
    if (!isLoggedIn(request.headers.get('authorization'), this.#options.secret)) return this.#refuse();
    this.#isKnown = true;
    switch (request.method) {
      case 'DESCRIBE':
        return this.#describe(request);
      case 'SETUP':
        return this.#setUp(request);
      case 'PLAY':
        return this.#play();
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return { ...OK, headers: this.#described ? { Session: this.#sessionId } : {} };
      case 'TEARDOWN':
        this.#forget();
        return { ...OK, after: () => this.#options.socket.destroySoon() };
      default:
        return { status: 501, reason: 'Not Implemented', headers: { Public: METHODS } };
    }
  }

  #refuse(): Reply {
    this.#wrongLogins += 1;
    const isLast = this.#wrongLogins >= MOST_WRONG_LOGINS;
    return {
      status: 401,
      reason: 'Unauthorized',
      headers: { 'WWW-Authenticate': 'Basic realm="camlease relay"' },
      ...(isLast && { after: () => this.#options.socket.destroySoon() }),
    };
  }

  async #describe({ url }: RtspRequest): Promise<Reply> {
    if (this.#isPlaying) return WRONG_STATE;
    this.#leave();
    const id = askedFor(url)?.id;
    const stream = id === undefined ? null : this.#options.find(id);
    if (id === undefined || stream === null) return NOT_FOUND;
    const visit = stream.visit(() => this.end());
    const tracks = await this.#tracksInTime(visit);
    // The connection may have closed meanwhile, and `#forget` did not know this visit, so it must leave here.
    if (tracks === null || tracks === 'late' || this.#options.socket.destroyed) {
      visit.leave();
      return tracks === 'late' ? GATEWAY_TIMEOUT : withoutTracks(visit.whyNone?.() ?? null);
    }
    const { clock, random } = this.#options;
    this.#described = { id, visit, sender: new FrameSender({ outlet: this.#outlet, tracks, clock, random }) };
    const headers = {
      'Content-Base': `${withoutLastSlashes(url.replace(/[?#].*$/, ''))}/`,
      'Content-Type': 'application/sdp',
    };
    return { ...OK, headers, body: describe(tracks) };
  }

  /** The tracks of the stream; `late`: not known within `DESCRIBE_MS`; null: the stream has none, or the reader has closed the connection. */
  #tracksInTime(visit: Visit): Promise<DescribedTracks | 'late' | null> {
    const { clock, socket } = this.#options;
    return new Promise((resolve) => {
      const done = (tracks: DescribedTracks | 'late' | null): void => {
        cancel();
        socket.off('close', onClose);
        resolve(tracks);
      };
      const onClose = (): void => done(null);
      const cancel = clock.after(DESCRIBE_MS, () => done('late'));
      socket.once('close', onClose);
      visit.tracks().then(done, () => done(null));
    });
  }

  #setUp({ url, headers }: RtspRequest): Reply {
    const asked = askedFor(url);
    if (this.#described === null || this.#isPlaying) return WRONG_STATE;
    if (asked === null || asked.id !== this.#described.id) return NOT_FOUND;
    const fallback = [0, 2].find((channel) => !this.#channels.has(channel)) ?? 4;
    const channels = interleavedOffer(headers.get('transport') ?? '', this.#channels, fallback);
    if (channels === null) return { status: 461, reason: 'Unsupported Transport' };
    const { first } = channels;
    const numbers = this.#described.sender.setUp(asked.track ?? 'picture', first);
    if (numbers === null) return NOT_FOUND;
    this.#channels.add(first).add(first + 1);
    const ssrc = numbers.source.toString(16).padStart(8, '0').toUpperCase();
    const Transport = `RTP/AVP/TCP;unicast;interleaved=${first}-${first + 1};ssrc=${ssrc}`;
    return { ...OK, headers: { Transport, Session: `${this.#sessionId};timeout=${SESSION_SECONDS}` } };
  }

  #play(): Reply {
    const described = this.#described;
    if (!described?.sender.isReady) return WRONG_STATE;
    const reply = { ...OK, headers: { Session: this.#sessionId, Range: 'npt=now-' } };
    return this.#isPlaying ? reply : { ...reply, after: () => this.#start(described) };
  }

  #start({ visit, sender }: Described): void {
    this.#isPlaying = true;
    this.#watch();
    sender.start();
    visit.play((frame) => sender.send(frame));
  }

  #reply({ status, reason, headers, body }: Reply, cseq: string | undefined): void {
    const { socket } = this.#options;
    const mostBytes = this.#isPlaying ? MOST_UNREAD_PLAYING_BYTES : MOST_UNREAD_BYTES;
    if (socket.writableLength > mostBytes) this.end();
    else if (socket.writable) socket.write(answer(status, reason, cseq, headers, body));
  }

  #watch(): void {
    this.#cancelIdle();
    const waitMs = this.#isPlaying ? 2_000 * SESSION_SECONDS : IDLE_MS;
    this.#cancelIdle = this.#options.clock.after(waitMs, () => this.end());
  }

  #leave(): void {
    this.#described?.sender.stop();
    this.#described?.visit.leave();
    this.#described = null;
    this.#channels.clear();
  }

  #forget(): void {
    this.#cancelIdle();
    this.#waiting = [];
    this.#isPlaying = false;
    this.#leave();
  }
}

interface Reply {
  readonly status: number;
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Called once the answer was written to the socket. */
  readonly after?: () => void;
}

const OK: Reply = { status: 200, reason: 'OK' };
const NOT_FOUND: Reply = { status: 404, reason: 'Not Found' };
const FORBIDDEN: Reply = { status: 403, reason: 'Forbidden' };
const GATEWAY_TIMEOUT: Reply = { status: 504, reason: 'Gateway Time-out' };
const WRONG_STATE: Reply = { status: 455, reason: 'Method Not Valid in This State' };

/** camlease's proof of a lease reads from the status whether the source sent no picture (504) or no stream at all (media/pull/source.ts). */
function withoutTracks(why: PullReason | null): Reply {
  if (why === null || why === 'not-found') return NOT_FOUND;
  return why === 'silence' || why === 'no-key-frame' ? GATEWAY_TIMEOUT : FORBIDDEN;
}
