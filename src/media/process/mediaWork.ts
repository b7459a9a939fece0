import type { Clock } from '../../core/clock.js';
import type { Av } from '../av.js';
import { shrinkJpeg } from '../pictures/jpeg.js';
import { keyFrameJpeg } from '../pictures/keyFrameJpeg.js';
import { makeSlate } from '../pictures/slate.js';
import { thumbnailOf } from '../pictures/thumbnail.js';
import { proveStream } from '../pull/prove.js';
import { Pull } from '../pull/pull.js';
import { streamErrors } from '../streamErrors.js';
import { Turns } from '../turns.js';
import type { WhepSession } from '../viewers/whepSession.js';
import { Mpeg1Streams } from './mpeg1Streams.js';
import { toWire, type MediaReport, type Request } from './protocol.js';
import { SeenCameras } from './seenCameras.js';

/** The work of the media process: carries out the requests of camlease. */
export class MediaWork {
  readonly #av: Av;
  readonly #clock: Clock;
  readonly #send: (report: MediaReport) => void;
  readonly #pulls = new Map<string, Pull>();
  readonly #sessions = new Map<string, WhepSession>();
  readonly #seen = new SeenCameras();
  readonly #mpeg1: Mpeg1Streams;
  /** Two encodings at a time: camlease may ask for the slates of all cameras at once. */
  readonly #encodings = new Turns(2);
  readonly #running = new Map<number, AbortController>();

  constructor(av: Av, clock: Clock, send: (report: MediaReport) => void) {
    this.#av = av;
    this.#clock = clock;
    this.#send = send;
    this.#mpeg1 = new Mpeg1Streams(av, clock, send);
  }

  take(request: Request): void {
    if (request.op === 'abort') this.#running.get(request.id)?.abort();
    else void this.#answer(request);
  }

  async #answer(request: Exclude<Request, { op: 'abort' }>): Promise<void> {
    const abort = new AbortController();
    this.#running.set(request.id, abort);
    try {
      this.#send({ kind: 'done', id: request.id, value: await this.#carryOut(request, abort.signal) });
    } catch (error) {
      this.#send({ kind: 'failed', id: request.id, error: toWire(error) });
    } finally {
      this.#running.delete(request.id);
    }
  }

  async #carryOut(request: Exclude<Request, { op: 'abort' }>, signal: AbortSignal): Promise<unknown> {
    switch (request.op) {
      case 'ping':
        return null;
      case 'prove':
        return proveStream(this.#av, this.#clock, request, signal);
      case 'shrink':
        return shrinkJpeg(this.#av, request.picture);
      case 'keyFrame':
        return this.#encodings.run(() => keyFrameJpeg(this.#av, request.keyFrame, request.codec));
      case 'slate':
        return this.#encodings.run(() => makeSlate(this.#av, request));
      case 'open':
        this.#pull(request).setSource(request.source, request.standIn);
        return null;
      case 'watched':
        this.#pulls.get(request.cameraId)?.setWatched(request.isWatched);
        return null;
      case 'close':
        this.#close(request.cameraId);
        return null;
      case 'arrived':
        await this.#opened(request.cameraId).arrived(request.revision, request.limitMs, signal);
        return null;
      case 'provePull':
        return this.#opened(request.cameraId).prove(request.revision, signal);
      case 'states':
        return [...this.#pulls].map(([cameraId, pull]) => {
          const { problem, ...state } = pull.state();
          return { cameraId, ...state, problem: problem === null ? null : toWire(problem) };
        });
      case 'whepOffer':
        return this.#whepOffer(request.cameraId, request.offer, request.id);
      case 'whepClose':
        this.#sessions.get(request.sessionId)?.close();
        return null;
      case 'mpeg1':
        this.#mpeg1.open(request.streamId, request.url);
        return null;
      case 'mpeg1End':
        this.#mpeg1.close(request.streamId);
        return null;
      case 'thumbnail':
        return this.#encodings.run(() => thumbnailOf(this.#av, request.picture, request));
    }
  }

  async #whepOffer(cameraId: string, offer: string, id: number): Promise<{ sessionId: string; answer: string }> {
    const sessionId = String(id);
    const onEnd = (): void => {
      this.#sessions.delete(sessionId);
      this.#send({ kind: 'sessionEnd', cameraId, sessionId });
    };
    const { session, answer } = await this.#opened(cameraId).addSession(offer, onEnd);
    this.#sessions.set(sessionId, session);
    return { sessionId, answer };
  }

  #pull({ cameraId, timeZone, segmentMs }: Extract<Request, { op: 'open' }>): Pull {
    const open = this.#pulls.get(cameraId);
    if (open) return open;
    const pull = new Pull({
      av: this.#av,
      clock: this.#clock,
      encodings: this.#encodings,
      timeZone,
      segmentMs: segmentMs ?? null,
      lastSeen: this.#seen.take(cameraId),
      onSegment: (segment) => this.#send({ kind: 'segment', cameraId, ...segment }),
      onGone: () => this.#send({ kind: 'gone', cameraId }),
    });
    this.#pulls.set(cameraId, pull);
    return pull;
  }

  #close(cameraId: string): void {
    const pull = this.#pulls.get(cameraId);
    if (!pull) return;
    this.#pulls.delete(cameraId);
    this.#seen.keep(cameraId, pull.lastSeen());
    pull.close();
  }

  #opened(cameraId: string): Pull {
    const pull = this.#pulls.get(cameraId);
    if (!pull) throw streamErrors.noPicture();
    return pull;
  }
}
