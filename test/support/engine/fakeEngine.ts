import { type CameraId, type CameraMode, goesByRelay, isAlwaysPulled } from '../../../src/core/camera/camera.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import { sameTracks, type StreamTracks } from '../../../src/core/camera/tracks.js';
import { CameraError } from '../../../src/core/errors.js';
import type { SwapHow } from '../../../src/core/handover/handover.js';
import type { SourceOpening } from '../../../src/core/streams/opening.js';
import type { RelayReason, StreamCarrier } from '../../../src/core/streams/relay.js';
import type { DesiredStream, DesiredStreams } from '../../../src/core/streams/streams.js';
import type {
  ApplyReport,
  EmbeddedMedia,
  EngineMarker,
  EngineStatus,
  MediaEngine,
  MovedStream,
  PlannedChange,
  Proof,
  RefusedStream,
  StreamLinks,
  StreamState,
} from '../../../src/engine/mediaEngine.js';

/** The outcome of `prove` for a camera: a proof, an error, or a function of the test (one that waits, for example). */
export type ProofOutcome = Proof | Error | ((lease: PullTarget, signal?: AbortSignal) => Promise<Proof>);

export const goodProof: Proof = {
  tracks: { video: { codec: 'H264', width: 1280, height: 720 }, audio: null },
  framesPerSecond: 15,
  moves: null,
  picture: null,
};

export function noPicture(message = 'The camera sent no picture.'): CameraError {
  return new CameraError('STREAM_NO_PICTURE', 'camera-state', message, { cure: 'Look whether the camera is online.' });
}

/** A `MediaEngine` in memory. Tests set its answers and read the calls that it got. */
export class FakeEngine implements MediaEngine {
  /** Absent: cameras with an address of their own are not opened. */
  opening?: SourceOpening;
  /** Every state that was applied successfully, in order. */
  readonly applied: DesiredStreams[] = [];
  /** Outcome of `prove` by camera; a camera that is not named is proven with `goodProof`. */
  readonly proofs = new Map<CameraId, ProofOutcome>();
  /** Every call of `prove`, in order. */
  readonly provenRevisions: { cameraId: CameraId; revision: number }[] = [];
  /** Viewers by camera; a camera that is not named has none. null: the viewers of no camera can be read. */
  readonly viewersOf = new Map<CameraId, number | null>();
  /** How often viewers were asked for. */
  viewersAsked = 0;
  /** The next calls of `apply` throw these, one each. */
  readonly applyFailures: Error[] = [];
  /** While set, the engine is away: it reports itself not ready, and `apply` and `prove` throw it. */
  away: Error | null = null;
  /** The refused streams in the reports of `apply`. */
  refused: readonly RefusedStream[] = [];
  /** What is wrong although the engine works; null: nothing. */
  degraded: string | null = null;
  /** The engine's name where several processes use it; null: only this process uses it. */
  markerName: string | null = null;
  /** `apply` waits for this before it does anything. */
  applyGate: Promise<void> = Promise.resolve();
  /** Proofs running now, and the most that ever ran at once. */
  proving = 0;
  provingAtMost = 0;
  /** True: changes go unnoticed in every mode, as in the embedded engine. False: only for cameras pulled all the time, with the same tracks. */
  alwaysUnnoticed = false;
  /** True: a relay carries on-demand cameras, so their changes go unnoticed unless the codec changes, and nothing is written for them. */
  relay = false;
  /** The relay's reasons why cameras send nothing. */
  readonly reasons = new Map<CameraId, RelayReason>();
  readonly media: EmbeddedMedia | null = null;
  #now: DesiredStreams = new Map();
  #started = false;
  readonly #listeners: (() => void)[] = [];

  async start(): Promise<void> {
    this.#started = true;
  }

  async stop(): Promise<void> {
    this.#started = false;
  }

