import type { Socket } from 'node:net';
import type { Clock } from '../../src/core/clock.js';
import { MediaFeed, type Clips } from './mediaFeed.js';
import type { Paced, Pacer } from './pacer.js';
import type { StreamVerdict } from './types.js';

export interface PlayDeps {
  /** The clock of expiries and session limits, and of the second that the picture shows. */
  readonly clock: Clock;
  /** The clock by which frames are sent. */
  readonly mediaClock: Clock;
  readonly pacer: Pacer;
  readonly clipsFor: (verdict: StreamVerdict) => Clips;
  readonly maxBacklogBytes: number;
  readonly lookup: (app: string, streamName: string) => StreamVerdict;
  readonly onOpen?: ((streamName: string) => void) | undefined;
  readonly onClose?: ((streamName: string) => void) | undefined;
  readonly onProblem?: ((sentence: string) => void) | undefined;
}

/** One accepted play, from its verdict to its end. */
export class Play implements Paced {
  readonly streamName: string;
  readonly #socket: Socket;
  readonly #stream: number;
  readonly #verdict: StreamVerdict;
  readonly #deps: PlayDeps;
  readonly #beganMs: number;
  #clips: Clips | null = null;
  #feed: MediaFeed | null = null;
  #cancelCut: () => void = () => undefined;
  #ended = false;

  constructor(options: {
    readonly socket: Socket;
    readonly stream: number;
    readonly streamName: string;
    readonly verdict: StreamVerdict;
    readonly deps: PlayDeps;
  }) {
    this.streamName = options.streamName;
    this.#socket = options.socket;
    this.#stream = options.stream;
    this.#verdict = options.verdict;
    this.#deps = options.deps;
    this.#beganMs = options.deps.clock.monotonicMs();
    this.#deps.onOpen?.(this.streamName);
    this.#armCut();
  }

  /** Resolves when there is a picture to send; at once when the verdict is `nothing`. */
  async begin(): Promise<void> {
    if (this.#verdict.play === 'nothing') return;
    this.#clips = this.#deps.clipsFor(this.#verdict);
    await Promise.all([this.#clips.picture.ready, this.#clips.sound?.ready]);
  }

  /** Sends pictures until the end. */
  feed(): void {
    if (this.#ended) return;
    if (this.#clips) this.#feed = this.#feedOf(this.#clips);
    this.#deps.pacer.add(this);
  }

  /** Sends due frames. Also checks the wall clock, which may have jumped past the end of the play. */
  pump(monotonicMs: number): void {
    if (this.#leftMs() <= 0) this.#socket.destroy();
    else this.#feed?.pump(monotonicMs);
  }

  pause(isPaused: boolean): void {
    if (isPaused) this.#feed?.pause();
    else this.#feed?.resume(this.#deps.mediaClock.monotonicMs());
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelCut();
    this.#deps.pacer.remove(this);
    this.#deps.onClose?.(this.streamName);
  }

  #feedOf(clips: Clips): MediaFeed {
    return new MediaFeed({
      socket: this.#socket,
      clips,
      stream: this.#stream,
      now: this.#deps.clock.now(),
      monotonicMs: this.#deps.mediaClock.monotonicMs(),
      maxBacklogBytes: this.#deps.maxBacklogBytes,
      onTooSlow: () => this.#socket.destroy(),
    });
  }

  /** Sets the timer for the end of the play. The wall clock may be put back, so the end is computed again when the timer fires. */
  #armCut(): void {
    const leftMs = this.#leftMs();
    if (leftMs <= 0) this.#socket.destroy();
    else if (leftMs < Number.POSITIVE_INFINITY) this.#cancelCut = this.#deps.clock.after(leftMs, () => this.#armCut());
  }

  #leftMs(): number {
    const { cutAt, sessionLimitMs } = this.#verdict;
    const { clock } = this.#deps;
    const toCutMs = cutAt ? cutAt.getTime() - clock.now().getTime() : Number.POSITIVE_INFINITY;
    const toLimitMs = (sessionLimitMs ?? Number.POSITIVE_INFINITY) - (clock.monotonicMs() - this.#beganMs);
    return Math.min(toCutMs, toLimitMs);
  }
}
