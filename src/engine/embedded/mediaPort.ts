import type { StandInRules } from '../../core/streams/standInRules.js';
import type { RelayReason } from '../../core/streams/relay.js';
import type { Proof } from '../mediaEngine.js';

/** What the embedded engine needs of the media process. */
export interface EmbeddedMediaProcess {
  start(): Promise<unknown>;
  availability(): { readonly available: boolean; readonly version: string | null; readonly problem: string | null };
  /** null: the media process is not running. */
  pid(): number | null;
  listen(listener: EmbeddedMediaListener): void;
  prove(url: string, signal?: AbortSignal): Promise<Proof>;
  /**
   * Pulls this URL for the camera. A running pull moves to it without a gap; null ends the pull but keeps the viewers. `standIn`: what
   * viewers see while no pictures come.
   */
  openPull(
    cameraId: string,
    source: { url: string; revision: number; withoutSound?: boolean } | null,
    standIn: StandInRules,
  ): Promise<void>;
  /** Tells the media process whether anybody watches a pulled camera, which counts as watched until this is called. */
  pullWatched(cameraId: string, isWatched: boolean): Promise<void>;
  closePull(cameraId: string): Promise<void>;
  /** Resolves when pictures of this revision come (null: any picture, also a stand-in); rejects when none came within `limitMs`. */
  arrived(cameraId: string, revision: number | null, limitMs: number, signal?: AbortSignal): Promise<void>;
  /** Proves a lease by the pictures of its running pull. */
  provePull(cameraId: string, revision: number, signal?: AbortSignal): Promise<Proof>;
  pulls(signal?: AbortSignal): Promise<readonly EmbeddedPull[]>;
  whepOffer(cameraId: string, offer: string, signal?: AbortSignal): Promise<{ sessionId: string; answer: string }>;
  whepClose(sessionId: string): Promise<void>;
}

export interface EmbeddedMediaListener {
  segment(segment: EmbeddedSegment): void;
  sessionEnd(cameraId: string, sessionId: string): void;
  /** The camera was away for longer than its stand-in may be shown, so its WebRTC sessions have ended. */
  gone(cameraId: string): void;
  restarted(): void;
  lost(): void;
}

export interface EmbeddedSegment {
  readonly cameraId: string;
  /** The init part, with the first segment and whenever the stream's parameters changed; else null. */
  readonly init: Buffer | null;
  readonly body: Buffer;
  readonly durationMs: number;
}

export interface EmbeddedPull {
  readonly cameraId: string;
  readonly revision: number | null;
  readonly flowing: boolean;
  /** True: viewers see a stand-in. */
  readonly standsIn: boolean;
  readonly bytesReceived: number;
  /** How many ms ago the camera's last picture came; null: none has come. */
  readonly pictureMsAgo?: number | null;
  /** Why no picture comes; null: pictures come, or the pull is being opened. */
  readonly problem: Error | null;
  /** `problem` as a reason code; null: no problem, or not known. */
  readonly reason: RelayReason | null;
}
