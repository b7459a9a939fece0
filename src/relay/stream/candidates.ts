import type { Clock } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayCamera } from '../../core/streams/relay.js';
import { CandidateStream } from './candidateStream.js';
import { isSameTarget, PullSource } from '../pull/pullSource.js';
import type { Puller } from '../pull/puller.js';
import type { Pulls } from '../pull/pulls.js';
import type { RelayNews } from '../pull/relayNews.js';

export interface CandidatesOptions {
  readonly clock: Clock;
  readonly pull: Puller;
  /** What the camera's stream pulls. */
  readonly stream: () => Pick<Pulls, 'live' | 'next'>;
  readonly tell: (news: RelayNews) => void;
}

/**
 * The addresses of a camera that are looked at beside its stream: the candidate, and the target in force. They share their pulls with the
 * stream, so that an address is never opened twice, and a camera has two pulls at most. The stream goes first.
 */
export class Candidates {
  readonly #options: CandidatesOptions;
  #known: Pick<RelayCamera, 'target' | 'candidate'> = { target: null, candidate: null };
  /** Streams that were asked for, by revision. */
  readonly #streams = new Map<number, CandidateStream>();

  constructor(options: CandidatesOptions) {
    this.#options = options;
  }

  /** Ends the readers of an address that is neither the candidate nor in force any more. */
  tell(known: Pick<RelayCamera, 'target' | 'candidate'>): void {
    this.#known = known;
    for (const [revision, stream] of this.#streams) {
      if (isSameTarget(stream.target, known.candidate) || isSameTarget(stream.target, known.target)) continue;
      this.#streams.delete(revision);
      stream.end();
    }
  }

  /** null: the revision is not known. */
  of(revision: number): CandidateStream | null {
    const { candidate, target } = this.#known;
    const asked = [candidate, target].find((known) => known?.revision === revision);
    if (!asked) return null;
    const { clock } = this.#options;
    const stream =
      this.#streams.get(revision) ?? new CandidateStream(asked, { clock, source: (aim) => this.#forReaders(aim) });
    this.#streams.set(revision, stream);
    return stream;
  }

  /** For the camera's stream: the pull that is looked at already, else a new one. */
  forStream(target: PullTarget): PullSource {
    const shared = this.#sources().find((source) => isSameTarget(source.target, target));
    if (shared) return shared;
    const { live } = this.#options.stream();
    if (live) for (const stream of this.#streams.values()) if (stream.source !== live) stream.interrupt();
    return this.#open(target);
  }

  /** To be called when the camera's stream pulls less than before. */
  beginWhereWanted(): void {
    for (const stream of this.#streams.values()) stream.beginWhereWanted();
  }

  #forReaders(target: PullTarget): PullSource | null {
    const { live, next } = this.#options.stream();
    const pulls = new Set([live, next, ...this.#sources()].filter((source) => source !== null));
    for (const source of pulls) if (isSameTarget(source.target, target)) return source;
    if (pulls.size >= MOST_PULLS) return null;
    this.#options.tell({ kind: 'candidate', revision: target.revision });
    return this.#open(target);
  }

  /** One that ended just now is not used again: its users are being told. */
  #sources(): PullSource[] {
    return [...this.#streams.values()].flatMap(({ source }) => (source && !source.isOver ? [source] : []));
  }

  #open(target: PullTarget): PullSource {
    return new PullSource(target, this.#options.pull, this.#options.clock);
  }
}

const MOST_PULLS = 2;
