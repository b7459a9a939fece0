import { getLive } from '../api';
import { hedged } from './hedge';
import { openHls } from './hls';
import type { Open, Session } from './session';
import { openWhep } from './whep';

export type Transport = 'webrtc' | 'hls';

export interface Reached {
  readonly session: Session;
  readonly transport: Transport;
}

const OPEN: Readonly<Record<Transport, Open>> = { webrtc: openWhep, hls: openHls };
/** When a try counts as hanging; longer than a source usually takes to start, since the server answers only then. */
const HANGS_MS: Readonly<Record<Transport, number>> = { webrtc: 4_000, hls: 8_000 };
/** Limits of one try. MediaMTX waits 15 s for a source before it answers that there is none. */
const LIMIT_MS: Readonly<Record<Transport, number>> = { webrtc: 28_000, hls: 45_000 };
/** After WebRTC gave no picture where HLS did (UDP is blocked, say), HLS goes first for this long. */
const HLS_FIRST_MS = 5 * 60_000;
/** After a transport has played, it alone is tried for so many rounds before the other one is tried again. */
const LOYAL_ROUNDS = 3;

/** Opens sessions for one camera by whichever transport works. */
export class Reach {
  readonly #cameraId: string;
  readonly #only: Transport | null;
  readonly #onTry: (transport: Transport) => void;
  #urls: Readonly<Record<Transport, string>> | null = null;
  #hlsFirstUntilMs = 0;
  #played: Transport | null = null;
  #failedRounds = 0;

  /** `only` this transport; null: both, WebRTC first. */
  constructor(cameraId: string, only: Transport | null, onTry: (transport: Transport) => void) {
    this.#cameraId = cameraId;
    this.#only = only;
    this.#onTry = onTry;
  }

  /** Tries the transports once. Rejects with the reason when none gives a picture: an `ApiError` where camlease gave it. */
  async once(signal: AbortSignal): Promise<Reached> {
    // The addresses that worked before are tried first; camlease is asked for new ones, or the reason, only when they fail.
    const urls = (this.#urls ??= await this.#ask(signal));
    const order = this.#order();
    let problem: unknown = null;
    for (const transport of order) {
      this.#onTry(transport);
      const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS[transport])]);
      try {
        const open = OPEN[transport];
        const session = await hedged(
          (tried, answered) => open(urls[transport], tried, answered),
          HANGS_MS[transport],
          limited,
          (late) => late.stop(),
        );
        if (signal.aborted) session.stop();
        signal.throwIfAborted();
        if (transport === 'hls' && order[0] === 'webrtc') this.#hlsFirstUntilMs = performance.now() + HLS_FIRST_MS;
        this.#played = transport;
        this.#failedRounds = 0;
        return { session, transport };
      } catch (error) {
        signal.throwIfAborted();
        problem = error;
      }
    }
    this.#urls = null;
    this.#failedRounds += 1;
    throw problem;
  }

  async #ask(signal: AbortSignal): Promise<Readonly<Record<Transport, string>>> {
    const { webrtcUrl, hlsUrl } = await getLive(this.#cameraId, signal);
    return { webrtc: `${webrtcUrl}/whep`, hls: hlsUrl };
  }

  #order(): readonly Transport[] {
    if (this.#only !== null) return [this.#only];
    if (this.#played !== null && this.#failedRounds < LOYAL_ROUNDS) return [this.#played];
    return performance.now() < this.#hlsFirstUntilMs ? ['hls', 'webrtc'] : ['webrtc', 'hls'];
  }
}
