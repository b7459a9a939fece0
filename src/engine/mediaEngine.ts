import type { CameraId, CameraMode } from '../core/camera/camera.js';
import type { Lease } from '../core/camera/lease.js';
import type { StreamTracks } from '../core/camera/tracks.js';
import type { SwapHow } from '../core/handover/handover.js';
import type { EngineRefusal } from '../core/refusals.js';
import type { RelayCamera, RelayReason, StreamCarrier } from '../core/streams/relay.js';

/** What an engine is to serve for one camera. */
export interface DesiredStream {
  readonly mode: CameraMode;
  /** The lease that is pulled; null: none is alive (a camera that is pulled all the time, or by a relay, keeps its address and its slate). */
  readonly inForce: Lease | null;
  /** Is being proven: an engine that needs it running for that pulls it beside the one in force. */
  readonly candidate: Lease | null;
  /** What a relay does with the camera beside pulling it; absent: the slate stands in for ever, and nobody bounds its pulls. */
  readonly relaying?: Pick<RelayCamera, 'whenGone' | 'cap'>;
}

export type DesiredStreams = ReadonlyMap<CameraId, DesiredStream>;

/** What a proof saw; whether that is a fault is for `core/handover/proof.ts` to say. `prove` throws `CameraError` when there was no picture. */
export interface Proof {
  readonly tracks: StreamTracks;
  readonly framesPerSecond: number | null;
  /** Whether the pictures changed. null: it was not watched for long enough to tell, or nothing here can decode. */
  readonly moves: boolean | null;
  /** The decoded picture as JPEG, at most 60 KB; null where nothing here can decode. */
  readonly picture: Buffer | null;
}

/** What the engine sees of one camera. */
export interface StreamState {
  /** The revision the engine is configured with; null: no path. */
  readonly revision: number | null;
  /**
   * `idle`: nobody watches, so nothing is pulled. `stopped`: it should be pulled and nothing comes, viewers see the slate.
   * `unknown`: could not be read.
   */
  readonly flow: 'flowing' | 'starting' | 'idle' | 'stopped' | 'unknown';
  /**
   * How the public path gets the camera's picture now; absent: the media server pulls it by itself. A seamless camera is carried by
   * `forward` while the relay is away.
   */
  readonly carrier?: StreamCarrier;
  /**
   * Why the relay brings no picture, or why its latest pull ended; absent or null: nothing ended since pictures came, or no relay.
   * `protocol` without a carrier: the media server pulls the camera because the relay cannot.
   */
  readonly reason?: RelayReason | null;
  /** Something is shown in place of the picture; false: those who ask are turned away; absent: the picture comes, or nobody knows. */
  readonly standsIn?: boolean;
  readonly bytesReceived: number;
  /** When (monotonic, ms) the camera's bytes were last seen to have grown between two looks; absent: never. */
  readonly movedMs?: number;
  /** People, not our own reads. */
  readonly viewers: number;
}

export interface StreamLinks {
  readonly hlsUrl: string;
  /** A page; WHEP is at `<webrtcUrl>/whep`. */
  readonly webrtcUrl: string;
  /** Of these, what leads nowhere because the media server does not serve it; absent: both lead somewhere. */
  readonly notServed?: readonly ('hls' | 'webrtc')[];
}

export interface EngineStatus {
  readonly kind: 'mediamtx' | 'embedded';
  readonly version: string | null;
  readonly ready: boolean;
  /** A sentence and a cure when it is not. */
  readonly problem: string | null;
  /** For how long nothing of it has answered, in ms, so that nobody can watch; absent: something does, or nobody counts. */
  readonly awayMs?: number;
  /** On-demand cameras that the media server still pulls by itself, since they are watched, though the relay could; absent: none. */
  readonly waitForRelay?: number;
}

/** A camera that the engine cannot serve, with a sentence and its cure. */
export interface RefusedStream {
  readonly cameraId: CameraId;
  readonly code: EngineRefusal;
  readonly message: string;
  readonly cure: string;
}

/** A camera that went from one lease to another. */
export interface MovedStream {
  readonly cameraId: CameraId;
  readonly revision: number;
  readonly how: SwapHow;
}

