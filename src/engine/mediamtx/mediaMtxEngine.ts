import { join } from 'node:path';
import type { AxiosInstance } from 'axios';
import type { CameraId, CameraMode } from '../../core/camera.js';
import { sleep, type Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { Lease } from '../../core/lease.js';
import { sameTracks, type StreamTracks } from '../../core/tracks.js';
import type {
  ApplyReport,
  DesiredStreams,
  EngineStatus,
  MediaEngine,
  PlannedChange,
  Proof,
  StreamLinks,
  StreamState,
} from '../mediaEngine.js';
import { CarriedCameras, forwardingRevisions } from './carriedCameras.js';
import { MediaMtxClient } from './client.js';
import { ConfigFile } from './configFile.js';
import { desiredPaths } from './desiredPaths.js';
import type { EngineLog } from './engineLog.js';
import { FeederWatch, type ServedFeeder } from './feederWatch.js';
import { proveByFeeder, type Prover } from './leaseProof.js';
import { mediaMtxEnvironment, type Spawn } from './mediaMtxProgram.js';
import { camerasOf, movedStreams } from './moved.js';
import { orAborted } from './orAborted.js';
import { OwnPaths } from './ownPaths.js';
import { cameraOfPath, isPathName, leasePathName, pullPath, type PathConfig, type PathConfigs } from './pathConfig.js';
import { pathSource } from './pathSource.js';
import { plannedChanges } from './plannedChanges.js';
import type { ProcessTable } from './processTable.js';
import { proofOfFlow, watchFlow } from './proof.js';
import type { PathReply } from './replies.js';
import { Revisions } from './revisions.js';
import { HANGS, NOT_ARRIVING, notPlayable, refusedBy, sentenceOf, SLOW } from './sentences.js';
import { Slates, type MakeSlate } from './slates.js';
import { SpliceCarrier } from './spliceCarrier.js';
import type { Carriage, Splicer } from './splicer.js';
import { streamStates } from './streamStates.js';
import { Supervisor } from './supervisor.js';
import { viewersByPath } from './viewers.js';
import { Watch } from './watch.js';
import { Writer, type WriteReport } from './writer.js';

export interface MediaMtxEngineOptions {
  readonly http: AxiosInstance;
  readonly apiUrl: string;
  readonly configPath: string;
  /** The text of the shipped `mediamtx.yml`, which the configuration file is made from at first start. */
  readonly template: string;
  readonly dataDir: string;
  readonly hlsBaseUrl: string;
  readonly webrtcBaseUrl: string;
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Looks at the picture behind a URL; null: nothing here can, and bytes that move are the proof. */
  readonly prover: Prover | null;
  /** Makes the picture that stands while nothing comes; null: MediaMTX shows its own. */
  readonly makeSlate: MakeSlate | null;
  /** Carries seamless cameras; null: they are handed over. */
  readonly splicer: Splicer | null;
  /** Starts MediaMTX and keeps it running; null: somebody else does. */
  readonly supervise: {
    readonly program: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly spawn: Spawn;
    readonly processes: ProcessTable;
  } | null;
  readonly watchEveryMs?: number;
  readonly requestTimeoutMs?: number;
  readonly proofBoundMs?: number;
}

/** Where camlease keeps what it must remember about MediaMTX, in `DATA_DIR`. */
export const OWN_PATHS_FILE = 'mediamtx-paths.json';
export const PID_FILE = 'mediamtx.pid.json';
export const LOG_FILE = 'mediamtx.log';
export const SLATES_FOLDER = 'slates';

/** How long a MediaMTX that we start may take until its API answers. */
const START_BOUND_MS = 10_000;
const PROOF_BOUND_MS = 15_000;
/** A feeder is to be made first, and MediaMTX tries a source again after 5 s. */
const FEEDER_PROOF_BOUND_MS = 25_000;

/** Everything that needs files, made by `start`. */
interface Parts {
  readonly file: ConfigFile;
  readonly writer: Writer;
  readonly watch: Watch;
  readonly supervisor: Supervisor | null;
  readonly carried: CarriedCameras;
  readonly feederWatch: FeederWatch;
}

export function createMediaMtxEngine(options: MediaMtxEngineOptions): MediaEngine {
  return new MediaMtxEngine(options);
}

class MediaMtxEngine implements MediaEngine {
  readonly media = null;
  readonly #options: MediaMtxEngineOptions;
  readonly #client: MediaMtxClient;
  readonly #splice: SpliceCarrier;
  readonly #listeners: (() => void)[] = [];
  readonly #revisions = new Revisions();
  /** Paths of proofs that run. */
  readonly #proofs = new Map<string, PathConfig>();
  /** null: nobody said yet what is wanted, so what is there stays. */
  #streams: DesiredStreams | null = null;
  #parts: Parts | null = null;
  #restoreDue = false;
  #restoring: Promise<void> | null = null;
  #lastComplaint = '';
  #liningUp: Promise<void> | null = null;
  #lineUpAgain = false;
  #stopped = false;

  constructor(options: MediaMtxEngineOptions) {
    this.#options = options;
    const { http, apiUrl, clock, log, splicer, requestTimeoutMs } = options;
    this.#client = new MediaMtxClient({
      http,
      baseUrl: apiUrl,
      clock,
      ...(requestTimeoutMs !== undefined && { timeoutMs: requestTimeoutMs }),
    });
    this.#splice = new SpliceCarrier({ splicer, clock, log, onChange: (urgent) => this.#bringInLine(urgent) });
  }

  async start(): Promise<void> {
    const { configPath, template, dataDir, clock, log, watchEveryMs, makeSlate } = this.#options;
    const client = this.#client;
    const slates = new Slates({ folder: join(dataDir, SLATES_FOLDER), make: makeSlate, clock, log });
    const ownPaths = await OwnPaths.open(join(dataDir, OWN_PATHS_FILE));
    const file = await ConfigFile.open({ path: configPath, template, ownPaths, clock, log });
    const writer = new Writer({
      client,
      file,
      ownPaths,
      clock,
      log,
      wanted: (own) => this.#wanted(own),
      beforeWrite: (paths) => slates.ensure(slatesIn(paths)),
    });
    const splicedRevision = (cameraId: CameraId): number | null => this.#splicedRevision(cameraId);
    const onNews = (): void => this.#bringInLine(false);
    const carried = new CarriedCameras({ client, writer, ownPaths, slates, clock, log, splicedRevision, onNews });
    const feederWatch = new FeederWatch({
      client,
      clock,
      feeders: carried.feeders,
      served: () => this.#served(),
      onUnpublished: () => this.#bringInLine(false),
      onLook: () =>
        void this.#splice.look(feederWatch.darkCameras()).catch((thrown: unknown) => this.#complain(thrown)),
    });
    const supervisor = this.#makeSupervisor();
    const watch = new Watch({
      client,
      clock,
      ...(watchEveryMs !== undefined && { everyMs: watchEveryMs }),
      refreshFile: () => this.#refresh(file),
      onStarted: () => this.#lost('restarted'),
      onFileEdited: () => this.#lost('edited'),
      onAnswer: () => this.#restoreIfDue(),
      onHung: () => void supervisor?.restart().catch((thrown: unknown) => this.#complain(thrown)),
    });
    this.#parts = { file, writer, watch, supervisor, carried, feederWatch };
    // MediaMTX does not start with a file that names a slate which is not there.
    await slates.ensure(file.namedSlates()).catch((thrown: unknown) => this.#complain(thrown));
    await supervisor?.start();
    await watch.start();
    feederWatch.start();
    const endMs = clock.monotonicMs() + START_BOUND_MS;
    while (supervisor && watch.failure !== null && clock.monotonicMs() < endMs) await sleep(clock, 100);
  }

  async stop(): Promise<void> {
    const parts = this.#parts;
    if (!parts) return;
    this.#stopped = true;
    await parts.feederWatch.stop();
    await parts.watch.stop();
    await parts.writer.stop();
    await this.#restoring;
    await this.#liningUp;
    await this.#splice.stop();
    await parts.supervisor?.stop();
  }

  status(): EngineStatus {
    const parts = this.#parts;
    const version = parts?.watch.version ?? null;
    if (!parts) return { kind: 'mediamtx', version, ready: false, problem: 'The engine was not started.' };
    const { watch, supervisor, file, writer, feederWatch } = parts;
    if (watch.failure === null) {
      const dark = feederWatch.darkCameras().length > 0 ? NOT_ARRIVING : null;
      const problem = file.problem ?? dark ?? this.#splice.problem ?? (writer.fileIsRead ? null : SLOW);
      return { kind: 'mediamtx', version, ready: true, problem };
    }
    const problem = supervisor?.problem ?? (watch.hangs ? HANGS : sentenceOf(watch.failure));
    return { kind: 'mediamtx', version, ready: false, problem };
  }

  onReset(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport> {
    const wanted = new Map(streams);
    const { writer, carried } = await this.#prepare(wanted, signal).catch((thrown: unknown) => {
      // Remembered all the same: it is restored when MediaMTX comes.
      this.#streams = wanted;
      throw thrown;
    });
    this.#revisions.learn(streams, writer.inForce);
    // Made known in the same turn as it is written: a write in the background must not take this one's report away.
    this.#streams = wanted;
    const first = await orAborted(this.#write(), signal);
    const spliced = await orAborted(this.#splice.want(this.#carriages()), signal);
    // What the splice went away from is not needed any more.
    const second = spliced.length > 0 ? await orAborted(this.#reconcile(), signal) : null;
    const own = writer.inForce ?? new Map();
    const { refused } = desiredPaths(streams, this.#options.clock.now(), carried.world(own));
    const reports = second ? [first, second] : [first];
    const all = [...refused, ...reports.flatMap(refusedBy)].filter(({ cameraId }) => streams.has(cameraId));
    const changed = camerasOf(reports.flatMap((report) => report.changed).filter((name) => this.#isServedPath(name)));
    const moved = [...movedStreams(streams, first.changed, first.before, own), ...spliced];
    return {
      changed,
      by: second && first.by === 'none' ? second.by : first.by,
      ...(moved.length > 0 && { moved }),
      ...(all.length > 0 && { refused: all }),
    };
  }

  async plan(streams: DesiredStreams, signal?: AbortSignal): Promise<readonly PlannedChange[]> {
    const { writer, carried } = this.#usable();
    // Behind a write that runs: what it makes is not planned any more.
    const own = await orAborted(writer.learn(), signal);
    await orAborted(carried.learnServer(streams), signal);
    const { paths } = desiredPaths(streams, this.#options.clock.now(), carried.world(own, true));
    const isSpliced = (cameraId: CameraId): boolean => this.#splice.revisionOf(cameraId) !== null;
    const relevant = new Map([...own].filter(([name]) => !this.#proofs.has(name)));
    return plannedChanges({ own: relevant, desired: paths, viewers: await this.viewers(signal), isSpliced });
  }

  swapsUnnoticed(mode: CameraMode, from: StreamTracks | null, to: StreamTracks | null): boolean {
    return mode !== 'on-demand' && (from === null || to === null || sameTracks(from, to));
  }

  async prove(cameraId: CameraId, lease: Lease, signal?: AbortSignal): Promise<Proof> {
    const { clock, prover, proofBoundMs } = this.#options;
    if (this.#hasFeeder(cameraId, lease)) {
      const { carried } = this.#usable();
      const boundMs = proofBoundMs ?? FEEDER_PROOF_BOUND_MS;
      const proof = await proveByFeeder(
        { client: this.#client, clock, carried, prover, boundMs },
        cameraId,
        lease,
        signal,
      );
      this.#bringInLine(false);
      return proof;
    }
    return prover ? prover(lease.url, signal) : this.#proveByPath(cameraId, lease, signal);
  }

  async states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, StreamState>> {
    const streams = this.#streams ?? new Map();
    const parts = this.#parts;
    if (!parts) return new Map();
    const own = parts.writer.lastInForce;
    const seen = await Promise.all([this.#client.paths(signal), this.#client.sessions(signal)]).catch(() => null);
    signal?.throwIfAborted();
    const forwarding = forwardingRevisions(own ?? new Map());
    return streamStates({
      streams,
      revisionOf: (cameraId) => this.#revisions.of(cameraId, own),
      carriedBy: (cameraId) => {
        const spliced = this.#splicedRevision(cameraId);
        if (spliced !== null) return { revision: spliced, carrier: 'splice' };
        const revision = forwarding.get(cameraId);
        return revision === undefined ? null : { revision, carrier: 'forward' };
      },
      feeders: parts.carried.feeders,
      paths: seen && own ? seen[0] : null,
      viewers: seen ? viewersByPath(seen[1]) : new Map(),
    });
  }

  async viewers(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, number> | null> {
    const sessions = await this.#client.sessions(signal).catch(() => null);
    signal?.throwIfAborted();
    return sessions && viewersByPath(sessions);
  }

  links(cameraId: CameraId): StreamLinks {
    const { hlsBaseUrl, webrtcBaseUrl } = this.#options;
    return {
      hlsUrl: `${hlsBaseUrl.replace(/\/+$/, '')}/${cameraId}/index.m3u8`,
      webrtcUrl: `${webrtcBaseUrl.replace(/\/+$/, '')}/${cameraId}`,
    };
  }

  #wanted(own: PathConfigs): PathConfigs {
    const parts = this.#parts;
    if (!this.#streams || !parts) return new Map([...own, ...this.#proofs]);
    const { paths } = desiredPaths(this.#streams, this.#options.clock.now(), parts.carried.world(own));
    return new Map([...this.#proofs, ...paths]);
  }

  /** Resolves when what is wanted is in force. */
  async #reconcile(): Promise<WriteReport> {
    await this.#prepare(this.#streams ?? new Map());
    return this.#write();
  }

  /** What has to be known and made before these can be written. */
  async #prepare(streams: DesiredStreams, signal?: AbortSignal): Promise<Parts> {
    const parts = this.#usable();
    if (parts.writer.inForce === null) await orAborted(parts.writer.learn(), signal);
    await orAborted(parts.carried.prepare(streams), signal);
    return parts;
  }

  async #write(): Promise<WriteReport> {
    const { writer, carried, feederWatch } = this.#usable();
    const report = await writer.reconcile();
    await carried.sweep(this.#streams ?? new Map(), writer.inForce ?? new Map());
    feederWatch.nudge();
    return report;
  }

  /** In the background: something was seen that changes what is wanted. Calls that come meanwhile share the next turn. */
  #bringInLine(urgent: boolean): void {
    const parts = this.#parts;
    if (!parts || !this.#streams || parts.watch.failure !== null) return;
    // Pictures stand still: what is known is enough to let feeders forward again.
    if (urgent) parts.writer.reconcile(true).catch((thrown: unknown) => this.#complain(thrown));
    this.#lineUpAgain = true;
    this.#liningUp ??= this.#lineUp().finally(() => (this.#liningUp = null));
  }

  async #lineUp(): Promise<void> {
    while (this.#lineUpAgain) {
      this.#lineUpAgain = false;
      try {
        await this.#reconcile();
        await this.#splice.want(this.#carriages());
      } catch (thrown) {
        this.#complain(thrown);
      }
    }
  }

  async #proveByPath(cameraId: CameraId, lease: Lease, signal?: AbortSignal): Promise<Proof> {
    const { writer } = this.#usable();
    const name = leasePathName(cameraId, lease.revision);
    const source = pathSource(lease.url);
    if (source === null || !isPathName(name)) throw notPlayable();
    this.#proofs.set(name, pullPath(source, 'always'));
    try {
      const report = await orAborted(writer.reconcile(), signal);
      if (report.refused.has(name) || report.foreign.includes(name)) throw notPlayable();
      const { clock, proofBoundMs = PROOF_BOUND_MS } = this.#options;
      const look = (abort?: AbortSignal): Promise<PathReply | null> => this.#client.path(name, abort);
      return proofOfFlow(await watchFlow(look, { clock, boundMs: proofBoundMs }, signal));
    } finally {
      this.#proofs.delete(name);
      await writer.reconcile().catch((thrown: unknown) => this.#complain(thrown));
    }
  }

  #hasFeeder(cameraId: CameraId, { revision }: Lease): boolean {
    const stream = this.#streams?.get(cameraId);
    if (!stream || stream.mode === 'on-demand') return false;
    return stream.inForce?.revision === revision || stream.candidate?.revision === revision;
  }

  /** False: a path of a proof of ours. */
  #isServedPath(name: string): boolean {
    return !name.startsWith('_') || this.#streams?.get(cameraOfPath(name))?.mode !== 'on-demand';
  }

  #splicedRevision(cameraId: CameraId): number | null {
    const stream = this.#streams?.get(cameraId);
    return stream?.mode === 'seamless' && stream.inForce ? this.#splice.revisionOf(cameraId) : null;
  }

  /** Feeders in force, by camera. */
  #served(): readonly ServedFeeder[] {
    const own = this.#parts?.writer.inForce;
    if (!own) return [];
    return [...(this.#streams ?? [])].flatMap(([cameraId, { mode, inForce }]) => {
      if (mode === 'on-demand' || !inForce) return [];
      const feeder = leasePathName(cameraId, inForce.revision);
      const isPublished = (own.get(feeder)?.forward?.length ?? 0) > 0 || this.#splicedRevision(cameraId) !== null;
      return own.has(feeder) ? [{ cameraId, feeder, isPublished }] : [];
    });
  }

  /** What the splice should carry: seamless cameras whose feeder and public path are there. */
  #carriages(): ReadonlyMap<CameraId, Carriage> {
    const rtsp = this.#parts?.carried.rtsp;
    const own = this.#parts?.writer.inForce;
    if (!rtsp || !own || this.#options.splicer === null) return new Map();
    const carriages = new Map<CameraId, Carriage>();
    for (const [cameraId, { mode, inForce }] of this.#streams ?? []) {
      if (mode !== 'seamless' || !inForce || own.get(cameraId)?.alwaysAvailable !== true) continue;
      if (!own.has(leasePathName(cameraId, inForce.revision))) continue;
      const from = rtsp.readFrom(cameraId, inForce.revision);
      const to = rtsp.publishTo(cameraId);
      if (from !== null && to !== null) carriages.set(cameraId, { from, to, revision: inForce.revision });
    }
    return carriages;
  }

  #usable(): Parts {
    const parts = this.#parts;
    if (!parts) throw new AppError('ENGINE_UNREACHABLE', 'The engine was not started.');
    if (parts.watch.failure !== null) throw parts.watch.failure;
    return parts;
  }

  #lost(why: 'restarted' | 'edited'): void {
    this.#parts?.writer.forget(why);
    this.#parts?.carried.forget();
    this.#restoreDue = true;
    for (const listener of this.#listeners) listener();
  }

  /** A file that cannot be read just now is no reason to stop using MediaMTX. */
  async #refresh(file: ConfigFile): Promise<boolean> {
    try {
      return await file.refresh();
    } catch (thrown) {
      this.#complain(thrown);
      return false;
    }
  }

  /** The full restore: MediaMTX gets everything that it was told last. */
  #restoreIfDue(): void {
    const parts = this.#parts;
    if (!parts || !this.#restoreDue || this.#restoring) return;
    this.#restoreDue = false;
    if (!this.#streams) return;
    this.#restoring = this.#reconcile()
      .then(() => parts.writer.restore())
      .catch((thrown: unknown) => {
        this.#restoreDue = true;
        this.#complain(thrown);
      })
      .finally(() => (this.#restoring = null));
  }

  /** Says once what would otherwise be said every second. */
  #complain(thrown: unknown): void {
    if (this.#stopped) return;
    const complaint = sentenceOf(thrown);
    if (complaint !== this.#lastComplaint)
      this.#options.log.warn('MediaMTX could not be brought in line', { reason: complaint });
    this.#lastComplaint = complaint;
  }

  #makeSupervisor(): Supervisor | null {
    const { supervise, dataDir, configPath, apiUrl, clock, log } = this.#options;
    if (!supervise) return null;
    const { program, spawn, processes } = supervise;
    const env = mediaMtxEnvironment(supervise.env, apiUrl);
    const pidPath = join(dataDir, PID_FILE);
    const logPath = join(dataDir, LOG_FILE);
    return new Supervisor({ program, configPath, env, pidPath, logPath, spawn, processes, clock, log });
  }
}

function slatesIn(paths: PathConfigs): readonly string[] {
  return [...paths.values()].flatMap(({ alwaysAvailableFile: file }) => (file === undefined ? [] : [file]));
}
