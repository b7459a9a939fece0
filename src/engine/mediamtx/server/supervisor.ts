import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { Poller } from '../../../core/async/poller.js';
import { sleep, type Clock } from '../../../core/clock.js';
import { messageOf } from '../../../core/errors.js';
import type { EngineLog } from '../../engineLog.js';
import { writeAtomically } from '../disk/atomicFile.js';
import { LineRate } from './lineRate.js';
import { LogTail } from './logTail.js';
import { causeOfEnd, readLogLine } from './mediaMtxLog.js';
import type { Spawn } from './mediaMtxProgram.js';
import { OpenedOnDemand } from './openedOnDemand.js';
import type { ProcessTable } from './processTable.js';

export interface SupervisorOptions {
  readonly program: string;
  readonly configPath: string;
  /** See `mediaMtxEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** The file that remembers MediaMTX's pid and start: `mediamtx.pid.json`. */
  readonly pidPath: string;
  /** The file for MediaMTX's output: `mediamtx.log`. */
  readonly logPath: string;
  readonly spawn: Spawn;
  readonly processes: ProcessTable;
  readonly clock: Clock;
  readonly log: EngineLog;
}

const remembered = z.object({ pid: z.number().int().positive(), start: z.string() });
type Remembered = z.infer<typeof remembered>;

const LOOK_EVERY_MS = 500;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** After a run this long, the waits between restarts begin at the shortest again. */
const GOOD_RUN_MS = 60_000;
/** A log line older than this does not explain MediaMTX's end. An orderly end takes up to 3 s. */
const CAUSE_IS_FRESH_MS = 5_000;
/** How long MediaMTX may take to end before it is killed, so that a hung one does not delay camlease's stop. 10,000 paths take 0.1 s. */
const TERM_PATIENCE_MS = 3_000;

/** The log line of a feeder's forward that ended because another publisher took its place (a handover): no fault. */
const REPLACED_FORWARD = /\[path _lease\/\S+\] \[RTSP dest \d+ \w+\] EOF$/;

