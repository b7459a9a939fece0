import { askUntil } from '../../core/async/askUntil.js';
import { Poller } from '../../core/async/poller.js';
import type { Clock } from '../../core/clock.js';
import { CONTROL_PROTOCOL, emptySchema, statusSchema, type RelayStatus } from '../wire/wire.js';
import { otherProtocol, wordsOf } from './clientErrors.js';
import type { ControlReach } from './controlReach.js';
import type { RelayHost, RelayTrouble } from './relayHost.js';

const LOOK_EVERY_MS = 1_000;
const FIRST_LOOK_MS = 100;
const STATUS_MS = 2_000;
/** A relay without an answer for so long is reported as unreachable. Not earlier: a killed parent is back in a second while workers serve on. */
const AWAY_MS = 10_000;
/** How long the start waits for a first answer. */
const FIRST_ANSWER_MS = 5_000;
const END_MS = 3_000;

export interface RelayLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface RelayWatchOptions {
  readonly host: RelayHost;
  readonly control: Pick<ControlReach, 'ask'>;
  readonly clock: Clock;
  readonly log: RelayLog;
  /** `Telling.turn`: changes when cameras begin or end to be sent; odd: they are being sent. A status read meanwhile cannot be compared. */
  readonly turn: () => number;
  /** Called with each status. Returns true: the relay must get all cameras again. `isComparable`: no cameras were sent meanwhile. */
  readonly onAnswer: (status: RelayStatus, isComparable: boolean) => boolean;
  /** Called when `problem` has changed, or when the relay must get all cameras again. */
  readonly onChange: () => void;
}

/** Reads the relay's status every second, and lets its host start it again when it does not answer. */
export class RelayWatch {
  readonly #options: RelayWatchOptions;
  readonly #stopping = new AbortController();
  #status: RelayStatus | null = null;
  /** Since when the relay does not answer (monotonic ms); null: it answers. */
  #awaySinceMs: number | null = Number.NEGATIVE_INFINITY;
  #why: RelayTrouble;
  #problem: RelayTrouble | null;
  /** The version of the relay about which `host.remark` was asked last, so that its warning is logged once for each relay. */
  #remarkedVersion: string | null = null;
  /** Listeners know of a problem. They log its start and what follows from it; only a change of its sentence is logged here. */
  #isReported = false;
  /** True during `start`: that the relay does not answer yet is not reported. */
  #isStarting = true;
  readonly #polls: Poller;

  constructor(options: RelayWatchOptions) {
    this.#options = options;
    this.#polls = new Poller(options.clock, async () => {
      await this.#poll();
      return LOOK_EVERY_MS;
    });
    this.#why = { message: 'The relay has not answered yet.', cure: options.host.cure };
    this.#problem = this.#trouble();
  }

  get problem(): RelayTrouble | null {
    return this.#problem;
  }

  /** The relay's latest status; null: it never answered. */
  get status(): RelayStatus | null {
    return this.#status;
  }

  /** Resolves after the relay's first answer, or after `FIRST_ANSWER_MS` without one. */
  async start(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    await askUntil({ clock, everyMs: FIRST_LOOK_MS, withinMs: FIRST_ANSWER_MS, signal }, async () => {
      await this.#poll();
      return this.#awaySinceMs === null;
    }).catch(() => undefined);
    this.#isStarting = false;
    this.#reportProblem(false);
    this.#polls.in(LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#polls.stop();
  }

  /** Ends the relay and drops its readers; resolves when it no longer answers, or after `END_MS`. */
  async end(): Promise<void> {
    const { clock } = this.#options;
    try {
      await this.#askToStop('end', END_MS);
      await askUntil({ clock, everyMs: FIRST_LOOK_MS, withinMs: END_MS }, async () => {
        await this.#askStatus();
        return false;
      });
    } catch {
      // The relay no longer answers: it has ended.
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #poll(): Promise<void> {
    const { host, clock, turn } = this.#options;
    if (this.#isStopping()) return;
    const before = turn();
    try {
      const status = await this.#askStatus();
      if (!host.suits(status)) await this.#askToLeave(status);
      else if (status.protocol !== CONTROL_PROTOCOL) throw otherProtocol(status);
      else this.#answered(status, turn() === before && before % 2 === 0);
    } catch (thrown) {
      if (this.#isStopping()) return;
      this.#why = wordsOf(thrown, host.cure);
      this.#awaySinceMs ??= clock.monotonicMs();
      host.revive();
    }
    this.#reportProblem(false);
  }

  #answered(status: RelayStatus, isComparable: boolean): void {
    const { log, onAnswer } = this.#options;
    const wasAway = this.#awaySinceMs !== null;
    this.#status = status;
    this.#awaySinceMs = null;
    if (wasAway) {
      const { pid, version } = status;
      log.info('The relay answers.', { pid, version, cameras: status.cameras });
    }
    this.#logRemark(status);
    if (onAnswer(status, isComparable)) this.#reportProblem(true);
  }

  /** Logs the host's warning once for each version of the relay. */
  #logRemark(status: RelayStatus): void {
    const { host, log } = this.#options;
    const remark = host.remark(status);
    if (remark !== null && status.version !== this.#remarkedVersion) log.warn(remark.message, { cure: remark.cure });
    this.#remarkedVersion = status.version;
  }

  /** Asks a relay of another version, port, SOURCE_NETWORKS or TRANSCODES_MAX to leave, so that the host starts its own; the old workers serve their readers to the end. */
  async #askToLeave({ pid, version }: RelayStatus): Promise<void> {
    this.#options.log.info(
      'A relay of another version, port, SOURCE_NETWORKS or TRANSCODES_MAX still runs; the relay of this camlease replaces it.',
      {
        pid,
        version,
      },
    );
    await this.#askToStop('keep', STATUS_MS);
    this.#awaySinceMs ??= this.#options.clock.monotonicMs();
  }

  #trouble(): RelayTrouble | null {
    const { host, clock } = this.#options;
    if (this.#awaySinceMs === null) return this.#status?.problem ?? null;
    const isLong = clock.monotonicMs() - this.#awaySinceMs >= AWAY_MS;
    if (!isLong && this.#problem === null) return null;
    return host.trouble ?? this.#why;
  }

  /** `isReset`: the relay must get all cameras again, so listeners are called even when `problem` is the same. */
  #reportProblem(isReset: boolean): void {
    if (this.#isStarting && this.#awaySinceMs !== null) return;
    const { log, onChange } = this.#options;
    const before = this.#problem;
    this.#problem = this.#trouble();
    const isSame = before?.message === this.#problem?.message && before?.cure === this.#problem?.cure;
    if (!isSame && this.#isReported && this.#problem) log.warn(this.#problem.message, { cure: this.#problem.cure });
    this.#isReported = this.#problem !== null;
    if (!isSame || isReset) onChange();
  }

  #askStatus(): Promise<RelayStatus> {
    return this.#options.control.ask({ method: 'GET', path: '/status', schema: statusSchema, limitMs: STATUS_MS });
  }

  async #askToStop(readers: 'end' | 'keep', limitMs: number): Promise<void> {
    const asked = { method: 'POST', path: '/stop', body: { readers }, schema: emptySchema, limitMs } as const;
    await this.#options.control.ask(asked);
  }
}
