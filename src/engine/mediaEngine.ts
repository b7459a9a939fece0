import type { Serving } from '../core/streams/plays.js';
import type { CameraId, CameraMode } from '../core/camera/camera.js';
import type { SourceOpening } from '../core/streams/opening.js';
import type { PullTarget } from '../core/streams/pullTarget.js';
import type { DesiredStreams } from '../core/streams/streams.js';
import type { StreamTracks } from '../core/camera/tracks.js';
import type { SwapHow } from '../core/handover/handover.js';
import type { EngineRefusal } from '../core/refusals.js';
import type { RelayReason, StreamCarrier } from '../core/streams/relay.js';

/** What a proof saw; `core/handover/proof.ts` decides whether that is a fault. `prove` throws `CameraError` when there was no picture. */
export interface Proof {
  readonly tracks: StreamTracks;
  readonly framesPerSecond: number | null;
  /** Whether the pictures changed. null: the proof was too short to tell, or this process cannot decode (node-av is missing). */
  readonly moves: boolean | null;
  /** The decoded picture as JPEG, at most 60 KB; null: this process cannot decode. */
  readonly picture: Buffer | null;
}

/** What the engine sees of one camera. */
export interface StreamState {
  /** The revision the engine is configured with; null: no path. */
  readonly revision: number | null;
  /**
   * `flowing`: bytes come. `starting`: a pull was opened, and its first picture has not come yet. `idle`: nobody watches, so nothing is
   * pulled. `stopped`: the camera should be pulled and no bytes come, so viewers see the slate. `unknown`: the media server or the relay
   * could not be asked.
   */
  readonly flow: 'flowing' | 'starting' | 'idle' | 'stopped' | 'unknown';
  /**
   * How the public path gets the camera's picture now; absent: the media server pulls it by itself. A seamless camera is carried by
   * `forward` while the relay is away.
   */
  readonly carrier?: StreamCarrier;
  /**
   * Why the relay brings no picture, or why its latest pull ended; absent or null: nothing ended since pictures came, or no relay.
   * `protocol` without a carrier: the media server pulls the camera because the relay cannot speak to its source.
   */
  readonly reason?: RelayReason | null;
  /** How many pulls of the relay have ended since it has had the camera; absent: none, no relay, or an older one. */
  readonly endedPulls?: number;
  /** True: viewers see a stand-in; false: viewers are turned away; absent: the picture comes, or that is not known. */
  readonly standsIn?: boolean;
  readonly bytesReceived: number;
  /** When (monotonic, ms) `states` last saw that the camera's byte count had grown since the call before; absent: never. */
  readonly movedMs?: number;
  /** People who watch; camlease's own reads are not counted. */
  readonly viewers: number;
}

export interface StreamLinks {
  readonly hlsUrl: string;
  /** A page; WHEP is at `<webrtcUrl>/whep`. */
  readonly webrtcUrl: string;
  /** Protocols that the media server does not serve, so that their URL leads nowhere; absent: it serves both. */
  readonly notServed?: readonly ('hls' | 'webrtc')[];
  /** What of a camera the two protocols carry; absent: the media server has not said yet. */
  readonly serving?: Serving;
}

export interface EngineStatus {
  readonly kind: 'mediamtx' | 'embedded';
  readonly version: string | null;
  readonly ready: boolean;
  /** One sentence with its cure, also for a trouble of a ready engine; null: there is none. */
  readonly problem: string | null;
  /** For how many ms the media server has not answered, so that nobody can watch; absent: it answers, or the engine has none. */
  readonly awayMs?: number;
  /**
   * How many on-demand cameras the media server still pulls although the relay could: they move to the relay once nobody watches them.
   * Absent: none.
   */
  readonly waitForRelay?: number;
}

/** A camera that the engine cannot serve: why, and what the operator can do. */
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

/** What `apply` would do to one camera. */
export interface PlannedChange {
  readonly cameraId: CameraId;
  /**
   * - `none`: nothing changes. `hot`: no viewer notices (a path is added, or the relay changes its pull).
   * - `handover`: viewers stay, the picture freezes until the next key frame.
   * - `rebuild`: viewers are dropped and have to reconnect.
   */
  readonly how: 'none' | 'hot' | 'handover' | 'rebuild';
  /** People watching now; null: the media server could not be asked. */
  readonly viewers: number | null;
  /** What pulls the camera after the change; absent: the same as now. */
  readonly movesTo?: 'relay' | 'media-server';
  /** MediaMTX's paths; empty for an engine without paths. */
  readonly paths: readonly { readonly name: string; readonly action: 'add' | 'change' | 'remove' }[];
}

