import type { Clock } from '../../core/clock.js';
import type { Av } from '../av.js';
import { runMpeg1 } from '../transcode/mpeg1Stream.js';
import { toWire, type MediaReport } from './protocol.js';

/** The relay bridges outages with a stand-in, so a stream that is silent for longer has ended. */
const STALL_MS = 10_000;

/** The streams of MPEG-1 video that the media process makes. */
export class Mpeg1Streams {
  readonly #av: Av;
  readonly #clock: Clock;
  readonly #send: (report: MediaReport) => void;
  readonly #running = new Map<string, AbortController>();

  constructor(av: Av, clock: Clock, send: (report: MediaReport) => void) {
    this.#av = av;
    this.#clock = clock;
    this.#send = send;
  }

  open(streamId: string, url: string): void {
    if (this.#running.has(streamId)) return;
    const abort = new AbortController();
    this.#running.set(streamId, abort);
    const hand = (body: Buffer, isKey: boolean): void => {
      if (!abort.signal.aborted) this.#send({ kind: 'mpeg1Piece', streamId, body, isKey });
    };
    void runMpeg1(this.#av, this.#clock, { url, stallMs: STALL_MS }, abort.signal, hand)
      .catch((error: unknown) => {
        if (!abort.signal.aborted) this.#send({ kind: 'mpeg1Ended', streamId, error: toWire(error) });
      })
      .finally(() => this.#running.delete(streamId));
  }

  close(streamId: string): void {
    this.#running.get(streamId)?.abort();
  }
}
