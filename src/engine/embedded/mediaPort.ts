import type { RelayReason } from '../../core/streams/relay.js';
import type { Proof } from '../mediaEngine.js';

/** What the embedded engine needs of the media process; `app.ts` hands it in. */
export interface EmbeddedMediaProcess {
  start(): Promise<unknown>;
  availability(): { readonly available: boolean; readonly version: string | null; readonly problem: string | null };
  /** Null while it is not running. */
  pid(): number | null;
  listen(listener: EmbeddedMediaListener): void;
  prove(url: string, signal?: AbortSignal): Promise<Proof>;
  /**
   * Pulls this URL for the camera; another one is taken over without a gap, and null ends the pull but keeps the viewers.
   * `standIn`: what is shown while no pictures come.
   */
  openPull(cameraId: string, source: { url: string; revision: number } | null, standIn: StandInRules): Promise<void>;
  /** Whether anybody watches a camera that is pulled; taken as watched until this is called. */
  pullWatched(cameraId: string, isWatched: boolean): Promise<void>;
  closePull(cameraId: string): Promise<void>;
  /** Resolves when pictures of this revision come (null: any, a stand-in too); rejects when none did within `limitMs`. */
  arrived(cameraId: string, revision: number | null, limitMs: number, signal?: AbortSignal): Promise<void>;
  /** A proof by the pictures that are pulled already. */
  provePull(cameraId: string, revision: number, signal?: AbortSignal): Promise<Proof>;
  pulls(signal?: AbortSignal): Promise<readonly EmbeddedPull[]>;
  whepOffer(cameraId: string, offer: string, signal?: AbortSignal): Promise<{ sessionId: string; answer: string }>;
  whepClose(sessionId: string): Promise<void>;
}

/** What is shown in a camera's place while its pictures do not come. */
export interface StandInRules {
  /** Also to viewers who come before the camera has shown a picture. */
  readonly whenCold: boolean;
  /** An open connection without a picture for so long: the camera is away. */
  readonly silentMs: number;
  /** So long after the last picture it bears a label; until then it is repeated as it came. */
  readonly labelledMs: number;
  /** It is shown for so long, and ends then; null: until the camera is back. */
  readonly longestMs: number | null;
}

export interface EmbeddedMediaListener {
  segment(segment: EmbeddedSegment): void;
  sessionEnd(cameraId: string, sessionId: string): void;
  /** The camera was away for as long as its last picture may stand in for it; its WebRTC sessions have ended. */
  gone(cameraId: string): void;
  restarted(): void;
  lost(): void;
}

export interface EmbeddedSegment {
  readonly cameraId: string;
  /** Set with the first segment and whenever the stream's parameters changed. */
  readonly init: Buffer | null;
  readonly body: Buffer;
  readonly durationMs: number;
}

export interface EmbeddedPull {
  readonly cameraId: string;
  readonly revision: number | null;
  readonly flowing: boolean;
  /** Its last picture is shown in the camera's place. */
  readonly standsIn: boolean;
  readonly bytesReceived: number;
  /** Since the last picture of the camera came; null: none has. */
  readonly pictureMsAgo?: number | null;
  /** Why no picture comes; null: one does, or it is being opened. */
  readonly problem: Error | null;
  /** The same in a word, where it is known. */
  readonly reason: RelayReason | null;
}
