import type { Clock } from '../../core/clock.js';

export interface KeepAliveOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** After this many seconds without a request the camera ends the session; null: it does not tell. */
  readonly timeoutSeconds: number | null;
  /** The header `Public` of the answer to OPTIONS; null: none. */
  readonly offered: string | null;
  /** Sends a request; resolves to the status of its answer, and rejects when there is none. */
  readonly ask: (method: 'GET_PARAMETER' | 'OPTIONS') => Promise<number>;
  /** Sends a report about the packets (RTCP), which some cameras count in place of requests. */
  readonly report: () => void;
}

const USUAL_SECONDS = 60;
const SHORTEST_SECONDS = 4;
const LONGEST_SECONDS = 120;

/**
 * Keeps a session alive, at half of the time that the camera names. GET_PARAMETER is sent where the camera offers it, else OPTIONS. A
 * refusal does not matter while packets come; but a method that was refused or never answered is not sent again, since some cameras
 * end the session at the second one.
 */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  readonly #methods: ('GET_PARAMETER' | 'OPTIONS')[];
  #isUnanswered = false;
  #cancel: () => void = () => undefined;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    const hasParameters = /\bGET_PARAMETER\b/i.test(options.offered ?? '');
    this.#methods = hasParameters ? ['GET_PARAMETER', 'OPTIONS'] : ['OPTIONS', 'GET_PARAMETER'];
    this.#waitAgain();
  }

  stop(): void {
    this.#cancel();
  }

  #waitAgain(): void {
    const { clock, timeoutSeconds } = this.#options;
    const seconds = Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, timeoutSeconds ?? USUAL_SECONDS));
    this.#cancel = clock.after(seconds * 500, () => {
      this.#waitAgain();
      this.#beat();
    });
  }

  #beat(): void {
    const { ask, report } = this.#options;
    report();
    if (this.#isUnanswered) {
      this.#isUnanswered = false;
      this.#methods.shift();
    }
    const method = this.#methods[0];
    if (method === undefined) return;
    this.#isUnanswered = true;
    ask(method).then(
      (status) => {
        this.#isUnanswered = false;
        if (status >= 300 && this.#methods[0] === method) this.#methods.shift();
      },
      () => undefined, // the connection has ended, which the pull tells
    );
  }
}
