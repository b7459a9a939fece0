import { AppError, messageOf } from '../../../core/errors.js';
import { shuttingDown, type MediaMtxClient } from '../api/client.js';
import { takenOver } from '../file/configFile.js';
import { confirmFile, type ConfirmDeps } from './confirm.js';
import { writeByApi } from './apiWrites.js';
import { diffPaths } from '../paths/diffPaths.js';
import { isMarkPath, MARK_PATH, markOf, type FileMark } from '../file/fileMark.js';
import type { EngineLog } from '../../engineLog.js';
import type { MoveMoment } from './moveMoment.js';
import { INSTALLATION_PATH } from '../sharing/otherInstallation.js';
import type { OwnPaths } from '../sharing/ownPaths.js';
import { takeOver, type TakeOverDeps } from './takeOver.js';
import { goesByFile, isFewForApi, standsStill, writeWhenStill, type QuietFileDeps } from './quietFile.js';
import { ReloadPace } from './reloadPace.js';
import { RewriteGap } from './rewriteGap.js';
import { SettleTimer } from './settleTimer.js';
import { camerasOf } from '../paths/moved.js';
import { cameraOfPath, type PathConfigs } from '../paths/pathConfig.js';
import { sayOverridden } from '../paths/pathDefaults.js';
import { PathTrials, withoutRefused } from './pathTrials.js';
import { afterEvent, inForce, lastInForce, NOTHING_KNOWN, type WriterEvent } from './writerState.js';

export interface WriterOptions extends QuietFileDeps {
  readonly client: MediaMtxClient;
  readonly ownPaths: OwnPaths;
  readonly log: EngineLog;
  readonly vendors: TakeOverDeps['vendors'];
  /** All paths that MediaMTX should have from us. Called when a write begins, with our paths that it has. */
  readonly wanted: (own: PathConfigs) => PathConfigs;
  /** Called before these paths are written: makes the files that they name. */
  readonly beforeWrite: (paths: PathConfigs) => Promise<void>;
  /** Chooses the moment of a write that moves cameras to other feeders. Absent: at once. */
  readonly moment?: MoveMoment;
  /** See `TakeOverDeps`. */
  readonly addressOf?: TakeOverDeps['addressOf'];
  /** Whether this replica may write, asked before each write. Absent: always. */
  readonly mayWrite?: () => boolean;
}

export interface WriteReport {
  /** Names of paths that were added, changed or removed. */
  readonly changed: readonly string[];
  readonly by: 'none' | 'api' | 'file';
  /** Names of wanted paths that a foreign path has already. */
  readonly foreign: readonly string[];
  /** Wanted paths that MediaMTX refused, by name, each with its reason. */
  readonly refused: ReadonlyMap<string, string>;
  /** Our paths as they were before the write. */
  readonly before: PathConfigs;
}

