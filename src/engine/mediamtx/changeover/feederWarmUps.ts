import { type CameraId, type CameraMode, isAlwaysPulled } from '../../../core/camera/camera.js';
import { limited } from '../../../core/async/deadline.js';
import { sleep, type Clock } from '../../../core/clock.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import { isForRelayAlone, type DesiredStreams } from '../../../core/streams/streams.js';
import type { CarriedCameras } from '../carried/carriedCameras.js';
import { forwardingRevisions } from '../paths/forwardingRevisions.js';
import type { Changeovers } from '../carried/changeovers.js';
import { shuttingDown, type MediaMtxClient } from '../api/client.js';
import type { EngineLog } from '../../engineLog.js';
import type { HlsLists } from '../carried/hlsLists.js';
import { waitForKeyFrameMs, type KeyFrameTimes } from '../write/keyFrameMoment.js';
import type { Prover } from '../proof/feederProof.js';
import { leasePathName, type PathConfigs } from '../paths/pathConfig.js';
import { pathsNamed } from '../api/pathsNamed.js';
import { seenTracks } from '../api/seenTracks.js';
import type { SourceLeases } from '../paths/sourceLeases.js';
import { isViewer } from '../api/viewers.js';

export interface FeederWarmUpsDeps {
  readonly client: Pick<MediaMtxClient, 'path' | 'paths' | 'sessions'>;
  readonly clock: Clock;
  readonly log: EngineLog;
  readonly carried: Pick<CarriedCameras, 'feeders' | 'rtsp' | 'hlsList' | 'mayBridge' | 'canBridge'>;
  readonly hlsLists: Pick<HlsLists, 'make'>;
  /** null: this process cannot measure when key frames come. */
  readonly prover: Prover | null;
  readonly leases: SourceLeases;
  readonly changeovers: Changeovers;
  /** True: the relay carries this camera from its next lease on. Absent: there is no relay. */
  readonly isForRelay?: (cameraId: CameraId, mode: CameraMode) => boolean;
}

/** A camera whose new lease is pulled beside the old one before its viewers are moved to it. */
interface WarmUp {
  readonly cameraId: CameraId;
  readonly revision: number;
  readonly isOnDemand: boolean;
  readonly isWatchedByHls: boolean;
}

/** How long a warm-up may take: MediaMTX reads 2 s of an RTMP stream before it knows the tracks. */
const WARM_WITHIN_MS = 6_000;
const LOOK_EVERY_MS = 100;
/** How long before an old lease ends its removal has to begin: the write may have to wait for the one before it. */
const WRITE_MS = 3_000;
/** More cameras than this share no good moment, so their rhythms are not measured. */
const MOST_RHYTHMS = 8;
/** How long a rhythm is measured, and (`RHYTHM_WITHIN_MS`) with the wait for a first key frame that may be 4 s away. */
const RHYTHM_MS = 5_000;
const RHYTHM_WITHIN_MS = 10_000;
/** The measurement and the wait for the moment together. */
const MOMENT_WITHIN_MS = 15_000;
/** How long two changes through the API take. */
const WRITE_TAKES_MS = 60;
/** How long the WebRTC player of camlease's page takes to notice the drop and to be connected again. */
const COME_BACK_MS = 700;
/** How old the list of viewers may be: the media loop asked for it just before it decided on the moves. */
const DECIDED_WITHIN_MS = 2_000;
/** How many watched on-demand cameras one `apply` bridges; others are swapped, since each bridge pulls the cloud twice meanwhile. */
const MOST_BRIDGES = 50;

/** Starts a new lease's feeder before the camera is moved to it, so that viewers do not wait for its start. */
export class FeederWarmUps {
  readonly #deps: FeederWarmUpsDeps;
  readonly #stop = new AbortController();
  #warming: readonly WarmUp[] = [];

  constructor(deps: FeederWarmUpsDeps) {
    this.#deps = deps;
  }

