import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { every } from '../../core/async/every.js';
import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayCamera, RelayedCamera } from '../../core/streams/relay.js';
import { cameraLine } from '../file/fileLines.js';
import { mergeStates } from './mergeStates.js';
import { ParentOpenings } from './openings.js';
import { OrphanStates } from './orphanStates.js';
import { refusals } from './refusal.js';
import { firstRequest } from './firstRequest.js';
import { readPath } from '../wire/paths.js';
import { isGone, RelayFile } from '../file/relayFile.js';
import type { Outcome } from '../wire/opening.js';
import { DEFAULT_TRANSCODES } from '../wire/settings.js';
import { SlateFiles, unpackUnits } from '../wire/slateFiles.js';
import { CONTROL_PROTOCOL, type ToldCamera, type RelayStatus } from '../wire/wire.js';
import type { WorkerStates } from './worker.js';
import { WorkerPool, type PoolLog, type Problem } from './workerPool.js';

export interface RelayParentOptions {
  readonly folder: string;
  readonly host: string;
  /** The port from which MediaMTX reads; 0: any free port. */
  readonly port: number;
  readonly workers: number;
  readonly workerModule: URL;
  /** Environment that names the certificate authorities which workers trust (see `trustOf`). Absent: Node's own. */
  readonly trust?: Readonly<Record<string, string>>;
  /** Networks that workers may dial beside the usual ones (see `sourceNetworks`); absent: none. */
  readonly sourceNetworks?: string;
  /** How many streams' pictures are transcoded at once (TRANSCODES_MAX); absent: 2. */
  readonly mostTranscodes?: number;
  /** The secret of the control port (RELAY_SECRET); null: the one in the relay's file. */
  readonly secret: string | null;
  readonly version: string;
  readonly pid: number;
  readonly newSecret: () => string;
  readonly clock: Clock;
  readonly log: PoolLog;
  /** Called when somebody removed the relay's folder: the relay can store nothing any more, so its process has to end. */
  readonly onFolderGone: () => void;
}

const FOLDER_EVERY_MS = 5_000;

/** Connections that the parent accepts before it hands them to workers: two for each of 10,000 cameras. */
const MOST_READERS = 20_000;

/** A request in which camlease says which cameras the relay pulls. */
export interface PullRequest {
  /** null: the relay drops the camera. */
  readonly cameras: ReadonlyMap<CameraId, RelayCamera | null>;
  /** null: sent by a camlease that shares its database with no other replica; resets the highest known fence. */
  readonly fence: number | null;
  /** The change that `cameras` builds on; null: `cameras` is the whole list, and the relay drops every other camera. */
  readonly since: { readonly run: string; readonly change: number } | null;
}