export interface ApplyReport {
  /** Cameras whose path was added, changed or removed. */
  readonly changed: readonly CameraId[];
  /** Cameras that went to another lease in this call, or in the background since the call before; absent: none. */
  readonly moved?: readonly MovedStream[];
  /** How MediaMTX was changed: `none`, `api` (few changes) or `file` (one rewrite). */
  readonly by: 'none' | 'api' | 'file';
  /**
   * Every camera that the engine does not serve as asked, and why; one entry for each. Complete in every report: a camera that stays
   * refused is named again, also when this call wrote nothing.
   */
  readonly refused: readonly RefusedStream[];
}

/** What identifies a media server that several replicas may reach. */
export interface EngineMarker {
  /** The media server's name, the same for every replica that reaches it. */
  readonly name: string;
  /** The fence of the replica that wrote this marker last; 0: none is written. */
  readonly fence: number;
}

/** Serves the media of the embedded engine over camlease's own HTTP port; MediaMTX has ports of its own. */
export interface EmbeddedMedia {
  /** `file` is `index.m3u8`, an init part or a segment. Starts the pull for the first viewer. null: no such file. */
  hls(cameraId: CameraId, file: string, signal: AbortSignal): Promise<{ contentType: string; body: Buffer } | null>;
  /** WHEP: an SDP offer in, the answer with its candidates and a session id out. */
  whepOffer(cameraId: CameraId, offer: string, signal: AbortSignal): Promise<{ sessionId: string; answer: string }>;
  /** False: no such session. */
  whepClose(sessionId: string): Promise<boolean>;
}

/** Turns leases into HLS and WebRTC. A process has one engine. Only the media loop calls `apply`, one call at a time. */
export interface MediaEngine {
  /** Starts the engine. Resolves also when the media server does not answer yet; `status().ready` is false then. */
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): EngineStatus;
  /** Calls `listener` whenever the media server lost its streams (restart, file edited), so that the media loop applies them again. */
  onReset(listener: () => void): void;
  /** Serves exactly these streams; resolves when that is confirmed to be in force. Paths that do not change keep their viewers. */
  apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport>;
  /**
   * Resolves when the media server's configuration file says what is in force, so that a restart of the media server changes nothing.
   * Absent: the engine lives in this process and has no such file.
   */
  settle?(signal?: AbortSignal): Promise<void>;
  /** null: the media server cannot be asked now. Absent: no other replica uses it. */
  marker?(): Promise<EngineMarker | null>;
  /** Another replica calls `apply` from now on: this engine stops writing, and `states` answers for these streams. */
  standBy?(streams: DesiredStreams): Promise<void>;
  /** What `apply` would change with these streams; writes nothing. Cameras that would not change are left out. */
  plan(streams: DesiredStreams, signal?: AbortSignal): Promise<readonly PlannedChange[]>;
  /**
   * True when a watched camera can go to another lease without dropping its viewers, so that no hold is needed. `from` and `to` are
   * what the proofs of both leases saw; null: not known.
   */
  swapsUnnoticed(
    camera: { readonly id: CameraId; readonly mode: CameraMode },
    from: StreamTracks | null,
    to: StreamTracks | null,
  ): boolean;
  /**
   * True when this camera goes to another lease without a write to the media server, so that the media loop need not gather several
   * moves into one write. Absent: no camera does.
   */
  movesFreely?(camera: { readonly id: CameraId; readonly mode: CameraMode }): boolean;
  /**
   * Plays the lease until a picture is decoded: through a pull of it that runs already (of the relay, a feeder or the embedded engine),
   * else straight from its URL. Makes a new slate for a camera that has one. Throws `CameraError` with `STREAM_…` codes.
   */
  prove(cameraId: CameraId, lease: PullTarget, signal?: AbortSignal): Promise<Proof>;
  /**
   * The state of each camera. The engine tells `flowing` from `stopped` by byte counts that grew since the call before, so the caller
   * has to ask regularly. `pulled`: the engine may leave out cameras that nobody pulls, if that is cheaper.
   */
  states(signal?: AbortSignal, which?: 'all' | 'pulled'): Promise<ReadonlyMap<CameraId, StreamState>>;
  /** People watching each camera now, never from a cache, since a swap depends on it; null: the media server could not be asked. */
  viewers(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, number> | null>;
  /** `requestOrigin`: camlease's `http://host:port` as the client reaches it; links to MediaMTX come from the configuration instead. */
  links(cameraId: CameraId, requestOrigin: string): StreamLinks;
  /**
   * The URL at which programs of this house read the camera's stream from the relay, whatever lease or address it pulls. Secret. null: the
   * relay does not carry the camera, or cannot be used now. Absent: the engine has no relay.
   */
  readerUrl?(cameraId: CameraId): string | null;
  /** Opens addresses that people gave, by the relay that pulls them for this engine; absent: it has no relay. */
  readonly opening?: SourceOpening;
  /** The media that camlease serves itself; null: MediaMTX serves its own. */
  readonly media: EmbeddedMedia | null;
}
