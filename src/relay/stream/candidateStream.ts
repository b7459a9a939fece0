import type { Clock } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { Output } from '../output/output.js';
import { Readers } from '../output/readers.js';
import { isSameSound, type PullSource } from '../pull/pullSource.js';
import type { RelayUnit } from '../rtmp/mediaReader.js';
import type { PullReason } from '../rtmp/pullReason.js';
import type { DescribedTracks } from '../rtsp/sdp.js';
import type { ServedStream, Visit } from '../rtsp/served.js';

/** Sound that is announced may never come; a description does not wait longer for it. */
export const SOUND_WAIT_MS = 500;
/** Between the look at a candidate and the word that it is in force. */
const PROMOTION_MS = 10_000;

export interface CandidateOptions {
  readonly clock: Clock;
  /** The pull of a target: the camera's own where it has one, else a new one. null: the camera pulls as much as it may already. */
  readonly source: (target: PullTarget) => PullSource | null;
}

/**
 * An address that is looked at before it is in force: its pull and its timeline are its own, nothing stands in for what it does not send,
 * and it ends when the pull does. The pull is kept for a while after its last reader, so that the camera's stream can take it over.
 */
export class CandidateStream implements ServedStream {
  readonly target: PullTarget;
  readonly #options: CandidateOptions;
  readonly #readers = new Readers({ onLastLeft: () => this.#keepForPromotion(), copies: false });
  readonly #output: Output;
  #source: PullSource | null = null;
  #leaveSource: () => void = () => undefined;
  #known: DescribedTracks | null = null;
  /** Why the latest pull ended by itself; null: one runs, or it was closed from here. */
  #ended: PullReason | null = null;
  #cancelKeeping: () => void = () => undefined;
  #isOver = false;

  constructor(target: PullTarget, options: CandidateOptions) {
    this.target = target;
    this.#options = options;
    this.#output = new Output(this.#readers, options.clock, { isUnbroken: false });
  }

  /** Its pull; null: nothing is pulled. */
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

  /** To be called when the camera may pull more than before. */
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

  /** Its readers are ended, and its pull is closed where nobody else uses it. Readers that come later begin anew. */
  interrupt(): void {
    this.#close(null);
  }

  /** The address is neither a candidate nor in force any more. */
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

  /** With its first key frame, and the sound or half a second behind it. */
  #settleSoon(source: PullSource): void {
    if (this.#known !== null || this.#output.lastKey === null) return;
    if (source.target.tracks?.audio === null || source.sound) this.#settle(source);
    else this.#options.clock.after(SOUND_WAIT_MS, () => this.#settle(source));
  }

  #settle(source: PullSource): void {
    if (source !== this.#source || this.#known !== null || source.picture === null) return;
    this.#known = { picture: source.picture, sound: source.sound };
    this.#readers.tell(this.#known);
  }
}