/** The relay's parent process: writes the relay's file, keeps the workers running, and hands each reader to a worker. */
export class RelayParent {
  readonly #options: RelayParentOptions;
  readonly #file: RelayFile;
  readonly #slates: SlateFiles;
  readonly #pool: WorkerPool;
  readonly #openings: ParentOpenings;
  readonly #orphans: OrphanStates;
  readonly #listening: Server;
  readonly #run: string;
  readonly #mostTranscodes: number;
  #change = 0;
  #cancelWatch: () => void = () => undefined;
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(options: RelayParentOptions, file: RelayFile) {
    this.#options = options;
    this.#file = file;
    this.#run = options.newSecret();
    this.#slates = new SlateFiles(options.folder);
    const { workerModule: module, trust = {}, sourceNetworks = '', workers: count, folder, clock, log } = options;
    this.#mostTranscodes = options.mostTranscodes ?? DEFAULT_TRANSCODES;
    this.#pool = new WorkerPool({
      ...{ module, trust, sourceNetworks, count, folder, clock, log },
      mostTranscodes: this.#mostTranscodes,
    });
    this.#openings = new ParentOpenings({ pool: this.#pool, keyOf: (target) => this.#keyOfTarget(target) });
    this.#orphans = new OrphanStates(clock);
    this.#listening = createServer({ pauseOnConnect: true }, (socket) => {
      firstRequest(socket, clock, ({ path, take }) => this.#pool.give({ socket, take, key: this.#keyOf(path) }));
    });
    this.#listening.maxConnections = MOST_READERS;
  }

  /** Throws `AppError` with a cure: PORT_IN_USE, CONFIG_INVALID, DISK_FULL. */
  static async start(options: RelayParentOptions): Promise<RelayParent> {
    const file = await RelayFile.open(options);
    const parent = new RelayParent(options, file);
    await listen(parent.#listening, options.port, options.host);
    parent.#pool.start();
    parent.#watchFolder();
    if (file.trouble !== null) options.log.warn(file.trouble);
    return parent;
  }

  /** The secret that camlease must send to the control port. */
  get secret(): string {
    return this.#options.secret ?? this.#file.head.control;
  }

  /** The secret that orphans send: they know only the one in the relay's file. */
  get orphanSecret(): string {
    return this.#file.head.control;
  }

  get port(): number {
    return portOf(this.#listening);
  }

  get problem(): Problem | null {
    return this.#pool.problem;
  }

  status(): RelayStatus {
    const workers = this.#pool.workers.map(({ pid, readers, isReady, isDraining }) => ({
      ...{ pid, readers, isReady, isDraining },
    }));
    return {
      pid: this.#options.pid,
      version: this.#options.version,
      protocol: CONTROL_PROTOCOL,
      run: this.#run,
      change: this.#change,
      cameras: this.#file.cameras.size,
      fence: this.#file.fence,
      workers,
      reader: { port: this.port, password: this.#file.head.reader },
      sourceNetworks: this.#options.sourceNetworks ?? '',
      mostTranscodes: this.#mostTranscodes,
      problem: this.problem,
    };
  }

  /**
   * Resolves when the change is on the disk and each ready worker has read it, or has had 2 s to do so. Throws `RelayRefusal` for an
   * older fence and where the change does not build on the latest one, `AppError` `DISK_FULL` on a full disk.
   */
  change(request: PullRequest): Promise<{ run: string; change: number }> {
    const turn = this.#changing.then(() => this.#changeNow(request));
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  keepSlate(id: CameraId, packed: Buffer): void {
    if (unpackUnits(packed) === null) throw refusals.unreadable('a stand-in picture');
    this.#slates.write(id, packed);
    this.#pool.order({ op: 'slate', cameraId: id });
  }

  /** The states of all streams: those of our workers and those of orphans. */
  async states(): Promise<ReadonlyMap<CameraId, RelayedCamera>> {
    const own = await this.#pool.states();
    return mergeStates([...this.#orphans.lists(), ...own]);
  }

  /** Pulls a target once and tells what came. `again`: also where the camera refused the login lately. Throws as `ParentOpenings`. */
  open(target: PullTarget, again: boolean, signal: AbortSignal): Promise<Outcome> {
    return this.#openings.open(target, again, signal);
  }

  /** Throws `RelayRefusal` when too many orphans report. */
  keepOrphan(pid: number, states: WorkerStates): void {
    this.#orphans.keep(pid, states);
  }

  restart(): void {
    this.#pool.restart();
  }

  #watchFolder(): void {
    this.#cancelWatch = every(this.#options.clock, FOLDER_EVERY_MS, () => {
      if (!isGone(this.#file.path)) return true;
      this.#options.onFolderGone();
      return false;
    });
  }

  /** `keep`: each worker serves its readers without this process, until the last one leaves; `end`: this process ends the workers. */
  async stop(readers: 'end' | 'keep'): Promise<void> {
    this.#cancelWatch();
    this.#listening.close();
    if (readers === 'keep') this.#pool.leave();
    else await this.#pool.stop();
    await this.#changing;
    this.#file.close();
  }

  /**
   * The key that chooses the worker. One worker serves a camera's lease in force and its candidate, since the two share pulls, and all
   * cameras of an account with a limit of streams, since each worker counts only its own streams.
   */
  #keyOf(path: string | null): string {
    if (path === null) return '';
    const { cameraId } = readPath(path);
    return this.#file.cameras.get(cameraId)?.cap?.group ?? cameraId;
  }

  /** As `#keyOf`, for the camera that is pulled from this target; a target of no camera may go to any worker. */
  #keyOfTarget({ url, revision }: PullTarget): string {
    for (const [id, { target, candidate, cap }] of this.#file.cameras)
      for (const own of [target, candidate]) if (own?.url === url && own.revision === revision) return cap?.group ?? id;
    return url;
  }

  async #changeNow({ cameras, fence, since }: PullRequest): Promise<{ run: string; change: number }> {
    const known = this.#file.fence;
    if (fence !== null && fence < known) throw refusals.fenced();
    if (since !== null && (since.run !== this.#run || since.change !== this.#change)) throw refusals.stale();
    const changes = this.#changesFor(cameras, since === null);
    if (changes.length > 0 || (fence ?? 0) !== known) {
      await this.#file.change(changes, fence ?? 0);
      this.#change += 1;
      for (const [id, camera] of changes) if (camera === null) this.#slates.remove(id);
      await this.#pool.haveRead(this.#change);
    }
    return { run: this.#run, change: this.#change };
  }

  #changesFor(cameras: PullRequest['cameras'], areAll: boolean): ToldCamera[] {
    const known = this.#file.cameras;
    const changes: ToldCamera[] = [];
    for (const [id, camera] of cameras) {
      const before = known.get(id) ?? null;
      if (cameraLine(id, before) !== cameraLine(id, camera)) changes.push([id, camera]);
    }
    if (areAll) for (const id of known.keys()) if (!cameras.has(id)) changes.push([id, null]);
    return changes;
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw portError(port, cause);
  }
}

/** The error for a port on which the relay cannot listen; any other error as it is. */
export function portError(port: number, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return cause;
  return new AppError(
    'PORT_IN_USE',
    `The relay cannot listen on port ${port}, because another program uses it and does not share it.`,
    {
      cure: 'Stop that program, or give the relay another port with RELAY_PORT.',
      cause,
    },
  );
}

export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
