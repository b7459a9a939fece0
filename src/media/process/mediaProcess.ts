import type { z } from 'zod';
import { childModule } from '../../core/childModule.js';
import type { Clock } from '../../core/clock.js';
import { ChildLink, type MediaAvailability } from './childLink.js';
import type { StreamProof } from '../pull/prove.js';
import type { PullSource } from '../pull/pullState.js';
import { answerSchema, fromWire, pictureSchema, proofSchema, statesSchema, type Task } from './protocol.js';
import type { SlateSpec } from '../pictures/slate.js';
import type { PullState } from '../pull/pullState.js';
import type { StandInRules } from '../pictures/standIn.js';
import { streamErrors } from '../streamErrors.js';

const PROOF_MS = 15_000;
const ANSWER_MS = 10_000;
/** A machine that makes slates of all its cameras at once is slow with each. */
const SLATE_MS = 60_000;

export interface PullReport extends PullState {
  readonly cameraId: string;
}

export interface SegmentReport {
  readonly cameraId: string;
  /** A new init part when it differs from the last. */
  readonly init: Buffer | null;
  readonly body: Buffer;
  readonly durationMs: number;
}

export interface MediaListener {
  segment?(segment: SegmentReport): void;
  sessionEnd?(cameraId: string, sessionId: string): void;
  /** The camera was away for as long as its last picture may stand in for it. */
  gone?(cameraId: string): void;
  /** The process is there again, and knows nothing of what it was told before. */
  restarted?(): void;
  /** It died; what was open in it is gone. */
  lost?(): void;
}

/** One child process that does everything with pictures; see `createMediaProcess`. */
export interface MediaProcess {
  /** Resolves when the process said whether node-av can be loaded; never rejects. */
  start(): Promise<MediaAvailability>;
  stop(): Promise<void>;
  availability(): MediaAvailability;
  /** Null while it is not running. */
  pid(): number | null;
  listen(listener: MediaListener): void;
  /**
   * Throws `CameraError` with a `STREAM_…` code, or `AppError` ENGINE_MISSING. Bounded in time. `rhythmMs`: how long it is
   * watched on for its second key frame; 0 when absent.
   */
  prove(url: string, signal?: AbortSignal, rhythmMs?: number): Promise<StreamProof>;
  /** The JPEG at 60 KB or less; throws `CameraError` PICTURE_UNREADABLE. */
  shrink(jpeg: Buffer, signal?: AbortSignal): Promise<Buffer>;
  /** An MP4 for MediaMTX's `alwaysAvailableFile`; throws `CameraError` SLATE_SIZE, SLATE_SOUND or PICTURE_UNREADABLE. */
  slate(spec: SlateSpec, signal?: AbortSignal): Promise<Buffer>;
  /**
   * Pulls this URL for the camera; another one is taken over without a gap, and null ends the pull but keeps the viewers.
   * `standIn`: what is shown while no pictures come.
   */
  openPull(cameraId: string, source: PullSource | null, standIn: StandInRules): Promise<void>;
  /** Whether anybody watches a camera that is pulled; taken as watched until this is called. */
  pullWatched(cameraId: string, isWatched: boolean): Promise<void>;
  closePull(cameraId: string): Promise<void>;
  /**
   * Resolves when pictures of this revision come (null: any picture, one that stands in too); rejects with why not after
   * `limitMs`, or two failures of the source.
   */
  arrived(cameraId: string, revision: number | null, limitMs: number, signal?: AbortSignal): Promise<void>;
  /** A proof by the pictures that are pulled already: no further stream. */
  provePull(cameraId: string, revision: number, signal?: AbortSignal): Promise<StreamProof>;
  pulls(signal?: AbortSignal): Promise<readonly PullReport[]>;
  whepOffer(cameraId: string, offer: string, signal?: AbortSignal): Promise<{ sessionId: string; answer: string }>;
  whepClose(sessionId: string): Promise<void>;
}

export interface MediaProcessOptions {
  readonly clock: Clock;
  /** How long a proof may take; 15 s when absent. */
  readonly proofLimitMs?: number;
  /** Tests start another module in its place. */
  readonly module?: URL;
}

/** The parent's side of the media process: requests with time-outs, restarts with back-off, a clean end. */
export function createMediaProcess(options: MediaProcessOptions): MediaProcess {
  return new ForkedMediaProcess(options);
}