  status(): EngineStatus {
    const ready = this.#started && this.away === null;
    const problem = this.away?.message ?? (this.#started ? this.degraded : 'The engine was not started.');
    return { kind: 'mediamtx', version: 'v1.20.1', ready, problem };
  }

  async marker(): Promise<EngineMarker | null> {
    return this.markerName === null ? null : { name: this.markerName, fence: 0 };
  }

  onReset(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Makes the engine forget all streams, as after a restart. */
  reset(): void {
    this.#now = new Map();
    for (const listener of this.#listeners) listener();
  }

  async apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport> {
    await this.applyGate;
    signal?.throwIfAborted();
    if (this.away) throw this.away;
    const failure = this.applyFailures.shift();
    if (failure) throw failure;
    const ids = new Set([...this.#now.keys(), ...streams.keys()]);
    const before = this.#now;
    const others = [...ids].filter((id) => revisionIn(before, id) !== revisionIn(streams, id));
    const changed = others.filter((id) => !this.#isRelayed(before.get(id)) || !this.#isRelayed(streams.get(id)));
    const moved = others.flatMap((cameraId) => this.#moveOf(cameraId, before, streams));
    this.#now = new Map(streams);
    this.applied.push(this.#now);
    const by = changed.length === 0 ? 'none' : changed.length <= 2 ? 'api' : 'file';
    return { changed, by, ...(moved.length > 0 && { moved }), refused: this.refused };
  }

  async plan(streams: DesiredStreams): Promise<readonly PlannedChange[]> {
    const ids = [...new Set([...this.#now.keys(), ...streams.keys()])];
    return ids
      .filter((id) => revisionIn(this.#now, id) !== revisionIn(streams, id))
      .map((cameraId) => {
        const [move] = this.#moveOf(cameraId, this.#now, streams);
        const isNew = revisionIn(this.#now, cameraId) === null;
        const isHot = isNew || move?.how === 'relay';
        const how = isHot ? 'hot' : move?.how === 'forward' ? 'handover' : 'rebuild';
        const action = isNew ? 'add' : streams.has(cameraId) ? 'change' : 'remove';
        const viewers = this.viewersOf.get(cameraId);
        return { cameraId, how, viewers: viewers === undefined ? 0 : viewers, paths: [{ name: cameraId, action }] };
      });
  }

  swapsUnnoticed({ mode }: { mode: CameraMode }, from: StreamTracks | null, to: StreamTracks | null): boolean {
    if (this.alwaysUnnoticed) return true;
    if (from === null || to === null) return isAlwaysPulled(mode) || this.movesFreely({ mode });
    if (this.movesFreely({ mode })) return from.video.codec === to.video.codec;
    return isAlwaysPulled(mode) && sameTracks(from, to);
  }

  movesFreely({ mode }: { mode: CameraMode }): boolean {
    return this.relay && goesByRelay(mode);
  }

  async prove(cameraId: CameraId, lease: PullTarget, signal?: AbortSignal): Promise<Proof> {
    signal?.throwIfAborted();
    if (this.away) throw this.away;
    this.provenRevisions.push({ cameraId, revision: lease.revision });
    this.proving += 1;
    this.provingAtMost = Math.max(this.provingAtMost, this.proving);
    try {
      const outcome = this.proofs.get(cameraId) ?? goodProof;
      if (outcome instanceof Error) throw outcome;
      return typeof outcome === 'function' ? await outcome(lease, signal) : outcome;
    } finally {
      this.proving -= 1;
    }
  }

  async states(): Promise<ReadonlyMap<CameraId, StreamState>> {
    const states = new Map<CameraId, StreamState>();
    for (const [id, stream] of this.#now) {
      const viewers = this.viewersOf.get(id) ?? 0;
      const isPulled = isAlwaysPulled(stream.mode);
      const isRelayed = this.#isRelayed(stream);
      if (stream.inForce === null && !isPulled && !isRelayed) continue;
      const reason = this.reasons.get(id) ?? (isRelayed && stream.inForce === null ? 'no-address' : null);
      const isDark = stream.inForce === null || (isRelayed && reason !== null);
      const flow = viewers === 0 && !isPulled ? 'idle' : isDark ? 'stopped' : 'flowing';
      const revision = stream.inForce?.revision ?? null;
      const carrier: StreamCarrier = isRelayed ? 'relay' : 'forward';
      const carried = {
        ...((isPulled || isRelayed) && { carrier }),
        ...(isRelayed && (viewers > 0 || isPulled) && { reason }),
      } as const;
      states.set(id, { revision, flow, bytesReceived: viewers * 1000, viewers, ...carried });
    }
    return states;
  }

  #isRelayed(stream: DesiredStream | undefined): boolean {
    return stream !== undefined && this.movesFreely(stream);
  }

  #moveOf(cameraId: CameraId, before: DesiredStreams, after: DesiredStreams): MovedStream[] {
    const revision = revisionIn(after, cameraId);
    if (revision === null || revisionIn(before, cameraId) === null) return [];
    return [{ cameraId, revision, how: this.#howOf(after.get(cameraId)?.mode ?? 'on-demand') }];
  }

  #howOf(mode: CameraMode): SwapHow {
    if (this.movesFreely({ mode })) return 'relay';
    return isAlwaysPulled(mode) ? 'forward' : 'swap';
  }

  async viewers(): Promise<ReadonlyMap<CameraId, number> | null> {
    this.viewersAsked += 1;
    const viewers = new Map<CameraId, number>();
    for (const [id, count] of this.viewersOf) {
      if (count === null) return null;
      viewers.set(id, count);
    }
    return viewers;
  }

  links(cameraId: CameraId): StreamLinks {
    return {
      hlsUrl: `http://media.test:8888/${cameraId}/index.m3u8`,
      webrtcUrl: `http://media.test:8889/${cameraId}`,
    };
  }

  /** The revision that the engine serves now; null: none. */
  revisionOf(cameraId: CameraId): number | null {
    return revisionIn(this.#now, cameraId);
  }
}

function revisionIn(streams: DesiredStreams, id: CameraId): number | null {
  return streams.get(id)?.inForce?.revision ?? null;
}
