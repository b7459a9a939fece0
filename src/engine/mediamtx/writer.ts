import type { Clock } from '../../core/clock.js';
import { AppError, messageOf } from '../../core/errors.js';
import { shuttingDown, type MediaMtxClient } from './client.js';
import { takenOver, type ConfigFile } from './configFile.js';
import { confirmFile, type ConfirmDeps } from './confirm.js';
import { writeByApi } from './apiWrites.js';
import { diffPaths, movesForward } from './diffPaths.js';
import { isMarkPath, MARK_PATH, markOf, type FileMark } from './fileMark.js';
import type { EngineLog } from './engineLog.js';
import type { MoveMoment } from './moveMoment.js';
import type { OwnPaths } from './ownPaths.js';
import { takeOver } from './takeOver.js';
import { ReloadPace } from './reloadPace.js';
import { RewriteGap } from './rewriteGap.js';
import { camerasOf } from './moved.js';
import { cameraOfPath, type PathConfig, type PathConfigs } from './pathConfig.js';
import { sayOverridden } from './pathDefaults.js';
import { PathTrials, withoutRefused } from './pathTrials.js';

export interface WriterOptions {
  readonly client: MediaMtxClient;
  readonly file: ConfigFile;
  readonly ownPaths: OwnPaths;
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Every path of ours that should be there, asked when a write begins and told what is. */
  readonly wanted: (own: PathConfigs) => PathConfigs;
  /** Asked before MediaMTX is told of these paths: what they name has to be there. */
  readonly beforeWrite: (paths: PathConfigs) => Promise<void>;
  /** When cameras are best moved to other feeders. Absent: at once. */
  readonly moment?: MoveMoment;
  /** Asked before everything that is written. Absent: always. */
  readonly mayWrite?: () => boolean;
}

export interface WriteReport {
  /** Names of paths that were added, changed or taken away. */
  readonly changed: readonly string[];
  readonly by: 'none' | 'api' | 'file';
  /** Wanted, but a foreign path has the name. */
  readonly foreign: readonly string[];
  /** Wanted, but MediaMTX would not take it: its reason by name. */
  readonly refused: ReadonlyMap<string, string>;
  /** Our paths as they were. */
  readonly before: PathConfigs;
}

/** Up to so many changes go by API: a file reload costs about two patches at any size. A handover never does when it need not. */
const MOST_API_CHANGES = 2;
/** After the last API write, the same state goes to the file too, so that a reload does not undo it. */
const SETTLE_MS = 2_000;
const SETTLE_AT_LATEST_MS = 15_000;

