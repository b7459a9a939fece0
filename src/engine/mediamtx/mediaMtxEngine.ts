import { askUntil } from '../../core/async/askUntil.js';
import { type CameraId, type CameraMode, goesByRelay } from '../../core/camera/camera.js';
import { AppError } from '../../core/errors.js';
import type { SourceOpening } from '../../core/streams/opening.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { StreamTracks } from '../../core/camera/tracks.js';
import { isForRelay, type DesiredStreams } from '../../core/streams/streams.js';
import type {
  ApplyReport,
  EngineMarker,
  EngineStatus,
  MediaEngine,
  PlannedChange,
  Proof,
  StreamLinks,
  StreamState,
} from '../mediaEngine.js';
import { applyReport } from './write/applyReport.js';
import { Changeovers } from './carried/changeovers.js';
import type { MediaMtxClient } from './api/client.js';
import { desiredPaths } from './paths/desiredPaths.js';
import type { ConfigFile } from './file/configFile.js';
import { BOUNDS, linksOf, type MediaMtxEngineOptions } from './engineOptions.js';
import { makeClient, makeParts, type EngineParts } from './engineParts.js';
import { EngineProofs } from './engineProofs.js';
import { Standby } from './standby.js';
import { goesUnnoticed } from './paths/noticing.js';
import { secondSoundWay } from '../../core/streams/derivedKinds.js';
import { derivedPath } from '../../core/streams/derivedPaths.js';
import { orAborted } from '../../core/async/orAborted.js';
import { OtherRelay } from './relayed/otherRelay.js';
import type { PathConfigs } from './paths/pathConfig.js';
import { planOf } from './planOf.js';
import { RelayedCameras } from './relayed/relayedCameras.js';
import { servedFeeders, shortestLeaseMs } from './carried/servedFeeders.js';
import { SourceLeases } from './paths/sourceLeases.js';
import { LastShownRevisions } from './paths/lastShownRevisions.js';
import { HANGS, NOT_ARRIVING, sentenceOf, SLOW } from './state/engineMessages.js';
import { StreamStateReader } from './streamStateReader.js';
import { Upkeep } from './upkeep.js';
import type { Protocol } from './api/servedLinks.js';
import { viewersByPath } from './api/viewers.js';
import type { WriteReport } from './write/writer.js';

export { LOG_FILE, OWN_PATHS_FILE, PID_FILE, type MediaMtxEngineOptions } from './engineOptions.js';

const SETTLE_LOOK_MS = 250;

export function createMediaMtxEngine(options: MediaMtxEngineOptions): MediaEngine {
  return new MediaMtxEngine(options);
}

class MediaMtxEngine implements MediaEngine {
  readonly media = null;
  readonly #options: MediaMtxEngineOptions;
  readonly #client: MediaMtxClient;
  readonly #upkeep: Upkeep;
  readonly #complain = (thrown: unknown): void => this.#upkeep.complain(thrown);
  readonly #listeners: (() => void)[] = [];
  readonly #leases = new SourceLeases();
  readonly #changeovers = new Changeovers();
  readonly #relayed: RelayedCameras | null;
  readonly #otherRelay: OtherRelay | null;
  readonly #proofs: EngineProofs;
  readonly #stateReader: StreamStateReader;
  readonly #shown = new LastShownRevisions();
  /** The streams of the latest `apply`. null: none yet, or another replica writes; this replica leaves MediaMTX's paths as they are. */
  #streams: DesiredStreams | null = null;
  #parts: EngineParts | null = null;
  /** True: viewers' pictures are frozen until the next write. */
  #isUrgent = false;
  readonly #standby: Standby;
  readonly marker?: NonNullable<MediaEngine['marker']>;
  readonly opening?: SourceOpening;

