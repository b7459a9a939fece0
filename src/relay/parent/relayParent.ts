import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { RelayCamera, RelayedCamera } from '../../core/streams/relay.js';
import { cameraLine } from '../file/fileLines.js';
import { mergeStates } from './mergeStates.js';
import { OrphanStates } from './orphanStates.js';
import { refusals } from './refusal.js';
import { firstRequest } from './firstRequest.js';
import { readPath } from '../wire/paths.js';
import { isGone, RelayFile } from '../file/relayFile.js';
import { SlateFiles, unpackUnits } from '../wire/slateFiles.js';
import { CONTROL_PROTOCOL, type CameraChange, type RelayStatus } from '../wire/wire.js';
import type { WorkerStates } from './worker.js';
import { WorkerPool, type PoolLog, type Problem } from './workerPool.js';

export interface RelayParentOptions {
  readonly folder: string;
  readonly host: string;
  /** Where MediaMTX reads; 0: any. */
  readonly port: number;
  readonly workers: number;
  readonly workerModule: URL;
  /** Whose certificates workers trust: see `trustOf`. Absent: Node's own. */
  readonly trust?: Readonly<Record<string, string>>;
  /** What those who write give; null: the one in the relay's file. */
  readonly secret: string | null;
  readonly version: string;
  readonly pid: number;
  readonly newSecret: () => string;
  readonly clock: Clock;
  readonly log: PoolLog;
  /** Its folder was removed: what it would write is lost, and nobody wants it any more. */
  readonly onFolderGone: () => void;
}

const FOLDER_EVERY_MS = 5_000;

/** In this process, until they are handed on; one for each camera of the largest installation and as many more. */
const MOST_READERS = 20_000;

/** What is told of cameras at once. */
export interface Telling {
  readonly cameras: ReadonlyMap<CameraId, RelayCamera | null>;
  /** null: of a camlease that shares its database with nobody; it resets the highest one. */
  readonly fence: number | null;
  /** null: these are all cameras there are. */
  readonly since: { readonly run: string; readonly change: number } | null;
}

/** The relay's parent process: keeps the file and the workers, and gives readers to these. */
export class RelayParent {
  readonly #options: RelayParentOptions;
  readonly #file: RelayFile;
  readonly #slates: SlateFiles;
  readonly #pool: WorkerPool;
  readonly #orphans: OrphanStates;
  readonly #listening: Server;
  readonly #run: string;
  #change = 0;
  #cancelWatch: () => void = () => undefined;
  #telling: Promise<unknown> = Promise.resolve();

  private constructor(options: RelayParentOptions, file: RelayFile) {
    this.#options = options;
    this.#file = file;
    this.#run = options.newSecret();
    this.#slates = new SlateFiles(options.folder);
    const { workerModule: module, trust = {}, workers: count, folder, clock, log } = options;
    this.#pool = new WorkerPool({ module, trust, count, folder, clock, log });
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

  /** What those who write have to give. */
  get secret(): string {
    return this.#options.secret ?? this.#file.head.control;
  }

  /** What workers give that a parent before this one left behind: they know no more than the relay's file. */
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
      problem: this.problem,
    };
  }

  /**
   * Resolves when it is on the disk and the workers know it. Throws `RelayRefusal` for an older fence, and where somebody else changed
   * something since; `DISK_FULL`.
   */
  tell(telling: Telling): Promise<{ run: string; change: number }> {
    const told = this.#telling.then(() => this.#tell(telling));
    this.#telling = told.catch(() => undefined);
    return told;
  }

  keepSlate(id: CameraId, packed: Buffer): void {
    if (unpackUnits(packed) === null) throw refusals.unreadable('a stand-in picture');
    this.#slates.write(id, packed);
    this.#pool.order({ op: 'slate', cameraId: id });
  }

  /** Of our own workers and of those that a parent before this one left behind. */
  async states(): Promise<ReadonlyMap<CameraId, RelayedCamera>> {
    const own = await this.#pool.states();
    return mergeStates([...this.#orphans.lists(), ...own]);
  }

  /** Throws `RelayRefusal` where more of them report than there can be. */
  keepOrphan(pid: number, states: WorkerStates): void {
    this.#orphans.keep(pid, states);
  }

  restart(): void {
    this.#pool.restart();
  }

  #watchFolder(): void {
    this.#cancelWatch = this.#options.clock.after(FOLDER_EVERY_MS, () => {
      if (isGone(this.#file.path)) this.#options.onFolderGone();
      else this.#watchFolder();
    });
  }

  /** `keep`: workers serve their readers to the end, without this process. */
  async stop(readers: 'end' | 'keep'): Promise<void> {
    this.#cancelWatch();
    this.#listening.close();
    if (readers === 'keep') this.#pool.leave();
    else await this.#pool.stop();
    await this.#telling;
    this.#file.close();
  }

  /**
   * A camera and its candidate are served by one worker, since they share their pulls; so are the cameras of an account whose streams
   * are bounded, since a worker counts its own.
   */
  #keyOf(path: string | null): string {
    if (path === null) return '';
    const { cameraId } = readPath(path);
    return this.#file.cameras.get(cameraId)?.cap?.group ?? cameraId;
  }

  async #tell({ cameras, fence, since }: Telling): Promise<{ run: string; change: number }> {
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

  #changesFor(cameras: Telling['cameras'], areAll: boolean): CameraChange[] {
    const known = this.#file.cameras;
    const changes: CameraChange[] = [];
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

/** Of a port that cannot be listened on. */
export function portError(port: number, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return cause;
  return new AppError(
    'PORT_IN_USE',
    `The relay cannot listen on port ${port}: another program does, or may not share it.`,
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
