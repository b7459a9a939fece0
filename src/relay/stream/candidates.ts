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
  /** For openings. */
  readonly openingPull: Puller;
  /** Returns the pulls of the camera's stream. */
  readonly stream: () => Pick<Pulls, 'live' | 'next'>;
  readonly onNews: (news: RelayNews) => void;
}

/**
 * The streams of a camera's leases, one for each, beside the camera's own stream: the candidate and the lease in force, for their proofs.
 * They share pulls with the camera's stream, so that no URL is opened twice and a camera has two pulls at most. The camera's stream has
 * precedence.
 */
export class Candidates {
  readonly #options: CandidatesOptions;
  #known: Pick<RelayCamera, 'target' | 'candidate'> = { target: null, candidate: null };
  /** Streams that a reader has asked for, by revision. */
  readonly #streams = new Map<number, CandidateStream>();
  /** Pulls that openings began. */
  #opened: readonly PullSource[] = [];

  constructor(options: CandidatesOptions) {
    this.#options = options;
  }

  /** Ends the streams of leases that are neither the candidate nor in force any more. */
  setLeases(known: Pick<RelayCamera, 'target' | 'candidate'>): void {
    this.#known = known;
    for (const [revision, stream] of this.#streams) {
      if (isSameTarget(stream.target, known.candidate) || isSameTarget(stream.target, known.target)) continue;
      this.#streams.delete(revision);
      stream.end();
    }
  }

  /** The stream of a revision; null: the revision is neither the candidate nor in force. */
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

  /** The pull of a target for the camera's stream: one that a candidate's stream has already, else a new one. */
  forStream(target: PullTarget): PullSource {
    const shared = this.#sources().find((source) => isSameTarget(source.target, target));
    if (shared) return shared;
    const { live } = this.#options.stream();
    if (live) for (const stream of this.#streams.values()) if (stream.source !== live) stream.interrupt();
    return this.#open(target);
  }

  /** The pull of a target for an opening: one that the camera has already, else a new one, which readers share that come meanwhile. */
  forOpening(target: PullTarget): PullSource {
    const { live, next } = this.#options.stream();
    const known = [live, next, ...this.#sources()].filter((source) => source !== null);
    const shared = known.find((source) => isSameTarget(source.target, target));
    if (shared) return shared;
    const source = this.#open(target, this.#options.openingPull);
    this.#opened = [...this.#opened.filter(({ isOver }) => !isOver), source];
    return source;
  }

  /** Begins the pulls for which readers wait. Called when a pull of the camera's stream has ended. */
  beginWhereWanted(): void {
    for (const stream of this.#streams.values()) stream.beginWhereWanted();
  }

  #forReaders(target: PullTarget): PullSource | null {
    const { live, next } = this.#options.stream();
    const pulls = new Set([live, next, ...this.#sources()].filter((source) => source !== null));
    for (const source of pulls) if (isSameTarget(source.target, target)) return source;
    if (pulls.size >= MOST_PULLS) return null;
    this.#options.onNews({ kind: 'candidate', revision: target.revision });
    return this.#open(target);
  }

  /** The running pulls of candidates' streams and of openings. A pull that has just ended is not used again: its users are about to be called. */
  #sources(): PullSource[] {
    const ofStreams = [...this.#streams.values()].map(({ source }) => source);
    return [...ofStreams, ...this.#opened].flatMap((source) => (source && !source.isOver ? [source] : []));
  }

  #open(target: PullTarget, pull = this.#options.pull): PullSource {
    return new PullSource(target, pull, this.#options.clock);
  }
}

const MOST_PULLS = 2;
