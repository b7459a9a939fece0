import type { Clock } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { Output } from '../output/output.js';
import { Readers } from '../output/readers.js';
import type { PullSource } from '../pull/pullSource.js';
import { isSameSound } from '../units/sound.js';
import type { PullReason } from '../../core/streams/relay.js';
import type { RelayUnit } from '../units/relayUnit.js';
import type { DescribedTracks } from '../rtsp/sdp.js';
import type { VisitedStream, Visit } from '../rtsp/served.js';

/** How long a description waits for sound after the first picture; announced sound may never come. */
export const SOUND_WAIT_MS = 500;
/** How long a proven candidate's pull is kept for its promotion. */
const PROMOTION_MS = 10_000;

export interface CandidateOptions {
  readonly clock: Clock;
  /** Returns the pull of a target: one that the camera has already, else a new one; null: the camera already has as many pulls as it may. */
  readonly source: (target: PullTarget) => PullSource | null;
}

/**
 * The stream of a candidate, for its proof: it has a pull and a timeline of its own, sends no stand-ins, and ends when its pull does. The
 * pull is kept for a while after the last reader, so that the camera's stream can take it over.
 */
export class CandidateStream implements VisitedStream {
  readonly target: PullTarget;
  readonly #options: CandidateOptions;
  readonly #readers = new Readers({ onLastLeft: () => this.#keepForPromotion(), copies: false });
  readonly #output: Output;
  #source: PullSource | null = null;
  #leaveSource: () => void = () => undefined;
  #known: DescribedTracks | null = null;
  /** Why the latest pull ended by itself; null: a pull runs, or this stream closed it. */
  #ended: PullReason | null = null;
  #cancelKeeping: () => void = () => undefined;
  #isOver = false;

  constructor(target: PullTarget, options: CandidateOptions) {
    this.target = target;
    this.#options = options;
    this.#output = new Output(this.#readers, options.clock, { isUnbroken: false });
  }

  get source(): PullSource | null {
    return this.#source;
  }

  visit(onEnd: () => void): Visit {
    const visit = this.#readers.add(onEnd, () => this.#known);
    this.#cancelKeeping();
    if (this.#isOver) this.#readers.endAll();
    else this.beginWhereWanted();
    return { ...visit, whyNone: () => this.#ended };
  }

  /** Begins the pull if readers wait for it. Called when a pull of the camera has ended. */
  beginWhereWanted(): void {
    if (this.#source !== null || this.#readers.count === 0 || this.#isOver) return;
    const source = this.#options.source(this.target);
    if (source === null) return;
    this.#source = source;
    this.#ended = null;
    this.#output.reset();
    this.#leaveSource = source.use({
      onUnit: (unit) => this.#take(source, unit),
      onEnd: ({ reason }) => this.#close(reason),
    });
  }

  /** Ends the readers, and closes the pull unless the camera's stream uses it. Readers that come later begin a new pull. */
  interrupt(): void {
    this.#close(null);
  }

  /** Ends the stream for good: its lease is neither the candidate nor in force any more. */
  end(): void {
    this.#isOver = true;
    this.interrupt();
  }

  #close(ended: PullReason | null): void {
    this.#ended = ended;
    this.#cancelKeeping();
    this.#leaveSource();
    this.#leaveSource = () => undefined;
    this.#source = null;
    this.#known = null;
    this.#readers.endAll();
  }

  #keepForPromotion(): void {
    this.#cancelKeeping();
    this.#cancelKeeping = this.#options.clock.after(PROMOTION_MS, () => this.interrupt());
  }

  #take(source: PullSource, unit: RelayUnit): void {
    if (unit.kind === 'picture') {
      this.#output.picture(source, unit);
      if (unit.isKey) this.#settleSoon(source);
    } else if (unit.kind === 'sound-setup') this.#settleSoon(source);
    else if (unit.kind === 'sound') this.#takeSound(source, unit.timeMs, unit.data);
  }

  #takeSound({ sound }: PullSource, sourceMs: number, data: Buffer): void {
    const isAsTold = this.#known === null || isSameSound(this.#known.sound, sound);
    if (sound !== null && isAsTold) this.#output.sound(sound, sourceMs, data);
  }

  /** Tells readers the tracks after the first key frame, as soon as the sound is known, or `SOUND_WAIT_MS` later without it. */
  #settleSoon(source: PullSource): void {
    if (this.#known !== null || this.#output.lastKey === null) return;
    if (source.target.tracks?.audio === null || source.sound) this.#settle(source);
    else this.#options.clock.after(SOUND_WAIT_MS, () => this.#settle(source));
  }

  #settle(source: PullSource): void {
    if (source !== this.#source || this.#known !== null || source.picture === null) return;
    this.#known = { picture: source.picture, sound: source.sound };
    this.#readers.giveTracks(this.#known);
  }
}
