import type { CameraId, CameraMode } from '../core/camera.js';
import type { Lease } from '../core/lease.js';

/** What an engine is to serve for one camera. */
export interface DesiredStream {
  readonly mode: CameraMode;
  /** The lease that is pulled; null: nothing (expired, or none yet). */
  readonly inForce: Lease | null;
}

export type DesiredStreams = ReadonlyMap<CameraId, DesiredStream>;

/** What a proof saw. Throws `CameraError` instead when there was no picture. */
export interface Proof {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number | null;
  readonly audioCodec: string | null;
  /** The decoded picture as JPEG, at most 60 KB; null where nothing here can decode. */
  readonly picture: Buffer | null;
}

/** What the engine sees of one camera. */
export interface StreamState {
  /** The revision the engine is configured with; null: no path. */
  readonly revision: number | null;
  /** `idle`: nobody watches, so nothing is pulled. `unknown`: could not be read. */
  readonly flow: 'flowing' | 'starting' | 'idle' | 'unknown';
  readonly bytesReceived: number;
  /** People, not our own reads. */
  readonly viewers: number;
}

export interface StreamLinks {
  readonly hlsUrl: string;
  /** A page; WHEP is at `<webrtcUrl>/whep`. */
  readonly webrtcUrl: string;
}

export interface EngineStatus {
  readonly kind: 'mediamtx' | 'embedded';
  readonly version: string | null;
  readonly ready: boolean;
  /** A sentence and a cure when it is not. */
  readonly problem: string | null;
}

/** A camera that the engine cannot serve, with a sentence and its cure. */
export interface RefusedStream {
  readonly cameraId: CameraId;
  readonly message: string;
  readonly cure: string;
}

export interface ApplyReport {
  /** Cameras whose path was added, changed or taken away. */
  readonly changed: readonly CameraId[];
  /** How: `none`, `api` (one or two changes) or `file` (one rewrite). */
  readonly by: 'none' | 'api' | 'file';
  /** Cameras left out, and why (a foreign path has the name, say); absent: none. */
  readonly refused?: readonly RefusedStream[];
}

/** Serves the media of the embedded engine over camlease's own HTTP port; MediaMTX has ports of its own. */
export interface EmbeddedMedia {
  /** `file` is `index.m3u8`, an init part or a segment. Starts the pull when nobody watched yet. null: no such file. */
  hls(cameraId: CameraId, file: string, signal: AbortSignal): Promise<{ contentType: string; body: Buffer } | null>;
  /** WHEP: an SDP offer in, the answer with its candidates and a session id out. */
  whepOffer(cameraId: CameraId, offer: string, signal: AbortSignal): Promise<{ sessionId: string; answer: string }>;
  /** False: no such session. */
  whepClose(sessionId: string): Promise<boolean>;
}

/**
 * Turns leases into HLS and WebRTC. Nothing may assume that there is only one engine.
 * Only the media loop calls `apply`; one call at a time.
 */
export interface MediaEngine {
  /** Ready when it resolves; an engine that is away (MediaMTX not up yet) resolves too and reports itself not ready. */
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): EngineStatus;
  /** Called whenever the engine lost what it was told (restart, file edited): the media loop applies again. */
  onReset(listener: () => void): void;
  /** Makes exactly this be served, and resolves when it is confirmed to be in force. Paths that do not change keep their viewers. */
  apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport>;
  /** True when the engine changes a watched camera's URL without its viewers noticing, so no hold is needed. */
  readonly swapsUnnoticed: boolean;
  /** Plays the lease's URL until a picture is decoded. Throws `CameraError` with `STREAM_…` codes. */
  prove(cameraId: CameraId, lease: Lease, signal?: AbortSignal): Promise<Proof>;
  states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, StreamState>>;
  /** People watching now; null: could not be read. Asked right before a swap, so always fresh. */
  viewers(cameraId: CameraId, signal?: AbortSignal): Promise<number | null>;
  /** `requestOrigin` is `http://host:port` as the client sees us; MediaMTX's links come from the configuration. */
  links(cameraId: CameraId, requestOrigin: string): StreamLinks;
  /** null for MediaMTX. */
  readonly media: EmbeddedMedia | null;
}