/** What a change of the streams would do to one camera, found out without doing it. */
export interface PlannedChange {
  readonly cameraId: CameraId;
  /**
   * - `none`: nothing changes. `hot`: no viewer notices (a path comes, the relay goes over).
   * - `handover`: viewers stay, the picture freezes until the next key frame.
   * - `rebuild`: viewers are dropped and have to reconnect.
   */
  readonly how: 'none' | 'hot' | 'handover' | 'rebuild';
  /** People watching now; null: could not be read. */
  readonly viewers: number | null;
  /** What pulls the camera from then on; absent: the same as now. */
  readonly movesTo?: 'relay' | 'media-server';
  /** MediaMTX's paths; empty for an engine without paths. */
  readonly paths: readonly { readonly name: string; readonly action: 'add' | 'change' | 'remove' }[];
}

export interface ApplyReport {
  /** Cameras whose path was added, changed or taken away. */
  readonly changed: readonly CameraId[];
  /** Cameras that this call took from one lease to another; absent: none. */
  readonly moved?: readonly MovedStream[];
  /** How: `none`, `api` (one or two changes) or `file` (one rewrite). */
  readonly by: 'none' | 'api' | 'file';
  /**
   * Every camera of the asked streams that is not served as asked, and why; one entry for each. Complete in every report: a camera
   * that stays refused is named again, also when this call wrote nothing.
   */
  readonly refused: readonly RefusedStream[];
}

/** What a media server that several processes may reach says of itself. */
export interface EngineMarker {
  /** Its own name, the same for every process that reaches it. */
  readonly name: string;
  /** The fence under which an owner last wrote it; 0: nobody left one. */
  readonly fence: number;
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
  /**
   * Resolves when what is in force also stands where the media server finds it at its next start. Absent: the engine is this process's
   * own.
   */
  settle?(signal?: AbortSignal): Promise<void>;
  /** null: it cannot be read now. Absent: the engine is this process's own. */
  marker?(): Promise<EngineMarker | null>;
  /** Another process applies from now on: what changes the media server ends, and these are the streams that `states` is about. */
  lookOn?(streams: DesiredStreams): Promise<void>;
  /** What `apply` would do with these streams; writes nothing. Cameras to which nothing would happen are left out. */
  plan(streams: DesiredStreams, signal?: AbortSignal): Promise<readonly PlannedChange[]>;
  /**
   * True when this camera, watched, changes its URL without its viewers being dropped, so no hold is needed. `from` and `to` are what
   * the proofs of both leases saw; null: not known.
   */
  swapsUnnoticed(
    camera: { readonly id: CameraId; readonly mode: CameraMode },
    from: StreamTracks | null,
    to: StreamTracks | null,
  ): boolean;
  /**
   * True when this camera goes to another lease without a write to the media server, so that nothing is gained by gathering moves.
   * Absent: no camera does.
   */
  movesFreely?(camera: { readonly id: CameraId; readonly mode: CameraMode }): boolean;
  /**
   * Plays the lease until a picture is decoded: through what already pulls it where there is such a thing, else straight from its
   * URL. Renews the slate of a camera that has one. Throws `CameraError` with `STREAM_…` codes.
   */
  prove(cameraId: CameraId, lease: Lease, signal?: AbortSignal): Promise<Proof>;
  /**
   * `flowing` and `stopped` are told by bytes that were seen to grow between two looks, so somebody has to look again and again.
   * `pulled`: an engine may leave out cameras that nobody pulls, if that is cheaper.
   */
  states(signal?: AbortSignal, which?: 'all' | 'pulled'): Promise<ReadonlyMap<CameraId, StreamState>>;
  /** People watching each camera now; null: could not be read. Asked right before a swap, so always fresh. */
  viewers(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, number> | null>;
  /** `requestOrigin` is `http://host:port` as the client sees us; MediaMTX's links come from the configuration. */
  links(cameraId: CameraId, requestOrigin: string): StreamLinks;
  /** null for MediaMTX. */
  readonly media: EmbeddedMedia | null;
}
