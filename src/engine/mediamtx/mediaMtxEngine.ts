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
import { MediaMtxClient } from './client.js';
import { ConfigFile } from './configFile.js';
import { desiredPaths } from './desiredPaths.js';
import type { EngineLog } from './engineLog.js';
import { mediaMtxEnvironment, type Spawn } from './mediaMtxProgram.js';
import { orAborted } from './orAborted.js';
import { OwnPaths } from './ownPaths.js';
import { isPathName, leasePathName, pullPath, type PathConfig, type PathConfigs } from './pathConfig.js';
import { pathSource } from './pathSource.js';
import type { ProcessTable } from './processTable.js';
import { proofOfFlow, watchFlow } from './proof.js';
import type { PathReply } from './replies.js';
import { Revisions } from './revisions.js';
import { HANGS, notPlayable, refusedBy, sentenceOf, SLOW } from './sentences.js';
import { streamStates } from './streamStates.js';
import { Supervisor } from './supervisor.js';
import { viewersByPath } from './viewers.js';
import { Watch } from './watch.js';
import { Writer } from './writer.js';

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
  readonly prover: ((url: string, signal?: AbortSignal) => Promise<Proof>) | null;
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

/** How long a MediaMTX that we start may take until its API answers. */
const START_BOUND_MS = 10_000;
const PROOF_BOUND_MS = 15_000;

/** Everything that needs files, made by `start`. */
interface Parts {
  readonly file: ConfigFile;
  readonly writer: Writer;
  readonly watch: Watch;
  readonly supervisor: Supervisor | null;
}

export function createMediaMtxEngine(options: MediaMtxEngineOptions): MediaEngine {
  return new MediaMtxEngine(options);
}

class MediaMtxEngine implements MediaEngine {
  readonly media = null;
  readonly #options: MediaMtxEngineOptions;
  readonly #client: MediaMtxClient;
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

  constructor(options: MediaMtxEngineOptions) {
    this.#options = options;
    const { http, apiUrl, clock, requestTimeoutMs } = options;
    this.#client = new MediaMtxClient({
      http,
      baseUrl: apiUrl,
      clock,
      ...(requestTimeoutMs !== undefined && { timeoutMs: requestTimeoutMs }),
    });
  }

  async start(): Promise<void> {
    const { configPath, template, dataDir, clock, log, watchEveryMs } = this.#options;
    const ownPaths = await OwnPaths.open(join(dataDir, OWN_PATHS_FILE));
    const file = await ConfigFile.open({ path: configPath, template, ownPaths, clock, log });
    const wanted = (own: PathConfigs): PathConfigs => this.#wanted(own);
    const writer = new Writer({ client: this.#client, file, ownPaths, clock, log, wanted });
    const supervisor = this.#makeSupervisor();
    const watch = new Watch({
      client: this.#client,
      clock,
      ...(watchEveryMs !== undefined && { everyMs: watchEveryMs }),
      refreshFile: () => this.#refresh(file),
      onStarted: () => this.#lost('restarted'),
      onFileEdited: () => this.#lost('edited'),
      onAnswer: () => this.#restoreIfDue(),
      onHung: () => void supervisor?.restart().catch((thrown: unknown) => this.#complain(thrown)),
    });
    this.#parts = { file, writer, watch, supervisor };
    await supervisor?.start();
    await watch.start();
    const endMs = clock.monotonicMs() + START_BOUND_MS;
    while (supervisor && watch.failure !== null && clock.monotonicMs() < endMs) await sleep(clock, 100);
  }

  async stop(): Promise<void> {
    const parts = this.#parts;
    if (!parts) return;
    await parts.watch.stop();
    await parts.writer.stop();
    await this.#restoring;
    await parts.supervisor?.stop();
  }

  status(): EngineStatus {
    const parts = this.#parts;
    const version = parts?.watch.version ?? null;
    if (!parts) return { kind: 'mediamtx', version, ready: false, problem: 'The engine was not started.' };
    const { watch, supervisor, file, writer } = parts;
    if (watch.failure === null) {
      const problem = file.problem ?? (writer.fileIsRead ? null : SLOW);
      return { kind: 'mediamtx', version, ready: true, problem };
    }
    const problem = supervisor?.problem ?? (watch.hangs ? HANGS : sentenceOf(watch.failure));
    return { kind: 'mediamtx', version, ready: false, problem };
  }

  onReset(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport> {
    this.#streams = new Map(streams);
    const { writer } = this.#usable();
    const { refused } = desiredPaths(streams, this.#options.clock.now());
    this.#revisions.learn(streams, writer.inForce);
    const report = await orAborted(writer.reconcile(), signal);
    const all = [...refused, ...refusedBy(report)].filter(({ cameraId }) => streams.has(cameraId));
    const changed = report.changed.filter((name) => !name.startsWith('_'));
    return { changed, by: report.by, ...(all.length > 0 && { refused: all }) };
  }

  async prove(cameraId: CameraId, lease: Lease, signal?: AbortSignal): Promise<Proof> {
    if (this.#options.prover) return this.#options.prover(lease.url, signal);
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

  async states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, StreamState>> {
    const streams = this.#streams ?? new Map();
    const own = this.#parts?.writer.inForce ?? null;
    const seen = await Promise.all([this.#client.paths(signal), this.#client.sessions(signal)]).catch(() => null);
    signal?.throwIfAborted();
    const revisionOf = (cameraId: CameraId): number | null => this.#revisions.of(cameraId, own);
    return streamStates({
      cameraIds: streams.keys(),
      revisionOf,
      paths: seen && own ? seen[0] : null,
      viewers: seen ? viewersByPath(seen[1]) : new Map(),
    });
  }

  async viewers(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, number> | null> {
    const sessions = await this.#client.sessions(signal).catch(() => null);
    signal?.throwIfAborted();
    return sessions && viewersByPath(sessions);
  }

  async plan(): Promise<readonly PlannedChange[]> {
    return [];
  }

  swapsUnnoticed(mode: CameraMode, from: StreamTracks | null, to: StreamTracks | null): boolean {
    return mode !== 'on-demand' && (from === null || to === null || sameTracks(from, to));
  }

  links(cameraId: CameraId): StreamLinks {
    const { hlsBaseUrl, webrtcBaseUrl } = this.#options;
    return {
      hlsUrl: `${hlsBaseUrl.replace(/\/+$/, '')}/${cameraId}/index.m3u8`,
      webrtcUrl: `${webrtcBaseUrl.replace(/\/+$/, '')}/${cameraId}`,
    };
  }

  #wanted(own: PathConfigs): PathConfigs {
    const paths = this.#streams ? desiredPaths(this.#streams, this.#options.clock.now()).paths : own;
    return new Map([...paths, ...this.#proofs]);
  }

  #usable(): Parts {
    const parts = this.#parts;
    if (!parts) throw new AppError('ENGINE_UNREACHABLE', 'The engine was not started.');
    if (parts.watch.failure !== null) throw parts.watch.failure;
    return parts;
  }

  #lost(why: 'restarted' | 'edited'): void {
    this.#parts?.writer.forget(why);
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
    this.#restoring = parts.writer
      .restore()
      .catch((thrown: unknown) => {
        this.#restoreDue = true;
        this.#complain(thrown);
      })
      .finally(() => (this.#restoring = null));
  }

  /** Says once what would otherwise be said every second. */
  #complain(thrown: unknown): void {
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