  constructor(options: MediaMtxEngineOptions) {
    this.#options = options;
    const { clock, log, sharing, relay = null } = options;
    this.#client = makeClient(options);
    this.#standby = new Standby(sharing, this.#client, clock, this.#leases);
    if (sharing) this.marker = () => this.#readMarker();
    if (isOpener(relay)) this.opening = { open: (...asked) => relay.open(...asked) };
    const onNews = (isUrgent = false): void => this.#bringInLine(isUrgent);
    const viewers: MediaEngine['viewers'] = (signal) => this.viewers(signal);
    const fence = sharing?.fence ?? ((): number => 0);
    const isStandby = (): boolean => this.#standby.isNow;
    const own = (): PathConfigs => this.#own;
    const derives = options.prover !== null;
    this.#relayed = relay && new RelayedCameras({ relay, log, clock, fence, isStandby, derives, viewers, own, onNews });
    const streams = (): DesiredStreams => this.#standby.streams;
    this.#otherRelay = relay && new OtherRelay({ client: this.#client, clock, relay, isStandby, streams });
    const relayed = this.#relayed;
    this.#stateReader = new StreamStateReader({ client: this.#client, clock, leases: this.#leases, relayed });
    this.#upkeep = new Upkeep({ clock, log, lineUp: () => this.#reconcile(), restore: () => this.#restore() });
    this.#proofs = new EngineProofs({
      ...{ options, client: this.#client, relayed, onTrouble: this.#complain, onSeen: () => onNews() },
      streams: () => this.#streamsToServe,
      own: () => this.#own,
      usable: () => this.#usable(),
    });
  }

  async start(): Promise<void> {
    const { clock } = this.#options;
    const parts = await makeParts(this.#options, this.#client, {
      wanted: (own) => this.#wanted(own),
      shortestLeaseMs: () => shortestLeaseMs(this.#streamsToServe, clock.now()),
      served: () => servedFeeders(this.#streamsToServe, this.#own),
      leases: this.#leases,
      changeovers: this.#changeovers,
      onNews: () => this.#bringInLine(),
      onLost: (why) => this.#lost(why),
      onAnswer: () => {
        this.#upkeep.restoreIfDue();
        void this.#otherRelay?.check();
      },
      onTrouble: this.#complain,
      marker: () => this.#standby.markerName,
      relayed: this.#relayed,
      inForce: (cameraId) => this.#streamsToServe.get(cameraId)?.inForce ?? null,
    });
    this.#parts = parts;
    await this.#startParts(parts);
  }

  /** Starts the relay, MediaMTX and the watches; resolves when MediaMTX answers, at the latest after `BOUNDS.startMs`. */
  async #startParts({ file, slates, monitor, supervisor, feederWatch }: EngineParts): Promise<void> {
    const { clock } = this.#options;
    const relayStarts = this.#relayed?.start();
    // MediaMTX does not start with a configuration file that names a missing slate.
    await slates.ensure(file.namedSlates()).catch(this.#complain);
    // camlease starts MediaMTX only afterwards, so this write disturbs no viewer, and MediaMTX knows camlease's users from its start.
    if (supervisor) await file.writeEdits().catch(this.#complain);
    await supervisor?.start();
    await monitor.start();
    feederWatch.start();
    if (supervisor) await askUntil({ clock, everyMs: 100, withinMs: BOUNDS.startMs }, () => monitor.failure === null);
    await relayStarts;
  }

  /** Stops everything, in the order that leaves viewers their picture when MediaMTX runs on without camlease. */
  async stop(): Promise<void> {
    const parts = this.#parts;
    if (!parts) return;
    this.#upkeep.end();
    // Do not wait for a hung MediaMTX: closing the client fails its open requests, and the store still has everything.
    const cancelPatience = this.#options.clock.after(BOUNDS.stopMs, () => this.#client.close());
    parts.warmUps.stop();
    parts.sharedPaths?.stop();
    await Promise.all([parts.bridges.stop(), parts.hlsLists.stop()]);
    await parts.feederWatch.stop();
    await parts.monitor.stop();
    await parts.writer.stop();
    await this.#upkeep.settled();
    cancelPatience();
    await parts.supervisor?.stop();
    await this.#relayed?.stop();
  }

  /** The engine's status with its most pressing problem. */
  status(): EngineStatus {
    const version = this.#parts?.monitor.version ?? null;
    if (!this.#parts) return { kind: 'mediamtx', version, ready: false, problem: 'The engine was not started.' };
    const { monitor, supervisor, file, writer, feederWatch, servedLinks, otherInstallation } = this.#parts;
    if (monitor.failure === null) {
      const { problem: relayProblem = null, waiting = 0 } = this.#relayed ?? {};
      const dark = feederWatch.darkCameras().length > 0 ? NOT_ARRIVING : null;
      const relay = relayProblem ?? this.#otherRelay?.problem ?? null;
      const slow = writer.fileIsRead ? null : SLOW;
      const problem = otherInstallation.problem ?? file.problem ?? dark ?? relay ?? servedLinks.problem ?? slow;
      return { kind: 'mediamtx', version, ready: true, problem, ...(waiting > 0 && { waitForRelay: waiting }) };
    }
    const problem = supervisor?.problem ?? (monitor.hangs ? HANGS : failureSentence(monitor.failure, file));
    return {
      kind: 'mediamtx',
      version,
      ready: false,
      problem,
      ...(monitor.awayMs !== null && { awayMs: monitor.awayMs }),
    };
  }

  onReset(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport> {
    const wanted = new Map(streams);
    if (this.#standby.isNow) await orAborted(this.#standby.end(this.#usable()), signal);
    // The relay gets the streams first: its readers then keep their picture over a renewal even while MediaMTX does not answer.
    this.#relayed?.want(wanted);
    const relayError = (await this.#relayed?.trySend(signal)) ?? null;
    const { writer, carried, warmUps } = await this.#prepare(wanted, signal).catch((thrown: unknown) => {
      // Remember the streams all the same: `#restore` writes them when MediaMTX answers again.
      this.#streams = wanted;
      throw thrown;
    });
    this.#leases.learn(streams, writer.inForce);
    const shown = this.#shown.begin(this.#streams, wanted, this.#own);
    try {
      const isWarming = await orAborted(warmUps.begin(wanted, this.#own, signal), signal);
      // Set in the same turn of the event loop as the write begins: else a background write makes the changes, and this report lacks them.
      this.#streams = wanted;
      const first = await orAborted(this.#write(), signal);
      const moved = isWarming ? [await this.#moveToWarm(signal)] : [];
      await this.#relayed?.letGo(signal);
      if (relayError) throw relayError;
      const own = writer.inForce ?? new Map();
      this.#shown.end(wanted, own);
      const relayed = this.#relayed?.settle(first.before, own) ?? [];
      this.#options.onApplied?.();
      const { refused } = desiredPaths(streams, this.#options.clock.now(), carried.world(own));
      return applyReport({ streams, reports: [first, ...moved], own, shown, relayed, refused });
    } finally {
      if (warmUps.end()) this.#bringInLine();
    }
  }

  /** Resolves when MediaMTX's file holds the paths in force, or cannot: the file is not writable, or MediaMTX reads another file. */
  async settle(signal?: AbortSignal): Promise<void> {
    const { writer, file } = this.#usable();
    // The writer is asked again, because it leaves the file alone while another program is writing it.
    await askUntil({ clock: this.#options.clock, everyMs: SETTLE_LOOK_MS, signal }, async () => {
      await orAborted(writer.restore(), signal);
      const own = writer.inForce;
      return own === null || file.hasPaths(own) || !file.isWritable || !writer.fileIsRead;
    });
  }

  async plan(streams: DesiredStreams, signal?: AbortSignal): Promise<readonly PlannedChange[]> {
    return planOf(
      {
        ...this.#usable(),
        clock: this.#options.clock,
        relayed: this.#relayed,
        proofPaths: this.#proofs.paths,
        viewers: () => this.viewers(signal),
      },
      streams,
      signal,
    );
  }

  swapsUnnoticed(
    { id, mode }: { id: CameraId; mode: CameraMode },
    from: StreamTracks | null,
    to: StreamTracks | null,
  ): boolean {
    const goesToRelay = this.#relayed?.takes(id, mode) === true;
    return goesUnnoticed({ mode, from, to, isRelayed: this.movesFreely({ id, mode }), goesToRelay });
  }

  movesFreely({ id, mode }: { id: CameraId; mode: CameraMode }): boolean {
    const isMeant = goesByRelay(mode) || this.#relayed?.isMeantFor(id) === true;
    return isMeant && this.#relayed?.carries(id, this.#own) === true;
  }

  prove(cameraId: CameraId, lease: PullTarget, signal?: AbortSignal): Promise<Proof> {
    return this.#proofs.prove(cameraId, lease, signal);
  }

  async states(signal?: AbortSignal, which: 'all' | 'pulled' = 'all'): Promise<ReadonlyMap<CameraId, StreamState>> {
    const parts = this.#parts;
    if (!parts) return new Map();
    await this.#standby.refresh(parts, signal);
    return this.#stateReader.states(this.#streamsToServe, parts, which, signal);
  }

  async viewers(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, number> | null> {
    const sessions = await this.#client.sessions(signal).catch(() => null);
    signal?.throwIfAborted();
    return sessions && viewersByPath(sessions);
  }

  async #readMarker(): Promise<EngineMarker | null> {
    if (await this.#options.users.agree()) this.#parts?.file.forget();
    return this.#standby.readMarker(this.#parts);
  }

  links(cameraId: CameraId): StreamLinks {
    const { notServed = [], hlsKind = null } = this.#parts?.servedLinks ?? {};
    const secondSound = this.#secondSound(cameraId);
    const links = linksOf(this.#options, cameraId, { notServed, secondSound });
    return hlsKind === null ? links : { ...links, serving: { hls: hlsKind, off: notServed, secondSound } };
  }

  #secondSound(cameraId: CameraId): Protocol | null {
    if (this.#parts?.servedLinks.isDerivedOpen !== true || !this.#own.has(derivedPath('sound', cameraId))) return null;
    const stream = this.#streamsToServe.get(cameraId);
    return stream ? secondSoundWay(stream) : null;
  }

  readerUrl(cameraId: CameraId): string | null {
    const stream = this.#streamsToServe.get(cameraId);
    return stream && isForRelay(stream) ? (this.#relayed?.readerUrl(cameraId) ?? null) : null;
  }

  #wanted(own: PathConfigs): PathConfigs {
    const parts = this.#parts;
    if (!this.#streams || !parts) return new Map([...own, ...this.#proofs.paths]);
    const { paths } = desiredPaths(this.#streams, this.#options.clock.now(), parts.carried.world(own));
    return new Map([...this.#standby.markerPaths(), ...this.#proofs.paths, ...paths]);
  }

  async standBy(streams: DesiredStreams): Promise<void> {
    this.#streams = null;
    this.#relayed?.standBy();
    if (!this.#standby.begin(streams, this.#parts)) return;
    this.#parts?.bridges.keep(new Map());
    this.#parts?.hlsLists.keep([]);
  }

  /** Resolves when the wanted paths are in force. A failure of the relay is thrown after the write: MediaMTX needs its paths anyway. */
  async #reconcile(): Promise<WriteReport> {
    const relayError = (await this.#relayed?.trySend()) ?? null;
    await this.#prepare(this.#streamsToServe);
    const report = await this.#write();
    if (relayError) throw relayError;
    return report;
  }

  /** The first write added the feeders; this second one moves the cameras to them, as soon as the feeders show pictures. */
  async #moveToWarm(signal?: AbortSignal): Promise<WriteReport> {
    const { warmUps } = this.#usable();
    const bridged = await orAborted(warmUps.warm(signal), signal);
    await this.#prepare(this.#streamsToServe, signal);
    warmUps.move(bridged);
    const report = await orAborted(this.#write(), signal);
    warmUps.moved(bridged);
    return report;
  }

  /** Before a write of these streams: reads our paths in force, makes missing slates, and finds the direct lines that nobody watches. */
  async #prepare(streams: DesiredStreams, signal?: AbortSignal): Promise<EngineParts> {
    const parts = this.#usable();
    if (parts.writer.inForce === null) await orAborted(parts.writer.learn(), signal);
    await orAborted(parts.carried.prepare(streams), signal);
    await this.#relayed?.findUnwatched(streams, this.#own);
    return parts;
  }

  async #write(): Promise<WriteReport> {
    const { writer, carried, feederWatch, bridges, hlsLists } = this.#usable();
    const isUrgent = this.#isUrgent;
    this.#isUrgent = false;
    const report = await writer.reconcile(isUrgent);
    bridges.keep(this.#own);
    this.#relayed?.keep(this.#streamsToServe, this.#own);
    hlsLists.keep(carried.hlsLists(this.#streamsToServe));
    await carried.sweep(this.#streamsToServe, this.#own).catch(this.#complain);
    feederWatch.nudge();
    return report;
  }

  /** Writes in the background, after a part of the engine has seen something that changes which paths are wanted. */
  #bringInLine(isUrgent = false): void {
    if (!this.#parts || !this.#streams) return;
    this.#isUrgent ||= isUrgent;
    // Also while MediaMTX is away: the relay gets the streams all the same, and `Upkeep` retries until MediaMTX is back.
    this.#upkeep.lineUp();
  }

  /** The streams that this replica serves, or on standby those of the replica that writes; empty before the first `apply` or `standBy`. */
  get #streamsToServe(): DesiredStreams {
    return this.#streams ?? this.#standby.streams;
  }

  /** Our paths as they were last known to be in force; empty: not known. */
  get #own(): PathConfigs {
    return this.#parts?.writer.lastInForce ?? new Map();
  }

  #usable(): EngineParts {
    const parts = this.#parts;
    if (!parts) throw new AppError('ENGINE_UNREACHABLE', 'The engine was not started.');
    if (parts.monitor.failure !== null) throw parts.monitor.failure;
    return parts;
  }

  #lost(why: 'restarted' | 'edited'): void {
    this.#parts?.writer.forget(why);
    this.#parts?.carried.forget();
    this.#upkeep.lost();
    for (const listener of this.#listeners) listener();
  }

  /** Writes the latest streams to a MediaMTX that lost its paths, and then to its file. */
  async #restore(): Promise<void> {
    if (!this.#streams) return;
    await this.#reconcile();
    await this.#parts?.writer.restore();
  }
}

function isOpener(relay: Partial<SourceOpening> | null): relay is SourceOpening {
  return relay?.open !== undefined;
}

/** Names a fault of the file that may be why MediaMTX does not answer or rejects camlease's login: the general cure would mislead. */
function failureSentence(failure: Error, file: Pick<ConfigFile, 'problem' | 'whyAway'>): string {
  const code = failure instanceof AppError ? failure.code : null;
  if (code === 'ENGINE_LOCKED' && file.problem !== null) return `${failure.message} ${file.problem}`;
  const why = code === 'ENGINE_UNREACHABLE' ? file.whyAway : null;
  return [...(why === null ? [] : [why]), sentenceOf(failure)].join(' ');
}
