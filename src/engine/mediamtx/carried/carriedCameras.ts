import { type CameraId, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { StreamTracks } from '../../../core/camera/tracks.js';
import type { Clock } from '../../../core/clock.js';
import type { EngineLog } from '../../engineLog.js';
import type { DesiredStream, DesiredStreams } from '../../../core/streams/streams.js';
import type { MediaMtxClient } from '../api/client.js';
import { declare, type Declared } from '../paths/declare.js';
import { fitsSlate, tracksKey } from '../paths/declaredTracks.js';
import { isFed, type PathWorld, type RelayWorld } from '../paths/desiredPaths.js';
import { leasePathName, type PathConfigs } from '../paths/pathConfig.js';
import type { OwnPaths } from '../sharing/ownPaths.js';
import type { Slates } from '../slates/slates.js';
import { seesSlates } from '../slates/slateSight.js';
import type { MachineUsers } from '../users/machineUsers.js';
import type { Writer } from '../write/writer.js';
import type { Changeovers } from './changeovers.js';
import { Feeders } from './feeders.js';
import { hlsListOf } from './hlsLists.js';
import { RtspAddress } from './rtsp.js';
import { readsItself } from './selfRead.js';

export interface CarriedCamerasDeps {
  readonly client: MediaMtxClient;
  readonly writer: Pick<Writer, 'alone' | 'inForce'>;
  readonly ownPaths: OwnPaths;
  readonly slates: Slates;
  readonly clock: Clock;
  readonly log: EngineLog;
  readonly changeovers: Changeovers;
  /** Called when a feeder shows tracks that were not known. */
  readonly onNews: () => void;
  readonly users: () => MachineUsers;
  /** See `PathWorld`; absent: there is no relay. */
  readonly relay?: () => RelayWorld | null;
}

/** How many slates are made at a time. */
const AT_ONCE = 8;

/** Knows what fed cameras need beside their leases: MediaMTX's RTSP server, their slates, and the tracks that their feeders show. */
export class CarriedCameras {
  readonly feeders: Feeders;
  readonly #deps: CarriedCamerasDeps;
  /** null: RTSP is off; undefined: this camlease has not asked MediaMTX yet. */
  #rtsp: RtspAddress | null | undefined;
  #hlsList: ((cameraId: CameraId) => string) | null = null;
  #seesSlates: boolean | undefined;
  #readsItself: boolean | undefined;
  #learning: Promise<void> | null = null;
  /** Slates that could not be made, so that no path waits for them. */
  readonly #unmade = new Set<string>();

  constructor(deps: CarriedCamerasDeps) {
    this.#deps = deps;
    this.feeders = new Feeders(deps.clock, deps.onNews);
  }

  /** MediaMTX's RTSP server; null: it is off, or not known yet. */
  get rtsp(): RtspAddress | null {
    return this.#rtsp ?? null;
  }

  /** The URL of a camera's HLS list; null: camlease cannot reach it, or does not know it yet. */
  hlsList(cameraId: CameraId): string | null {
    return this.#hlsList?.(cameraId) ?? null;
  }

  /** The HLS list URLs of all cameras that are pulled all the time and have a lease; see `HlsLists`. */
  hlsLists(streams: DesiredStreams): readonly string[] {
    const carried = [...streams].filter(([, { mode, inForce }]) => isAlwaysPulled(mode) && inForce !== null);
    return carried.flatMap(([cameraId]) => this.hlsList(cameraId) ?? []);
  }

  /** Forgets what is known of MediaMTX, since it was restarted or has other settings. */
  forget(): void {
    this.#rtsp = undefined;
    this.#seesSlates = undefined;
    this.#readsItself = undefined;
    this.#unmade.clear();
  }

  /** Learns what is not known of MediaMTX yet, and makes the slates that the next paths need. Free when all cameras are on-demand. */
  async prepare(streams: DesiredStreams): Promise<void> {
    const carried = this.keepFeeders(streams);
    await this.learnServer(streams);
    if (carried.length === 0) return;
    await this.#deps.slates.refresh();
    const wanting = carried.flatMap(([id, { inForce }]) => (inForce ? this.#wantsSlate(id, inForce) : []));
    await inTurns(wanting, AT_ONCE, ({ cameraId, tracks }) => this.#make(cameraId, tracks));
  }

  /** Watches the feeders of these streams from now on. Returns the streams that have feeders. */
  keepFeeders(streams: DesiredStreams): Array<[CameraId, DesiredStream]> {
    const carried = this.#fedOnes(streams);
    this.feeders.keep(
      carried.flatMap(([id, { inForce, candidate }]) =>
        [inForce, candidate].flatMap((lease) => (lease ? [leasePathName(id, lease.revision)] : [])),
      ),
    );
    return carried;
  }

  /** Asks MediaMTX for settings that are not known yet; sends no request when all cameras are on-demand. */
  async learnServer(streams: DesiredStreams): Promise<void> {
    if (![...streams.values()].some(({ mode }) => isAlwaysPulled(mode))) return;
    // Cameras that the relay carries need no slates in MediaMTX, so only its RTSP server is asked for.
    if (this.#fedOnes(streams).length === 0) {
      await this.#learnRtsp();
      return;
    }
    this.#learning ??= this.#learn().finally(() => (this.#learning = null));
    await this.#learning;
  }

  /** False: on-demand cameras cannot be bridged, as far as known. */
  async mayBridge(): Promise<boolean> {
    return this.#readsItself !== false && (await this.#learnRtsp()) !== null;
  }

  /** True when on-demand cameras can be bridged. Tries it once, with this lease's feeder, which must have pictures. */
  async canBridge(cameraId: CameraId, revision: number): Promise<boolean> {
    const rtsp = await this.#learnRtsp();
    if (!rtsp) return false;
    this.#readsItself ??= await readsItself(this.#deps, rtsp.bridgeFrom(cameraId, revision));
    return this.#readsItself;
  }

  /** The facts for `desiredPaths`. `planned`: for a plan, unknown tracks and changeovers that are under way count as settled. */
  world(own: PathConfigs, planned = false): PathWorld {
    const rtsp = this.#rtsp;
    const { changeovers } = this.#deps;
    return {
      own,
      leaving: (cameraId) => (planned ? null : (changeovers.leaving.get(cameraId) ?? null)),
      bridge: (cameraId) => (planned ? 'keep' : changeovers.bridge(cameraId)),
      relay: this.#deps.relay?.() ?? null,
      bridgeFrom: rtsp && ((cameraId, revision) => rtsp.bridgeFrom(cameraId, revision)),
      forwardTo: rtsp ? (cameraId) => rtsp.forwardTo(cameraId) : null,
      declare: (cameraId, lease) => {
        const declared = this.#declare(own, cameraId, lease);
        return planned && declared === 'unknown' ? { tracks: [] } : declared;
      },
    };
  }

  /** Makes a camera's slate from the picture of a proof. False: it could not be made, or MediaMTX cannot open slates. */
  async renewSlate(
    cameraId: CameraId,
    tracks: StreamTracks,
    jpeg: Buffer,
    framesPerSecond: number | null,
  ): Promise<boolean> {
    if (this.#seesSlates !== true) return false;
    const made = await this.#deps.slates.make(cameraId, tracks, { jpeg, framesPerSecond });
    if (made) this.#unmade.delete(slateId(cameraId, tracks));
    return made;
  }

  /** Removes slates that no path names and no lease of these streams can need. */
  async sweep(streams: DesiredStreams, own: PathConfigs): Promise<void> {
    const { slates } = this.#deps;
    const files = [...own.values()].flatMap(({ alwaysAvailableFile: file }) =>
      file === undefined || file === '' ? [] : [file],
    );
    await slates.sweep(files, (cameraId, key) => {
      const stream = streams.get(cameraId);
      if (!stream || !isAlwaysPulled(stream.mode)) return false;
      const leases = [stream.inForce, stream.candidate].filter((lease) => lease !== null);
      const tracks = leases.map((lease) => this.tracksOf(cameraId, lease));
      return leases.length === 0 || tracks.some((seen) => seen === null || tracksKey(seen) === key);
    });
  }

  /** A lease's tracks: as its feeder last showed them, else as its proof saw them. null: neither is known. */
  tracksOf(cameraId: CameraId, lease: PullTarget): StreamTracks | null {
    return this.feeders.tracksOf(leasePathName(cameraId, lease.revision)) ?? lease.tracks;
  }

  #fedOnes(streams: DesiredStreams): Array<[CameraId, DesiredStream]> {
    const { writer, clock } = this.#deps;
    const world = this.world(writer.inForce ?? new Map());
    const now = clock.now();
    return [...streams].filter(([cameraId, stream]) => isFed(cameraId, stream, now, world));
  }

  #declare(own: PathConfigs, cameraId: CameraId, lease: PullTarget | null): Declared {
    const { slates } = this.#deps;
    const tracks = lease && this.tracksOf(cameraId, lease);
    const slate = tracks ? slates.fileFor(cameraId, tracks) : lease ? null : slates.anyFor(cameraId);
    return declare({
      isServed: lease !== null,
      tracks,
      current: own.get(cameraId),
      slate: this.#seesSlates === true ? slate : null,
      slateMayCome: tracks !== null && this.#mayCome(cameraId, tracks),
    });
  }

  #wantsSlate(cameraId: CameraId, lease: PullTarget): readonly { cameraId: CameraId; tracks: StreamTracks }[] {
    const tracks = this.tracksOf(cameraId, lease);
    if (!tracks || !this.#mayCome(cameraId, tracks) || !fitsSlate(tracks)) return [];
    const own = this.#deps.writer.inForce ?? new Map();
    return this.#declare(own, cameraId, lease) === 'unknown' ? [{ cameraId, tracks }] : [];
  }

  #mayCome(cameraId: CameraId, tracks: StreamTracks): boolean {
    return this.#seesSlates === true && this.#deps.slates.canMake && !this.#unmade.has(slateId(cameraId, tracks));
  }

  async #make(cameraId: CameraId, tracks: StreamTracks): Promise<void> {
    if (!(await this.#deps.slates.make(cameraId, tracks, null))) this.#unmade.add(slateId(cameraId, tracks));
  }

  /** null: RTSP is off. */
  async #learnRtsp(): Promise<RtspAddress | null> {
    const { client, users } = this.#deps;
    if (!this.#rtsp) {
      const config = await client.globalConfig();
      this.#rtsp = RtspAddress.of(config, client.baseUrl, users);
      this.#hlsList = hlsListOf(config, client.baseUrl);
    }
    return this.#rtsp;
  }

  async #learn(): Promise<void> {
    await this.#learnRtsp();
    this.#seesSlates ??= await seesSlates(this.#deps);
  }
}

function slateId(cameraId: CameraId, tracks: StreamTracks): string {
  return `${cameraId} ${tracksKey(tracks)}`;
}

async function inTurns<T>(items: readonly T[], atOnce: number, run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