/**
 * Keeps one MediaMTX running. Remembers it by pid and start, so that a camlease that restarts after a crash adopts it instead of starting
 * a second one. An orderly stop of camlease stops it too.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #tail: LogTail;
  readonly #rate: LineRate;
  readonly #opened = new OpenedOnDemand();
  #process: Remembered | null = null;
  #problem: string | null = null;
  /** Why MediaMTX may end, from its log, and when (monotonic) that was seen. */
  #cause: { readonly text: string; readonly atMs: number } | null = null;
  /** How the MediaMTX that was started last ended; null: it has not ended, or was adopted. */
  #exit: string | null = null;
  #deaths = 0;
  #startedMs = 0;
  #nextStartMs = 0;
  #stopped = false;
  readonly #checks: Poller;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#tail = new LogTail(options.logPath, (line) => this.#onLogLine(line));
    this.#rate = new LineRate(options.clock);
    this.#checks = new Poller(options.clock, async () => {
      await this.#check().catch((thrown: unknown) => {
        this.#problem = `camlease cannot supervise MediaMTX: ${messageOf(thrown)}`;
      });
      return LOOK_EVERY_MS;
    });
  }

  /** Why MediaMTX does not run, as a sentence with its cure; null once it answers. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Call when MediaMTX's API answers: only then is a start known to have worked, and the problem of the last one over. */
  answered(): void {
    this.#problem = null;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Names of paths whose source MediaMTX has opened for a reader, from its log; see `OpenedOnDemand`. */
  get openedOnDemand(): ReadonlySet<string> {
    return this.#opened.names;
  }

  /** Adopts the MediaMTX of an earlier run, or starts one. */
  async start(): Promise<void> {
    const { pidPath, processes, log } = this.#options;
    await this.#tail.skip();
    const known = await rememberedMediaMtx(pidPath, processes);
    if (known) {
      this.#adopt(known);
      log.info('MediaMTX still runs from the previous start; camlease uses it', { pid: known.pid });
    } else await this.#spawn();
    this.#checks.in(LOOK_EVERY_MS);
  }

  /** Ends a hung MediaMTX; the next look starts it again at once. */
  async restart(): Promise<void> {
    this.#deaths = 0;
    this.#saw('MediaMTX no longer answered, so camlease ended it.');
    if (this.#process) await this.#end(this.#process);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#checks.stop();
    if (this.#process) await this.#end(this.#process);
    this.#process = null;
    await this.#tail.read();
    await rm(this.#options.pidPath, { force: true });
  }

  async #check(): Promise<void> {
    await this.#tail.read();
    const known = this.#process;
    if (known && (await this.#options.processes.startOf(known.pid)) === known.start) return;
    if (known) this.#died();
    if (!this.#stopped && this.#options.clock.monotonicMs() >= this.#nextStartMs) await this.#spawn();
  }

  #died(): void {
    const { clock, log, logPath } = this.#options;
    if (clock.monotonicMs() - this.#startedMs > GOOD_RUN_MS) this.#deaths = 0;
    const waitMs = this.#deaths === 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** this.#deaths, LONGEST_WAIT_MS);
    this.#process = null;
    this.#opened.forget();
    this.#deaths += 1;
    this.#nextStartMs = clock.monotonicMs() + waitMs;
    const isFresh = this.#cause !== null && clock.monotonicMs() - this.#cause.atMs < CAUSE_IS_FRESH_MS;
    const how = this.#exit ?? 'ended by itself';
    this.#problem = isFresh
      ? (this.#cause?.text ?? null)
      : `MediaMTX ${how}. camlease starts it again; if it keeps ending, see ${logPath}, or the place that logDestinations of its file names.`;
    this.#cause = null;
    log.warn('MediaMTX ended; camlease starts it again', { waitMs, reason: this.#problem });
  }

  async #spawn(): Promise<void> {
    const { program, configPath, env, logPath, pidPath, spawn, processes, clock, log } = this.#options;
    this.#exit = null;
    let pid: number | null = null;
    let cure = 'Look at MEDIAMTX_BIN.';
    try {
      pid = spawn({ program, configPath, env, logPath }, (how) => (this.#exit = how)).pid;
    } catch (thrown) {
      this.#exit = `could not be started: ${messageOf(thrown)}`;
      cure = `Let camlease write ${logPath}.`;
    }
    const start = pid === null ? null : await processes.startOf(pid);
    if (pid === null || start === null) {
      this.#startedMs = clock.monotonicMs();
      await this.#tail.read();
      if (pid === null) this.#saw(`MediaMTX ${this.#exit ?? 'could not be started'}. ${cure}`);
      this.#died();
      return;
    }
    this.#adopt({ pid, start });
    log.info('MediaMTX started', { pid, program });
    await writeAtomically({ path: pidPath, text: `${JSON.stringify(this.#process)}\n` }).catch((thrown: unknown) => {
      log.warn(
        'camlease could not store the process id of MediaMTX, so it cannot find MediaMTX again after being killed',
        {
          file: pidPath,
          reason: messageOf(thrown),
        },
      );
    });
  }

  #adopt(known: Remembered): void {
    this.#process = known;
    this.#startedMs = this.#options.clock.monotonicMs();
  }

  #saw(cause: string): void {
    this.#cause = { text: cause, atMs: this.#options.clock.monotonicMs() };
  }

  async #end({ pid, start }: Remembered): Promise<void> {
    const { processes, clock } = this.#options;
    const isAlive = async (): Promise<boolean> => (await processes.startOf(pid)) === start;
    if (!(await isAlive())) return;
    processes.signal(pid, 'SIGTERM');
    const endMs = clock.monotonicMs() + TERM_PATIENCE_MS;
    while (await isAlive()) {
      if (clock.monotonicMs() >= endMs) processes.signal(pid, 'SIGKILL');
      await sleep(clock, 50);
    }
  }

  #onLogLine(line: string): void {
    // Not logged: the answer to our own requests for a missing path, and a message of each feeder's start.
    if (/\[API\] path (?:configuration )?not found|switching to TCP because server requested it/.test(line)) return;
    const read = readLogLine(line);
    if (!read) return;
    this.#opened.see(read.message);
    const cause = causeOfEnd(read, this.#options.configPath);
    if (cause !== null) this.#saw(cause);
    const isTrouble = (read.level === 'ERR' || read.level === 'WAR') && !REPLACED_FORWARD.test(line);
    const leftOut = this.#rate.take();
    if (leftOut === null) return;
    const { log, logPath } = this.#options;
    if (leftOut > 0) log.warn('MediaMTX wrote more lines than camlease repeats here', { leftOut, file: logPath });
    if (isTrouble) log.warn(line, { from: 'mediamtx' });
    else log.info(line, { from: 'mediamtx' });
  }
}

/** The MediaMTX that an earlier camlease started and that still runs; null: none. */
export async function rememberedMediaMtx(pidPath: string, processes: ProcessTable): Promise<Remembered | null> {
  const text = await readFile(pidPath, 'utf8').catch(() => null);
  if (text === null) return null;
  const read = remembered.safeParse(parsed(text));
  if (!read.success || (await processes.startOf(read.data.pid)) !== read.data.start) return null;
  return read.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
