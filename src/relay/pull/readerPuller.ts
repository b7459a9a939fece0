import type { Clock } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { ReaderReport } from '../../core/streams/readerFrames.js';
import type { OpenPull, ReaderLink } from '../reader/readerLink.js';
import { ReadUnits } from '../reader/readUnits.js';
import type { AnyPullEnd } from '../rtmp/pullReason.js';
import { MediaError } from '../units/mediaError.js';
import type { Place } from './caps.js';
import type { PullHandlers, Puller } from './puller.js';
import type { TranscodePlaces } from './transcodePlaces.js';

/** A reader child that says nothing of a pull for so long has no picture: longer than an HLS segment may be. */
const SILENCE_MS = 30_000;
/** How many sources are remembered that have to be transcoded; the oldest is forgotten first. */
const MOST_KNOWN = 1_000;

export interface ReaderPullerDeps {
  readonly link: Pick<ReaderLink, 'open'>;
  readonly clock: Clock;
  readonly transcodes: TranscodePlaces;
  /** True: pulls are for openings, which are dialled without a place, since the first picture needs none. */
  readonly isForOpenings: boolean;
}

/**
 * Pulls what the reader child reads: HLS and MJPEG over http and https. What has to be transcoded needs a place after its first picture; without one the
 * pull ends with `no-transcode`, and its next try asks for the place before it dials.
 */
export function readerPuller({ link, clock, transcodes, isForOpenings }: ReaderPullerDeps): Puller {
  const known = new Set<string>();
  return (target, handlers) => {
    const name = nameOf(target);
    const note = (): void => {
      if (known.add(name).size > MOST_KNOWN) known.delete([...known][0] ?? '');
    };
    const asksFirst = !isForOpenings && known.has(name);
    return new ReaderPulling({ url: target.url, link, clock, transcodes, asksFirst, note, handlers });
  };
}

function nameOf({ url, revision }: PullTarget): string {
  return `${revision} ${url}`;
}

interface PullingOptions {
  readonly url: string;
  readonly link: Pick<ReaderLink, 'open'>;
  readonly clock: Clock;
  readonly transcodes: TranscodePlaces;
  /** True: without a place the target is not dialled. */
  readonly asksFirst: boolean;
  /** Called when the target has to be transcoded. */
  readonly note: () => void;
  readonly handlers: PullHandlers;
}

class ReaderPulling {
  readonly #options: PullingOptions;
  readonly #units = new ReadUnits();
  #pull: OpenPull | null = null;
  #place: Place | null = null;
  #isOver = false;
  #heardMs: number;
  #cancelWatch: () => void = () => undefined;

  constructor(options: PullingOptions) {
    this.#options = options;
    this.#heardMs = options.clock.monotonicMs();
    this.#watch();
    if (options.asksFirst) this.#ask(() => this.#open());
    else this.#open();
  }

  stop(): void {
    this.#isOver = true;
    this.#cancelWatch();
    this.#place?.leave();
    this.#pull?.stop();
  }

  #open(): void {
    const { link, url } = this.#options;
    this.#pull = link.open(url, {
      onReport: (report, bytes) => {
        try {
          this.#take(report, bytes);
        } catch (thrown) {
          if (!(thrown instanceof MediaError)) throw thrown;
          this.#end({ why: 'protocol' });
        }
      },
      onTrouble: (trouble) => this.#end({ why: trouble === 'missing' ? 'reader-missing' : 'reader-lost' }),
    });
  }

  #ask(onGiven: () => void): void {
    const { transcodes, note } = this.#options;
    note();
    this.#place = transcodes.ask((isGiven) => {
      if (this.#isOver) return;
      if (isGiven) onGiven();
      else this.#end({ why: 'no-transcode' });
    });
  }

  #take(report: ReaderReport, bytes: Buffer): void {
    if (this.#isOver) return;
    const { onUnit, onBytes } = this.#options.handlers;
    this.#heardMs = this.#options.clock.monotonicMs();
    if (report.kind === 'bytes') onBytes(report.count);
    else if (report.kind === 'end') this.#end(endOf(report));
    else if (report.kind === 'transcode') {
      if (this.#place?.isGiven === true) this.#pull?.transcode();
      else this.#ask(() => this.#pull?.transcode());
    }
    // The receiver may stop the pull at any unit.
    else for (const unit of this.#units.of(report, bytes)) if (!this.#wasStopped()) onUnit(unit);
  }

  #wasStopped(): boolean {
    return this.#isOver;
  }

  #end(ended: AnyPullEnd): void {
    if (this.#isOver) return;
    this.stop();
    this.#options.handlers.onEnd(ended);
  }

  #watch(): void {
    const { clock } = this.#options;
    const waitMs = Math.max(0, this.#heardMs + SILENCE_MS - clock.monotonicMs());
    this.#cancelWatch = clock.after(waitMs, () => {
      if (clock.monotonicMs() - this.#heardMs < SILENCE_MS) this.#watch();
      else this.#end({ why: 'silence' });
    });
  }
}

function endOf({ why, code }: Extract<ReaderReport, { kind: 'end' }>): AnyPullEnd {
  return code === null ? { why } : { why, code };
}