/**
 * Makes MediaMTX's paths of ours equal to the wanted ones. One write at a time; calls that come meanwhile share the next.
 * What is known to be in force is kept, so that a pass over 10,000 cameras costs no listing.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #confirm: ConfirmDeps;
  readonly #gap: RewriteGap;
  readonly #trials: PathTrials;
  #own: Map<string, PathConfig> | null = null;
  #before: PathConfigs | null = null;
  #foreign: PathConfigs = new Map();
  /** Marks that MediaMTX has, or may come to have. */
  #marks = new Set<FileMark>();
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<WriteReport> | null = null;
  #fileReach: 'unknown' | 'yes' | 'no' = 'unknown';
  #restarts = 0;
  #cancelSettle: (() => void) | null = null;
  #unsettledSinceMs: number | null = null;
  #stopped = false;
  #urgent = false;
  readonly #pace = new ReloadPace();

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#confirm = { client: options.client, clock: options.clock };
    this.#gap = new RewriteGap(options.clock);
    this.#trials = new PathTrials(options);
  }

  /** False: MediaMTX does not read our file (it is on another machine, say), so all goes by API, slowly. */
  get fileIsRead(): boolean {
    return this.#fileReach !== 'no';
  }

  /** Our paths as MediaMTX has them; null: not known now. */
  get inForce(): PathConfigs | null {
    return this.#own;
  }

  /** The same, or as they were before the write that runs; null: nothing is known of this MediaMTX. */
  get lastInForce(): PathConfigs | null {
    return this.#own ?? this.#before;
  }

  /** Forgets what is in force: MediaMTX was restarted, or somebody edited its file just now. */
  forget(why: 'restarted' | 'edited'): void {
    this.#own = null;
    this.#before = null;
    if (why === 'edited') {
      this.#gap.begin();
      return;
    }
    this.#gap.clear();
    this.#trials.forget();
    this.#restarts += 1;
    this.#fileReach = 'unknown';
  }

  /** Resolves when the wanted paths are confirmed to be in force. `urgent`: pictures stand still until then. */
  reconcile(urgent = false): Promise<WriteReport> {
    this.#urgent ||= urgent;
    this.#next ??= this.#inTurn(async () => {
      this.#next = null;
      return this.#reconcileNow();
    });
    return this.#next;
  }

  /** Also brings the file in line, at once. */
  async restore(): Promise<void> {
    await this.reconcile();
    await this.#inTurn(() => this.#settleNow());
  }

  /** Our paths as MediaMTX has them, asked if need be. */
  learn(): Promise<PathConfigs> {
    return this.#inTurn(async () => this.#own ?? (await this.#learn()));
  }

  /** Runs something that writes to MediaMTX while nothing else does. */
  alone<T>(run: () => Promise<T>): Promise<T> {
    return this.#inTurn(run);
  }

  /** Waits for the write that runs. Writes nothing afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelSettle?.();
    await this.#running.catch(() => undefined);
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#running.then(run, run);
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  async #reconcileNow(): Promise<WriteReport> {
    if (this.#stopped) throw shuttingDown();
    const own = this.#own ?? (await this.#learn());
    const all = this.#options.wanted(own);
    if (this.#mayWrite()) this.#foreign = await takeOver(this.#options, this.#foreign, own, all);
    const { desired: wanted, foreign } = this.#split(all);
    const desired = this.#options.client.defaults.fitAll(wanted);
    const changes = diffPaths(own, desired);
    if (changes.length === 0) {
      this.#urgent = false;
      this.#scheduleSettle();
      return { changed: [], by: 'none', foreign, refused: new Map(), before: own };
    }
    this.#requireRight();
    const before = new Map(own);
    this.#before = before;
    await this.#options.beforeWrite(desired);
    await this.#options.ownPaths.add(desired.keys());
    const changed = changes.map(({ name }) => name);
    const isForFile = this.fileIsRead && (changes.length > MOST_API_CHANGES || movesForward(own, changes));
    const tried = isForFile ? await this.#trials.refusals(own, desired) : new Map<string, string>();
    const takable = this.#options.client.defaults.fitAll(withoutRefused(own, desired, tried));
    const left = new Set(camerasOf([...tried.keys()]));
    const written = changed.filter((name) => !left.has(cameraOfPath(name)));
    if (isForFile && written.length > 0 && (await this.#writeFile(takable, before))) {
      this.#own = new Map(takable);
      return { changed: written, by: 'file', foreign, refused: tried, before };
    }
    const refused = new Map([...tried, ...(await this.#writeByApi(takable))]);
    this.#scheduleSettle();
    const made = written.filter((name) => !refused.has(name));
    return { changed: made, by: made.length === 0 ? 'none' : 'api', foreign, refused, before };
  }

  async #learn(): Promise<Map<string, PathConfig>> {
    const { client, log } = this.#options;
    if (await client.learnDefaults()) {
      this.#trials.forget();
      sayOverridden(log, client.defaults);
    }
    const all = await client.pathConfigs();
    const own = new Map([...all].filter(([name]) => this.#options.ownPaths.has(name)));
    const mark = markOf(all.get(MARK_PATH)?.source);
    this.#marks = new Set(mark === null ? [] : [mark]);
    this.#foreign = new Map([...all].filter(([name]) => !own.has(name) && !isMarkPath(name)));
    this.#own = own;
    return own;
  }

  #split(wanted: PathConfigs): { desired: PathConfigs; foreign: readonly string[] } {
    const isForeign = (name: string): boolean => this.#foreign.has(name) || this.#options.file.foreign.has(name);
    const foreign = [...wanted.keys()].filter(isForeign);
    if (foreign.length === 0) return { desired: wanted, foreign };
    return { desired: new Map([...wanted].filter(([name]) => !isForeign(name))), foreign };
  }

  async #writeByApi(desired: PathConfigs): Promise<ReadonlyMap<string, string>> {
    const own = this.#own ?? (await this.#learn());
    // Whether a write without an answer was made is not known.
    this.#own = null;
    const requireRight = (): void => this.#requireRight();
    const { refused, isKnown } = await writeByApi({ ...this.#confirm, requireRight }, own, desired);
    if (isKnown) this.#own = own;
    return refused;
  }

  /** False: the file cannot be written here, or MediaMTX does not read it. */
  async #writeFile(desired: PathConfigs, before = desired): Promise<boolean> {
    const { file, log, clock, moment } = this.#options;
    if (this.#fileReach === 'no' || !(await this.#trials.takesMark(before))) return false;
    const restarts = this.#restarts;
    const isOver = (): boolean => this.#restarts !== restarts;
    for (let attempt = 1; attempt <= 2; attempt++) {
      await this.#gap.passed(() => this.#urgent);
      await moment?.come(before, desired, () => this.#urgent || this.#stopped);
      this.#urgent = false;
      this.#requireRight();
      const mark = file.freshMark(this.#marks);
      this.#marks.add(mark);
      const begunMs = clock.monotonicMs();
      let renamedAtMs: number;
      try {
        renamedAtMs = await file.write(desired, mark);
      } catch (thrown) {
        if (thrown instanceof AppError) throw thrown;
        log.warn('the configuration file cannot be written', { file: file.path, reason: messageOf(thrown) });
        break;
      } finally {
        this.#gap.begin();
      }
      this.#own = null;
      const write = { paths: desired, mark, attempt, isOver, pace: this.#pace, renamedAtMs };
      if (await confirmFile(this.#confirm, write)) {
        this.#marks = new Set([mark]);
        moment?.wrote(clock.monotonicMs() - begunMs);
        this.#settled();
        this.#fileReach = 'yes';
        await this.#options.ownPaths.set(new Set(desired.keys()));
        return true;
      }
      // What was written was meant for another MediaMTX; this one is compared anew, and nothing is known of its file.
      if (isOver()) throw new AppError('ENGINE_UNREACHABLE', 'MediaMTX was restarted while its paths were written.');
    }
    this.#fileReach = 'no';
    log.warn('MediaMTX does not read this file; its paths are changed by API, which is slower', { file: file.path });
    await this.#learn();
    return false;
  }

  #scheduleSettle(): void {
    if (this.#stopped || this.#own === null || this.#options.file.says(this.#own)) return;
    const { clock } = this.#options;
    this.#unsettledSinceMs ??= clock.monotonicMs();
    this.#cancelSettle?.();
    const atLatestMs = this.#unsettledSinceMs + SETTLE_AT_LATEST_MS - clock.monotonicMs();
    this.#cancelSettle = clock.after(Math.min(SETTLE_MS, Math.max(0, atLatestMs)), () => {
      this.#inTurn(() => this.#settleNow()).catch((thrown: unknown) => {
        this.#options.log.warn('the configuration file could not be brought in line', { reason: messageOf(thrown) });
      });
    });
  }

  async #settleNow(): Promise<void> {
    const own = this.#own;
    if (this.#stopped || own === null || this.#options.file.says(own) || !this.#mayWrite()) return;
    const desired = new Map(own);
    await this.#options.beforeWrite(desired);
    if (await this.#writeFile(desired)) this.#own = desired;
    else this.#settled();
  }

  #mayWrite(): boolean {
    return this.#options.mayWrite?.() ?? true;
  }

  #requireRight(): void {
    if (!this.#mayWrite()) throw takenOver();
  }

  #settled(): void {
    this.#cancelSettle?.();
    this.#cancelSettle = null;
    this.#unsettledSinceMs = null;
  }
}
