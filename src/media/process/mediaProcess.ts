import type { z } from 'zod';
import { childModule } from '../../core/childModule.js';
import type { Clock } from '../../core/clock.js';
import { ChildLink, type MediaAvailability } from './childLink.js';
import type { StreamProof } from '../pull/prove.js';
import type { PulledUrl } from '../pull/pullState.js';
import { answerSchema, fromWire, pictureSchema, proofSchema, statesSchema, type Task } from './protocol.js';
import type { SlateSpec } from '../../core/streams/slateSpec.js';
import type { PullState } from '../pull/pullState.js';
import type { StandInRules } from '../../core/streams/standInRules.js';
import { streamErrors } from '../streamErrors.js';

const PROOF_MS = 15_000;
const ANSWER_MS = 10_000;
/** Long, since a machine that makes the slates of all cameras at once is slow with each. */
const SLATE_MS = 60_000;

export interface PullReport extends PullState {
  readonly cameraId: string;
}

export interface SegmentReport {
  readonly cameraId: string;
  /** A new init part, when it differs from the one before; of MPEG-TS it is empty, and says that players begin anew. */
  readonly init: Buffer | null;
  readonly body: Buffer;
  readonly durationMs: number;
}

export interface MediaListener {
  segment?(segment: SegmentReport): void;
  sessionEnd?(cameraId: string, sessionId: string): void;
  /** The camera was away for longer than a stand-in may be shown. */
  gone?(cameraId: string): void;
  /** One picture of a stream that `openMpeg1` began; a player can begin with a key frame. */
  mpeg1Piece?(streamId: string, body: Buffer, isKey: boolean): void;
  /** The stream cannot be read any more. Not called for one that `closeMpeg1` ended, nor when the process is lost. */
  mpeg1Ended?(streamId: string, error: Error): void;
  /** The process was started again and is ready; it must get all pulls again. */
  restarted?(): void;
  /** The process has ended; its pulls and sessions are gone. */
  lost?(): void;
}

/** The child process that does everything with pictures; made by `createMediaProcess`. */
export interface MediaProcess {
  /** Resolves when the process has reported whether node-av can be loaded; never rejects. */
  start(): Promise<MediaAvailability>;
  stop(): Promise<void>;
  availability(): MediaAvailability;
  /** null: the process is not running. */
  pid(): number | null;
  listen(listener: MediaListener): void;
  /**
   * Proves a lease by its pictures, within `proofLimitMs`. Throws `CameraError` with a `STREAM_…` code, or `AppError` ENGINE_MISSING.
   * `rhythmMs`: how much longer to watch for a second key frame; absent: 0.
   */
  prove(url: string, signal?: AbortSignal, rhythmMs?: number): Promise<StreamProof>;
  /** Makes a JPEG of 60 KB or less; throws `CameraError` PICTURE_UNREADABLE. */
  shrink(jpeg: Buffer, signal?: AbortSignal): Promise<Buffer>;
  /** Makes a JPEG of 60 KB or less of one key frame (Annex B, parameter sets in front); throws `CameraError` PICTURE_UNREADABLE. */
  picture(keyFrame: Buffer, codec: 'H264' | 'H265', signal?: AbortSignal): Promise<Buffer>;
  /** Makes an MP4 for MediaMTX's `alwaysAvailableFile`; throws `CameraError` SLATE_SIZE, SLATE_SOUND or PICTURE_UNREADABLE. */
  slate(spec: SlateSpec, signal?: AbortSignal): Promise<Buffer>;
  /**
   * Pulls `source` for the camera. A new source takes over from the one before without a gap; null ends the pull and keeps the viewers.
   * `standIn`: when and how a stand-in is shown. `segmentMs`, said with the first call: segments are MPEG-TS, and each ends at the first key
   * frame after this; absent: fragmented MP4.
   */
  openPull(cameraId: string, source: PulledUrl | null, standIn: StandInRules, segmentMs?: number): Promise<void>;
  /** Sets whether a pulled camera has viewers; until this is called the camera counts as watched. */
  pullWatched(cameraId: string, isWatched: boolean): Promise<void>;
  closePull(cameraId: string): Promise<void>;
  /**
   * Resolves when pictures of this revision come (null: any picture, also a stand-in). Rejects with the reason after `limitMs`, or earlier
   * when the source keeps failing or fails for good.
   */
  arrived(cameraId: string, revision: number | null, limitMs: number, signal?: AbortSignal): Promise<void>;
  /** Proves a lease by the pictures of its running pull, without opening another stream. */
  provePull(cameraId: string, revision: number, signal?: AbortSignal): Promise<StreamProof>;
  pulls(signal?: AbortSignal): Promise<readonly PullReport[]>;
  whepOffer(cameraId: string, offer: string, signal?: AbortSignal): Promise<{ sessionId: string; answer: string }>;
  whepClose(sessionId: string): Promise<void>;
  /**
   * Begins to make MPEG-1 video in an MPEG transport stream of what is at this address of the relay; listeners get its pieces. `streamId`: a
   * name that no other stream has or had.
   */
  openMpeg1(streamId: string, url: string): Promise<void>;
  closeMpeg1(streamId: string): Promise<void>;
  /** Makes a JPEG of exactly this size (quality 85 of 100), the picture in its own shape on black; throws `CameraError` PICTURE_UNREADABLE. */
  thumbnail(
    jpeg: Buffer,
    size: { readonly width: number; readonly height: number },
    signal?: AbortSignal,
  ): Promise<Buffer>;
}

