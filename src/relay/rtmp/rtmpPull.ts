import type { Duplex } from 'node:stream';
import type { Clock, Random } from '../../core/clock.js';
import { brokenBy } from '../units/brokenConnection.js';
import { MediaError } from '../units/mediaError.js';
import type { RelayUnit } from '../units/relayUnit.js';
import { longestSilenceMs, Rhythm } from '../units/rhythm.js';
import { MediaReader } from './mediaReader.js';
import type { RtmpMessage } from './messages.js';
import type { PlayAddress } from './playTarget.js';
import { PlaySession, type PlayEnd } from './playSession.js';

/** Why a pull ended. */
export type PullEnd =
  | PlayEnd
  /** The connection could not be made, or broke. `code`: the system's, such as `ECONNREFUSED`; `CLOSED`: the server closed it. */
  | { readonly why: 'connection'; readonly code: string; readonly description: string }
  /** The server's certificate was refused. `code`: Node's or OpenSSL's, such as `CERT_HAS_EXPIRED`. */
  | { readonly why: 'certificate'; readonly code: string; readonly description: string }
  /**
   * The server refuses user or password (`login`), has no free session (`too-many`), or sends no video (`not-a-stream`); or its address is in a network that may not be dialled (`forbidden`).
   */
  | {
      readonly why: 'login' | 'too-many' | 'not-a-stream' | 'forbidden';
      readonly code: string;
      readonly description: string;
    }
  /** Nothing came in time: no answer to the play (`connect`), or no sound or picture (`media`). */
  | { readonly why: 'silence'; readonly waitedFor: 'connect' | 'media'; readonly description: string };

export type DialAddress = Pick<PlayAddress, 'host' | 'port' | 'isEncrypted'>;

/**
 * Opens a connection, encrypted for an RTMPS address. `receive` is called with the bytes that arrive; it may change them, and must not keep
 * them: their memory is used again after it returns.
 */
export type Dial = (address: DialAddress, receive: (bytes: Buffer) => void) => Duplex;

export interface RtmpPullOptions {
  readonly address: PlayAddress;
  readonly dial: Dial;
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly random: Random;
  /** False: `connect` names no enhanced codecs, for a server that did not accept them. */
  readonly saysEnhanced?: boolean;
  readonly onUnit: (unit: RelayUnit) => void;
  /** Called with how many bytes of sound and pictures came, before their units. */
  readonly onBytes?: (count: number) => void;
  /** Called once. */
  readonly onEnd: (end: PullEnd) => void;
  /** Longest time from the dial to the start of the play. */
  readonly connectMs?: number;
  /** Longest time without sound or picture; for a slow source, three of its steps if they are longer. */
  readonly silenceMs?: number;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 10_000;
/** Limit of answers that the server has not read: a server that asks and never reads would fill our memory. */
const MOST_UNREAD_BYTES = 256_000;
const HANDSHAKE_RANDOM_BYTES = 1_528;

/** Pulls one live stream over RTMP or RTMPS until it ends or `stop` is called. */
export class RtmpPull {
  readonly #options: RtmpPullOptions;
  readonly #session: PlaySession;
  readonly #reader = new MediaReader();
  readonly #socket: Duplex;
  #cancelWatch: () => void;
  /** The server has sent something, if only the handshake of RTMP. */
  #isHeard = false;
  /** When sound or a picture last came (monotonic ms). */
  #mediaMs = 0;
  readonly #rhythm = new Rhythm();
  #hasStarted = false;
  #isOver = false;

  constructor(options: RtmpPullOptions) {
    const { address, dial, clock, random, saysEnhanced = true, connectMs = CONNECT_MS } = options;
    this.#options = options;
    this.#session = new PlaySession(address, saysEnhanced);
    this.#socket = dial(address, (bytes) => this.#receive(bytes));
    this.#cancelWatch = clock.after(connectMs, () => {
      const description = `The server did not begin the stream within ${connectMs} ms.`;
      // Without any byte, a firewall drops what we send or the handshake of TLS hangs: the server counts as unreachable.
      if (this.#isHeard) this.#end({ why: 'silence', waitedFor: 'connect', description });
      else this.#end({ why: 'connection', code: 'ETIMEDOUT', description });
    });
    const noise = Buffer.from(Array.from({ length: HANDSHAKE_RANDOM_BYTES }, () => Math.floor(random() * 256)));
    // Written at once: a socket that is not connected yet keeps it.
    this.#socket.write(this.#session.open(noise));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#end(brokenBy(error, this.#socket)));
    // A server that closes the connection properly after the play began has ended the stream; the connection itself was fine.
    this.#socket.on('end', () => {
      if (this.#hasStarted)
        this.#end({ why: 'ended', code: 'CLOSED', description: 'The server closed the connection.' });
    });
    this.#socket.on('close', () =>
      this.#end({ why: 'connection', code: 'CLOSED', description: 'The server closed the connection.' }),
    );
  }

  /** True: the server speaks RTMP, and has not accepted our `connect`. */
  get isConnectOpen(): boolean {
    return this.#session.isConnectOpen;
  }

  stop(): void {
    this.#isOver = true;
    this.#cancelWatch();
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#isHeard = true;
    const { replies, media, hasStarted, end } = this.#session.receive(bytes);
    if (replies.length > 0) this.#socket.write(Buffer.concat(replies));
    if (this.#socket.writableLength > MOST_UNREAD_BYTES) {
      this.#end({ why: 'protocol', description: 'The server sends requests but does not read the answers.' });
      return;
    }
    if (media.length > 0 || (hasStarted && !this.#hasStarted)) this.#mediaMs = this.#options.clock.monotonicMs();
    if (media.length > 0) this.#rhythm.see(this.#mediaMs);
    if (hasStarted && !this.#hasStarted) this.#watchForSilence();
    this.#hasStarted = hasStarted;
    if (media.length > 0) this.#options.onBytes?.(media.reduce((sum, { body }) => sum + body.length, 0));
    for (const message of media) for (const unit of this.#unitsOf(message)) this.#hand(unit);
    if (end) this.#end(end);
  }

  #unitsOf(message: RtmpMessage): RelayUnit[] {
    if (this.#isOver) return [];
    try {
      return this.#reader.read(message);
    } catch (thrown) {
      if (!(thrown instanceof MediaError)) throw thrown;
      this.#end({ why: 'protocol', description: thrown.message });
      return [];
    }
  }

  /** The receiver may stop the pull at any unit. */
  #hand(unit: RelayUnit): void {
    if (!this.#isOver) this.#options.onUnit(unit);
  }

  /** One timer for many pictures: when it fires, it is set again from the time of the latest picture or sound. */
  #watchForSilence(): void {
    const { clock, silenceMs: leastMs = SILENCE_MS } = this.#options;
    const silenceMs = longestSilenceMs(this.#rhythm, leastMs);
    this.#cancelWatch();
    const waitMs = this.#mediaMs + silenceMs - clock.monotonicMs();
    if (waitMs > 0) {
      this.#cancelWatch = clock.after(waitMs, () => this.#watchForSilence());
      return;
    }
    this.#end({
      why: 'silence',
      waitedFor: 'media',
      description: `Neither sound nor picture came for ${silenceMs} ms.`,
    });
  }

  #end(end: PullEnd): void {
    if (this.#isOver) return;
    this.stop();
    this.#options.onEnd(end);
  }
}