  /** Finds cameras whose next lease has to be warmed up. True: there are some; the next write adds their feeders and moves no camera. */
  async begin(streams: DesiredStreams, own: PathConfigs, signal?: AbortSignal): Promise<boolean> {
    const { changeovers } = this.#deps;
    this.end();
    const carried = this.#carriedOnes(streams, own);
    const watched = await this.#watchedOnes(streams, own, signal);
    for (const { cameraId, leaving } of [...carried, ...watched]) changeovers.leaving.set(cameraId, leaving);
    this.#warming = [...carried, ...watched];
    return this.#warming.length > 0;
  }

  /**
   * Waits until all feeders show tracks, at most 6 s and not beyond the end of an old lease, and then for a good moment. Returns the
   * on-demand cameras that can be bridged.
   */
  async warm(abort?: AbortSignal): Promise<readonly CameraId[]> {
    const { clock, client, carried, log } = this.#deps;
    const signal = abort ? AbortSignal.any([abort, this.#stop.signal]) : this.#stop.signal;
    const endMs = clock.monotonicMs() + Math.min(WARM_WITHIN_MS, this.#leavingEndsInMs());
    let cold = this.#warming;
    while (cold.length > 0 && clock.monotonicMs() < endMs) {
      const seen = await pathsNamed(client, cold.map(feederOf), signal).catch(() => new Map<string, never>());
      signal.throwIfAborted();
      for (const path of seen.values()) carried.feeders.see(path);
      cold = cold.filter((one) => {
        const path = seen.get(feederOf(one));
        return !path || seenTracks(path) === null;
      });
      if (cold.length > 0) await sleep(clock, LOOK_EVERY_MS, signal);
    }
    if (cold.length > 0)
      log.info('new leases bring no picture yet, but take over anyway', {
        cameras: cold.map(({ cameraId }) => cameraId),
      });
    const warm = this.#warming.filter((one) => one.isOnDemand && !cold.includes(one));
    const [first] = warm;
    if (!first || !(await carried.canBridge(first.cameraId, first.revision).catch(() => false))) return [];
    await this.#moment(warm, signal);
    return warm.map(({ cameraId }) => cameraId);
  }

  /**
   * Waits until just before the next key frame of the new feeders, with time for dropped players to come back before it: MediaMTX buffers
   * no pictures, and HLS shows none before a whole segment that begins with a key frame.
   */
  async #moment(warm: readonly WarmUp[], signal: AbortSignal): Promise<void> {
    const { clock, prover, carried } = this.#deps;
    if (prover === null || warm.length > MOST_RHYTHMS || this.#leavingEndsInMs() < MOMENT_WITHIN_MS) return;
    const rhythmOf = async ({ cameraId, revision }: WarmUp, either: AbortSignal): Promise<KeyFrameTimes | null> => {
      const url = carried.rtsp?.readFrom(cameraId, revision) ?? null;
      const seen = url === null ? null : await prover(url, either, RHYTHM_MS).catch(() => null);
      if (!seen?.keyFrames || seen.keyFrames.intervalMs === null) return null;
      const { ageMs, intervalMs } = seen.keyFrames;
      return { lastKeyFrameMs: clock.monotonicMs() - ageMs, intervalMs };
    };
    const rhythms = await limited({ clock, ms: RHYTHM_WITHIN_MS, signal }, (either) =>
      Promise.all(warm.map((one) => rhythmOf(one, either))),
    );
    signal.throwIfAborted();
    const timing = { nowMs: clock.monotonicMs(), effectMs: WRITE_TAKES_MS, marginMs: COME_BACK_MS };
    await sleep(clock, waitForKeyFrameMs(rhythms, timing), signal);
  }

  /** Makes the next write move all cameras; the `bridged` ones by a bridge. */
  move(bridged: readonly CameraId[]): void {
    const { leaving, begun } = this.#deps.changeovers;
    leaving.clear();
    for (const cameraId of bridged) begun.add(cameraId);
  }

  /** Call after that write: requests the HLS lists of bridged cameras, so that a list is ready when their HLS viewers come back. */
  moved(bridged: readonly CameraId[]): void {
    const { carried, hlsLists } = this.#deps;
    const byHls = this.#warming.filter((one) => one.isWatchedByHls && bridged.includes(one.cameraId));
    hlsLists.make(byHls.flatMap(({ cameraId }) => carried.hlsList(cameraId) ?? []));
  }

  /** Ends the warm-up, also after an error. True: cameras were not moved yet, so a write has to do it. */
  end(): boolean {
    const { leaving, begun } = this.#deps.changeovers;
    const isUnmoved = leaving.size > 0;
    leaving.clear();
    begun.clear();
    this.#warming = [];
    return isUnmoved;
  }

  /** Ends all waits with `SHUTTING_DOWN`. */
  stop(): void {
    this.#stop.abort(shuttingDown());
  }

  /** Fed cameras whose new lease has no feeder with known tracks yet. */
  #carriedOnes(streams: DesiredStreams, own: PathConfigs): readonly Found[] {
    const { carried, leases, clock, isForRelay } = this.#deps;
    const forwarding = forwardingRevisions(own);
    const now = clock.now();
    return [...streams].flatMap(([cameraId, stream]) => {
      const { mode, inForce } = stream;
      if (!isAlwaysPulled(mode) || !inForce || isForRelayAlone(stream) || isForRelay?.(cameraId, mode) === true)
        return [];
      const { revision } = inForce;
      const shown = forwarding.get(cameraId);
      if (shown === undefined || shown === revision) return [];
      const leaving = leases.lease(cameraId, shown);
      if (!leaving || !outlasts(leaving, now)) return [];
      const feeder = leasePathName(cameraId, revision);
      if (own.has(feeder) && carried.feeders.tracksOf(feeder) !== null) return [];
      return [{ cameraId, revision, isOnDemand: false, isWatchedByHls: false, leaving }];
    });
  }

  /** On-demand cameras whose lease changes while somebody watches. Sends no request while no lease changes. */
  async #watchedOnes(streams: DesiredStreams, own: PathConfigs, signal?: AbortSignal): Promise<readonly Found[]> {
    const { client, carried, leases, clock, isForRelay } = this.#deps;
    const now = clock.now();
    const changing = [...streams].flatMap(([cameraId, stream]): Found[] => {
      const { mode, inForce } = stream;
      if (isAlwaysPulled(mode) || !inForce || isForRelayAlone(stream) || isForRelay?.(cameraId, mode) === true)
        return [];
      const leaving = leases.leaseOf(cameraId, own);
      if (!leaving || leaving.revision === inForce.revision || !outlasts(leaving, now)) return [];
      return [{ cameraId, revision: inForce.revision, isOnDemand: true, isWatchedByHls: false, leaving }];
    });
    if (changing.length === 0) return [];
    const viewers = (await client.sessions(signal, DECIDED_WITHIN_MS).catch(() => [])).filter(isViewer);
    const paths = new Set(viewers.map(({ path }) => path));
    const byHls = new Set(viewers.flatMap(({ path, isHls }) => (isHls ? [path] : [])));
    const watched = changing.filter(({ cameraId }) => paths.has(cameraId)).slice(0, MOST_BRIDGES);
    if (watched.length === 0 || !(await carried.mayBridge().catch(() => false))) return [];
    return watched.map((found) => ({ ...found, isWatchedByHls: byHls.has(found.cameraId) }));
  }

  #leavingEndsInMs(): number {
    const ends = [...this.#deps.changeovers.leaving.values()].map(
      ({ endsAt }) => endsAt?.getTime() ?? Number.POSITIVE_INFINITY,
    );
    return Math.min(...ends) - WRITE_MS - this.#deps.clock.now().getTime();
  }
}

interface Found extends WarmUp {
  readonly leaving: PullTarget;
}

/** True when the lease lives for long enough to wait for its successor. */
function outlasts({ endsAt }: PullTarget, now: Date): boolean {
  return endsAt === null || endsAt.getTime() - now.getTime() > WRITE_MS;
}

function feederOf({ cameraId, revision }: WarmUp): string {
  return leasePathName(cameraId, revision);
}