export interface MediaProcessOptions {
  readonly clock: Clock;
  /** How long a proof may take; 15 s when absent. */
  readonly proofLimitMs?: number;
  /** The module to start; absent: `mediaChild`. Tests start another one. */
  readonly module?: URL;
}

/** camlease's side of the media process: sends requests with time limits, restarts the process with growing waits, and ends it. */
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
      segment: (segment) => this.#callListeners((listener) => listener.segment?.(segment)),
      sessionEnd: (cameraId, sessionId) =>
        this.#callListeners((listener) => listener.sessionEnd?.(cameraId, sessionId)),
      gone: (cameraId) => this.#callListeners((listener) => listener.gone?.(cameraId)),
      mpeg1Piece: (...piece) => this.#callListeners((listener) => listener.mpeg1Piece?.(...piece)),
      mpeg1Ended: (...ended) => this.#callListeners((listener) => listener.mpeg1Ended?.(...ended)),
      restarted: () => this.#callListeners((listener) => listener.restarted?.()),
      lost: () => this.#callListeners((listener) => listener.lost?.()),
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

  #callListeners(about: (listener: MediaListener) => void): void {
    for (const listener of this.#listeners) about(listener);
  }

  async prove(url: string, signal?: AbortSignal, rhythmMs = 0): Promise<StreamProof> {
    const limitMs = this.#proofLimitMs + rhythmMs;
    return this.#request({ op: 'prove', url, rhythmMs }, proofSchema, limitMs, streamErrors.noPicture, signal);
  }

  async shrink(jpeg: Buffer, signal?: AbortSignal): Promise<Buffer> {
    return this.#request({ op: 'shrink', picture: jpeg }, pictureSchema, ANSWER_MS, streamErrors.processSlow, signal);
  }

  async picture(keyFrame: Buffer, codec: 'H264' | 'H265', signal?: AbortSignal): Promise<Buffer> {
    const task = { op: 'keyFrame', keyFrame, codec } as const;
    return this.#request(task, pictureSchema, SLATE_MS, streamErrors.processSlow, signal);
  }

  async slate(spec: SlateSpec, signal?: AbortSignal): Promise<Buffer> {
    return this.#request({ op: 'slate', ...spec }, pictureSchema, SLATE_MS, streamErrors.processSlow, signal);
  }

  async openPull(cameraId: string, source: PulledUrl | null, standIn: StandInRules, segmentMs?: number): Promise<void> {
    // The media process has no environment, so it does not know the operator's time zone.
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const form = segmentMs === undefined ? {} : { segmentMs };
    await this.#command({ op: 'open', cameraId, source, standIn, timeZone, ...form });
  }

  async pullWatched(cameraId: string, isWatched: boolean): Promise<void> {
    await this.#command({ op: 'watched', cameraId, isWatched });
  }

  async closePull(cameraId: string): Promise<void> {
    await this.#command({ op: 'close', cameraId });
  }

  async provePull(cameraId: string, revision: number, signal?: AbortSignal): Promise<StreamProof> {
    const task = { op: 'provePull', cameraId, revision } as const;
    return this.#request(task, proofSchema, this.#proofLimitMs, streamErrors.noPicture, signal);
  }

  async arrived(cameraId: string, revision: number | null, limitMs: number, signal?: AbortSignal): Promise<void> {
    // The media process ends the wait itself, since it knows why no picture came; the limit here is longer.
    const task = { op: 'arrived', cameraId, revision, limitMs } as const;
    await this.#link.request(task, limitMs + ANSWER_MS, streamErrors.processSlow, signal);
  }

  async pulls(signal?: AbortSignal): Promise<readonly PullReport[]> {
    const states = await this.#request({ op: 'states' }, statesSchema, ANSWER_MS, streamErrors.processSlow, signal);
    return states.map(({ problem, ...state }) => ({ ...state, problem: problem && fromWire(problem) }));
  }

  async whepOffer(
    cameraId: string,
    offer: string,
    signal?: AbortSignal,
  ): Promise<{ sessionId: string; answer: string }> {
    return this.#request(
      { op: 'whepOffer', cameraId, offer },
      answerSchema,
      ANSWER_MS,
      streamErrors.processSlow,
      signal,
    );
  }

  async whepClose(sessionId: string): Promise<void> {
    await this.#command({ op: 'whepClose', sessionId });
  }

  async openMpeg1(streamId: string, url: string): Promise<void> {
    await this.#command({ op: 'mpeg1', streamId, url });
  }

  async closeMpeg1(streamId: string): Promise<void> {
    await this.#command({ op: 'mpeg1End', streamId });
  }

  async thumbnail(
    picture: Buffer,
    size: { readonly width: number; readonly height: number },
    signal?: AbortSignal,
  ): Promise<Buffer> {
    const task = { op: 'thumbnail', picture, ...size } as const;
    return this.#request(task, pictureSchema, ANSWER_MS, streamErrors.processSlow, signal);
  }

  async #command(task: Task): Promise<void> {
    await this.#link.request(task, ANSWER_MS, streamErrors.processSlow);
  }

  async #request<T>(
    task: Task,
    schema: z.ZodType<T>,
    limitMs: number,
    late: () => Error,
    signal?: AbortSignal,
  ): Promise<T> {
    return schema.parse(await this.#link.request(task, limitMs, late, signal));
  }
}
