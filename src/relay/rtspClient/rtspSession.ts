import type { Clock } from '../../core/clock.js';
import type { RtspAddress } from './rtspAddress.js';
import type { RtspReply } from './rtspBytes.js';
import type { RtspConnection } from './rtspConnection.js';
import { CLOSED, endOfStatus, RtspFault } from './rtspEnd.js';
import type { ChallengedLogin } from '../../core/login/challengedLogin.js';

/** The camera closed the connection when it asked for the login; the next connection begins with the answer. */
export class SecondDial extends RtspFault {}

export interface RtspAnswer {
  readonly reply: RtspReply;
  /** The request had user and password in it. */
  readonly hadLogin: boolean;
}

const LONGEST_ID = 1_000;
/** How long after its first 401 a camera may close the connection; a login that is sent into that would count as a try. */
const CLOSING_MS = 30;

/** Requests of one session at a camera: their login, the session's id and its time-out. */
export class RtspSession {
  readonly #connection: RtspConnection;
  readonly #login: ChallengedLogin;
  readonly #clock: Pick<Clock, 'after'>;
  #id: string | null = null;
  #timeoutSeconds: number | null = null;
  #wasChallenged = false;
  #isEnding = false;
  /** For requests about the whole session. */
  url: string;

  constructor(address: RtspAddress, connection: RtspConnection, login: ChallengedLogin, clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
    this.url = address.url;
    this.#connection = connection;
    this.#login = login;
  }

  /** True: the camera has made a session, which is to be ended by TEARDOWN. */
  get isBegun(): boolean {
    return this.#id !== null;
  }

  /** After this many seconds without a request the camera ends the session; null: it does not tell. */
  get timeoutSeconds(): number | null {
    return this.#timeoutSeconds;
  }

  /** Like `ask`, but rejects with the end that an answer means which is no success. */
  async need(method: string, url: string, headers: readonly string[] = []): Promise<RtspReply> {
    const { reply, hadLogin } = await this.ask(method, url, headers);
    if (reply.status < 200 || reply.status >= 300) throw new RtspFault(endOfStatus(reply.status, method, hadLogin));
    return reply;
  }

  /** Sends a request, and once more with the login where the camera asks for it. Rejects with `RtspFault`. */
  async ask(method: string, url: string, headers: readonly string[] = []): Promise<RtspAnswer> {
    for (let tries = 0; ;) {
      if (this.#isEnding) throw new RtspFault(CLOSED);
      const login = this.#login.header(method, url);
      const hadLogin = login !== null;
      if (hadLogin) tries += 1;
      const reply = await this.#send(method, url, [...this.#own(login), ...headers]);
      if (reply.status !== 401) {
        this.#login.accepted(hadLogin);
        this.#takeSession(reply);
        return { reply, hadLogin };
      }
      const offers = reply.headers.get('www-authenticate') ?? [];
      const step = this.#login.challenged(offers, tries);
      if (step !== 'answer')
        throw new RtspFault({ ...endOfStatus(401, method, hadLogin), description: SENTENCES[step] });
      this.#wasChallenged = true;
      if (this.#login.isProven) continue;
      await new Promise<void>((resolve) => this.#clock.after(CLOSING_MS, resolve));
      if (!this.#connection.isOpen) throw new SecondDial(CLOSED);
    }
  }

  /** Ends the session; resolves when the camera has answered, or is gone. */
  async tearDown(): Promise<void> {
    this.#isEnding = true;
    const login = this.#login.header('TEARDOWN', this.url);
    await this.#connection.request('TEARDOWN', this.url, this.#own(login)).catch(() => undefined);
  }

  #own(login: string | null): string[] {
    return [
      ...(this.#id === null ? [] : [`Session: ${this.#id}`]),
      ...(login === null ? [] : [`Authorization: ${login}`]),
    ];
  }

  async #send(method: string, url: string, headers: readonly string[]): Promise<RtspReply> {
    try {
      return await this.#connection.request(method, url, headers);
    } catch (thrown) {
      const wasClosed = thrown instanceof RtspFault && thrown.end.code === CLOSED.code;
      if (wasClosed && this.#wasChallenged && !this.#login.isProven) throw new SecondDial(thrown.end);
      throw thrown;
    }
  }

  #takeSession({ headers }: RtspReply): void {
    const text = headers.get('session')?.[0] ?? '';
    const id = /^\s*([^;\s]+)/.exec(text)?.[1];
    if (id === undefined || id.length > LONGEST_ID) return;
    this.#id = id;
    const timeout = /;\s*timeout\s*=\s*"?(\d{1,6})/i.exec(text)?.[1];
    if (timeout !== undefined && Number(timeout) > 0) this.#timeoutSeconds = Number(timeout);
  }
}

const SENTENCES = {
  refused: 'The camera refuses the user or the password.',
  missing: 'The camera asks for a user and a password, and the address has none.',
  unknown: 'The camera asks for a kind of login that the relay does not know.',
} as const;
