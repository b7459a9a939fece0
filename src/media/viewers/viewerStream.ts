import type { Clock } from '../../core/clock.js';
import type { Av } from '../av.js';
import { Segmenter, type Segment } from '../formats/segmenter.js';
import { TsSegmenter } from '../formats/tsSegmenter.js';
import type { AudioConfig, MediaUnit, VideoUnit } from '../formats/units.js';
import type { Turns } from '../turns.js';
import { KeptUnits } from './keptUnits.js';
import { StreamSound } from './streamSound.js';
import { Timeline } from './timeline.js';
import { WhepSession } from './whepSession.js';

export interface ViewerStreamDeps {
  readonly av: Av;
  readonly clock: Clock;
  readonly encodings: Turns;
  /** Segments are MPEG-TS of at least this length; null: fragmented MP4. */
  readonly segmentMs: number | null;
  readonly onSegment: (segment: Segment) => void;
}

/** The stream that all viewers of a camera get, by HLS and WebRTC; it goes on when sources change. */
export class ViewerStream {
  readonly #av: Av;
  readonly #clock: Clock;
  readonly #sound: StreamSound;
  readonly #segmenter: Segmenter | TsSegmenter;
  readonly #timeline = new Timeline();
  readonly #kept = new KeptUnits();
  readonly #sessions = new Set<WhepSession>();
  #isWatched = true;

  constructor(deps: ViewerStreamDeps) {
    this.#av = deps.av;
    this.#clock = deps.clock;
    this.#sound = new StreamSound({ ...deps, push: (unit) => this.#segmenter.push(unit) });
    const onSegment = (segment: Segment): void => {
      this.#sound.fix(this.#isWatched);
      deps.onSegment(segment);
    };
    const sound = (): AudioConfig | null => this.#sound.known;
    const { segmentMs } = deps;
    this.#segmenter =
      segmentMs === null ? new Segmenter(onSegment, sound) : new TsSegmenter({ onSegment, sound, segmentMs });
  }

  /** null: the stream has no sound, or none yet. */
  get sound(): AudioConfig | null {
    return this.#sound.known;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get sinceKeyFrame(): readonly VideoUnit[] {
    return this.#kept.units;
  }

  /** Without viewers, the stream may change the format of its sound. */
  setWatched(isWatched: boolean): void {
    this.#isWatched = isWatched;
    this.#sound.fix(isWatched);
  }

  /** Begins the stream with this format of sound before any sound has come. */
  beginWith(sound: AudioConfig): void {
    this.#sound.begin(sound);
  }

  /** The next units come from another source or another still picture. */
  join(): void {
    this.#sound.sourceChanged();
    this.#timeline.join();
    this.#segmenter.cutNext();
  }

  /** Sends a unit to the viewers. `isFirst`: the first picture of a source or still picture. null: the unit was left out. */
  play<T extends MediaUnit>(unit: T, isFirst: boolean): T | null {
    if (unit.kind === 'audio' && !this.#sound.admits(unit.config)) return null;
    const placed = this.#timeline.place(unit, this.#clock.monotonicMs());
    if (!placed) return null;
    if (placed.kind === 'audio') {
      this.#sound.take(placed);
      return placed;
    }
    this.#sound.pictureAt(placed.dts, isFirst);
    this.#segmenter.push(placed);
    this.#kept.add(placed);
    for (const session of this.#sessions) session.send(placed);
    return placed;
  }

  async addSession(offer: string, onEnd: () => void): Promise<{ session: WhepSession; answer: string }> {
    const session: WhepSession = new WhepSession(this.#av, {
      clock: this.#clock,
      offer,
      sinceKeyFrame: () => this.#kept.units,
      onEnd: () => {
        this.#sessions.delete(session);
        onEnd();
      },
    });
    const answer = await session.answer();
    this.#sessions.add(session);
    return { session, answer };
  }

  /** Ends all viewers' sessions; what follows is a new stream. */
  end(): void {
    this.#segmenter.restart();
    this.#sound.fix(false);
    for (const session of [...this.#sessions]) session.close();
  }
}
