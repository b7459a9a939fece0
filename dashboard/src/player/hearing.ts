/** MediaMTX sends an RTCP report every second even while no picture goes out (measured with v1.20.1; the longest gap was 1.0 s). */
const SILENT_AFTER_MS = 1_500;
const LOOK_MS = 250;

/** Counters of a connection in `getStats`; each browser has only some of them. */
const COUNTERS = ['bytesReceived', 'packetsReceived', 'reportsSent', 'requestsReceived', 'responsesReceived'];

/**
 * Watches whether anything at all arrives over a connection: pictures, sound, reports or answers to checks. A server that was killed does
 * not close the connection, and the browser reports `disconnected` only seconds later.
 */
export class Hearing {
  readonly #peer: RTCPeerConnection;
  readonly #timer: ReturnType<typeof setInterval>;
  #counted = -1;
  #heardAtMs = performance.now();
  #lookedAtMs = performance.now();

  constructor(peer: RTCPeerConnection) {
    this.#peer = peer;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  /** Judged at the last reading of the counters, so that a page whose timers were throttled does not call a working connection silent. */
  get isSilent(): boolean {
    return this.#lookedAtMs - this.#heardAtMs > SILENT_AFTER_MS;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const counted = sumOf(await this.#peer.getStats());
    this.#lookedAtMs = performance.now();
    if (counted === this.#counted) return;
    this.#counted = counted;
    this.#heardAtMs = this.#lookedAtMs;
  }
}

function sumOf(report: RTCStatsReport): number {
  let sum = 0;
  report.forEach((stats: Record<string, unknown>) => {
    for (const name of COUNTERS) {
      const value = stats[name];
      if (typeof value === 'number') sum += value;
    }
  });
  return sum;
}