class ForkedMediaProcess implements MediaProcess {
  readonly #link: ChildLink;
  readonly #listeners: MediaListener[] = [];

  readonly #proofLimitMs: number;

  constructor({ clock, module, proofLimitMs = PROOF_MS }: MediaProcessOptions) {
    this.#proofLimitMs = proofLimitMs;
    this.#link = new ChildLink(clock, module ?? childModule('../../mediaChild.js', import.meta.url), {
      segment: (segment) => this.#tell((listener) => listener.segment?.(segment)),
      sessionEnd: (cameraId, sessionId) => this.#tell((listener) => listener.sessionEnd?.(cameraId, sessionId)),
      gone: (cameraId) => this.#tell((listener) => listener.gone?.(cameraId)),
      restarted: () => this.#tell((listener) => listener.restarted?.()),
      lost: () => this.#tell((listener) => listener.lost?.()),
    });
  }

  start(): Promise<MediaAvailability> {
    return this.#link.start();
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }

  availability(): MediaAvailability {
    return this.#link.availability();
  }

  pid(): number | null {
    return this.#link.pid();
  }

  listen(listener: MediaListener): void {
    this.#listeners.push(listener);
  }

  #tell(about: (listener: MediaListener) => void): void {
    for (const listener of this.#listeners) about(listener);
  }

  async prove(url: string, signal?: AbortSignal, rhythmMs = 0): Promise<StreamProof> {
    const limitMs = this.#proofLimitMs + rhythmMs;
    return this.#ask({ op: 'prove', url, rhythmMs }, proofSchema, limitMs, streamErrors.noPicture, signal);
  }

  async shrink(jpeg: Buffer, signal?: AbortSignal): Promise<Buffer> {
    return this.#ask({ op: 'shrink', picture: jpeg }, pictureSchema, ANSWER_MS, streamErrors.processSlow, signal);
  }

  async slate(spec: SlateSpec, signal?: AbortSignal): Promise<Buffer> {
    return this.#ask({ op: 'slate', ...spec }, pictureSchema, SLATE_MS, streamErrors.processSlow, signal);
  }

  async openPull(cameraId: string, source: PullSource | null, standIn: StandInRules): Promise<void> {
    // The process has no environment, so it would not know the operator's own time zone.
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    await this.#askPlainly({ op: 'open', cameraId, source, standIn, timeZone });
  }

  async pullWatched(cameraId: string, isWatched: boolean): Promise<void> {
    await this.#askPlainly({ op: 'watched', cameraId, isWatched });
  }

  async closePull(cameraId: string): Promise<void> {
    await this.#askPlainly({ op: 'close', cameraId });
  }

  async provePull(cameraId: string, revision: number, signal?: AbortSignal): Promise<StreamProof> {
    const task = { op: 'provePull', cameraId, revision } as const;
    return this.#ask(task, proofSchema, this.#proofLimitMs, streamErrors.noPicture, signal);
  }

  async arrived(cameraId: string, revision: number | null, limitMs: number, signal?: AbortSignal): Promise<void> {
    // The process ends the wait itself, since it knows why no picture came.
    const task = { op: 'arrived', cameraId, revision, limitMs } as const;
    await this.#link.request(task, limitMs + ANSWER_MS, streamErrors.processSlow, signal);
  }

  async pulls(signal?: AbortSignal): Promise<readonly PullReport[]> {
    const states = await this.#ask({ op: 'states' }, statesSchema, ANSWER_MS, streamErrors.processSlow, signal);
    return states.map(({ problem, ...state }) => ({ ...state, problem: problem && fromWire(problem) }));
  }

  async whepOffer(
    cameraId: string,
    offer: string,
    signal?: AbortSignal,
  ): Promise<{ sessionId: string; answer: string }> {
    return this.#ask({ op: 'whepOffer', cameraId, offer }, answerSchema, ANSWER_MS, streamErrors.processSlow, signal);
  }

  async whepClose(sessionId: string): Promise<void> {
    await this.#askPlainly({ op: 'whepClose', sessionId });
  }

  async #askPlainly(task: Task): Promise<void> {
    await this.#link.request(task, ANSWER_MS, streamErrors.processSlow);
  }

  async #ask<T>(
    task: Task,
    schema: z.ZodType<T>,
    limitMs: number,
    late: () => Error,
    signal?: AbortSignal,
  ): Promise<T> {
    return schema.parse(await this.#link.request(task, limitMs, late, signal));
  }
}