/**
 * Brings our paths in MediaMTX to the wanted ones. One write at a time; calls that come while one runs share the next. The writer
 * remembers the paths in force, so that a pass over 10,000 cameras need not list them.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #confirm: ConfirmDeps;
  readonly #gap: RewriteGap;
  readonly #trials: PathTrials;
  #state = NOTHING_KNOWN;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<WriteReport> | null = null;
  readonly #settle: SettleTimer;
  #stopped = false;
  #urgent = false;
  readonly #pace = new ReloadPace();

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#confirm = { client: options.client, clock: options.clock };
    this.#gap = new RewriteGap(options.clock);
    this.#trials = new PathTrials(options);
    this.#settle = new SettleTimer(options.clock);
  }

  /** False: MediaMTX does not read our file (it is on another machine, say), so every change goes through the API, slowly. */
  get fileIsRead(): boolean {
    return this.#state.fileReach !== 'not-read';
  }

  /** Our paths as MediaMTX has them; null: not known now. */
  get inForce(): PathConfigs | null {
    return inForce(this.#state);
  }

  /** `inForce`; during a write, and after one in doubt, our paths as they were before it. null: not known. */
  get lastInForce(): PathConfigs | null {
    return lastInForce(this.#state);
  }

  /** Forgets the paths in force: MediaMTX was restarted, or another program edited its file just now. */
  forget(why: 'restarted' | 'edited'): void {
    this.#saw({ kind: why });
    if (why === 'edited') {
      this.#gap.begin();
      return;
    }
    this.#gap.clear();
    this.#trials.forget();
  }

  /** Resolves when the wanted paths are confirmed to be in force. `urgent`: viewers' pictures are frozen, so waits are cut short. */
  reconcile(urgent = false): Promise<WriteReport> {
    this.#urgent ||= urgent;
    this.#next ??= this.#inTurn(async () => {
      this.#next = null;
      return this.#reconcileNow();
    });
    return this.#next;
  }

  /** `reconcile`, and then writes the file at once if it does not hold the paths in force. */
  async restore(): Promise<void> {
    await this.reconcile();
    await this.#inTurn(() => this.#settleNow());
  }

  /** Our paths as MediaMTX has them; asks MediaMTX when they are not known. */
  learn(): Promise<PathConfigs> {
    return this.#inTurn(() => this.#known());
  }

  /** Runs something that writes to MediaMTX, while no other write runs. */
  alone<T>(run: () => Promise<T>): Promise<T> {
    return this.#inTurn(run);
  }

  /** Waits for the write that runs. Writes nothing afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#settle.clear();
    await this.#running.catch(() => undefined);
  }

  #saw(event: WriterEvent): void {
    this.#state = afterEvent(this.#state, event);
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#running.then(run, run);
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  async #reconcileNow(): Promise<WriteReport> {
    if (this.#stopped) throw shuttingDown();
    const { file } = this.#options;
    const known = await this.#known();
    const all = this.#options.wanted(known);
    const takenOver = this.#mayWrite() ? await takeOver(this.#options, this.#state.foreign, all) : null;
    if (takenOver) this.#saw({ kind: 'taken-over', ...takenOver });
    const own = takenOver ? new Map([...known, ...takenOver.taken]) : known;
    const { desired: wanted, foreign } = this.#split(all);
    const desired = this.#options.client.defaults.fitAll(wanted);
    const changes = diffPaths(own, desired);
    if (changes.length === 0) {
      this.#urgent = false;
      this.#scheduleSettle();
      return { changed: [], by: 'none', foreign, refused: new Map(), before: own };
    }
    this.#requireRight();
    await this.#options.beforeWrite(desired);
    await this.#options.ownPaths.add(desired.keys());
    const changed = changes.map(({ name }) => name);
    const isForFile = this.fileIsRead && file.isWritable && goesByFile(own, changes, file);
    const tried = isForFile ? await this.#trials.refusals(own, desired) : new Map<string, string>();
    const takable = this.#options.client.defaults.fitAll(withoutRefused(own, desired, tried));
    const left = new Set(camerasOf([...tried.keys()]));
    const written = changed.filter((name) => !left.has(cameraOfPath(name)));
    if (isForFile && written.length > 0 && (await this.#writeFile(takable, isFewForApi(changes), own))) {
      return { changed: written, by: 'file', foreign, refused: tried, before: own };
    }
    const refused = new Map([...tried, ...(await this.#writeByApi(takable))]);
    this.#scheduleSettle();
    const made = written.filter((name) => !refused.has(name));
    return { changed: made, by: made.length === 0 ? 'none' : 'api', foreign, refused, before: own };
  }

  async #known(): Promise<PathConfigs> {
    return this.inForce ?? (await this.#learn());
  }

  async #learn(): Promise<PathConfigs> {
    const { client, log } = this.#options;
    if (await client.learnDefaults()) {
      this.#trials.forget();
      sayOverridden(log, client.defaults);
    }
    const all = new Map(await client.pathConfigs());
    all.delete(INSTALLATION_PATH);
    const ours = new Map([...all].filter(([name]) => this.#options.ownPaths.has(name)));
    const foreign = new Map([...all].filter(([name]) => !ours.has(name) && !isMarkPath(name)));
    this.#saw({ kind: 'listed', ours, foreign, mark: markOf(all.get(MARK_PATH)?.source) });
    return ours;
  }

  #split(wanted: PathConfigs): { desired: PathConfigs; foreign: readonly string[] } {
    const isForeign = (name: string): boolean => this.#state.foreign.has(name) || this.#options.file.foreign.has(name);
    const foreign = [...wanted.keys()].filter(isForeign);
    if (foreign.length === 0) return { desired: wanted, foreign };
    return { desired: new Map([...wanted].filter(([name]) => !isForeign(name))), foreign };
  }

  async #writeByApi(desired: PathConfigs): Promise<ReadonlyMap<string, string>> {
    const ours = new Map(await this.#known());
    // In doubt until the writes end: if MediaMTX stops answering, a write may or may not have been made.
    this.#saw({ kind: 'write-begun' });
    const requireRight = (): void => this.#requireRight();
    const { refused, isKnown } = await writeByApi({ ...this.#confirm, requireRight }, ours, desired);
    if (isKnown) this.#saw({ kind: 'confirmed-by-api', ours });
    return refused;
  }

  /** False: not written, because the file is not writable, not still or not read by MediaMTX, or because MediaMTX refuses the mark. */
  async #writeFile(desired: PathConfigs, isFew: boolean, before = desired): Promise<boolean> {
    const { file, log, clock, moment } = this.#options;
    if (!this.fileIsRead || !(await this.#trials.takesMark(before))) return false;
    const givesUp = (): boolean => this.#stopped || (this.#urgent && isFew);
    // Wait before the key frame moment is chosen; `writeWhenStill` waits again if the file is changed until then.
    if (!(await standsStill(this.#options, givesUp))) return false;
    const { restarts } = this.#state;
    const isOver = (): boolean => this.#state.restarts !== restarts;
    for (let attempt = 1; attempt <= 2; attempt++) {
      await this.#gap.passed(() => this.#urgent);
      await moment?.come(before, desired, () => this.#urgent || this.#stopped);
      this.#urgent = false;
      this.#requireRight();
      const begunMs = clock.monotonicMs();
      const written = await this.#replaceFile(desired, givesUp);
      if (written === null) return false;
      const { mark, renamedAtMs } = written;
      this.#saw({ kind: 'write-begun' });
      const write = { paths: desired, mark, attempt, isOver, pace: this.#pace, renamedAtMs };
      if (await confirmFile(this.#confirm, write)) {
        this.#saw({ kind: 'confirmed-by-file', ours: new Map(desired), mark });
        moment?.wrote(clock.monotonicMs() - begunMs);
        this.#settle.clear();
        await this.#options.ownPaths.set(new Set(desired.keys()));
        return true;
      }
      // MediaMTX restarted during the write, so the write proves nothing about the new one: the next write learns its paths again.
      if (isOver()) throw new AppError('ENGINE_UNREACHABLE', 'MediaMTX was restarted while its paths were written.');
    }
    this.#saw({ kind: 'file-not-read' });
    log.warn('MediaMTX does not read this file, so camlease changes its paths by API, which is slower', {
      file: file.path,
    });
    await this.#learn();
    return false;
  }

  /** Writes the file with a fresh mark; null: it could not be written now. */
  async #replaceFile(
    paths: PathConfigs,
    givesUp: () => boolean,
  ): Promise<{ mark: FileMark; renamedAtMs: number } | null> {
    const { file, log } = this.#options;
    const mark = file.freshMark(this.#state.marks);
    this.#saw({ kind: 'marked', mark });
    try {
      const renamedAtMs = await writeWhenStill(this.#options, { paths, mark, givesUp });
      if (renamedAtMs !== null) this.#gap.begin();
      return renamedAtMs === null ? null : { mark, renamedAtMs };
    } catch (thrown) {
      this.#gap.begin();
      if (thrown instanceof AppError) throw thrown;
      log.warn('the configuration file cannot be written', { file: file.path, reason: messageOf(thrown) });
      return null;
    }
  }

  #scheduleSettle(): void {
    const { file, log } = this.#options;
    const own = this.inForce;
    if (this.#stopped || own === null || file.hasPaths(own)) return;
    this.#settle.begin(file.leftMs, () => {
      this.#inTurn(() => this.#settleNow()).catch((thrown: unknown) => {
        log.warn('camlease could not update the configuration file', { reason: messageOf(thrown) });
      });
    });
  }

  async #settleNow(): Promise<void> {
    const own = this.inForce;
    if (this.#stopped || own === null || this.#options.file.hasPaths(own) || !this.#mayWrite()) return;
    if (this.#options.file.leftMs > 0) {
      this.#scheduleSettle();
      return;
    }
    await this.#options.beforeWrite(own);
    if (!(await this.#writeFile(own, true))) this.#settle.clear();
  }

  #mayWrite(): boolean {
    return this.#options.mayWrite?.() ?? true;
  }

  #requireRight(): void {
    if (!this.#mayWrite()) throw takenOver();
  }
}
