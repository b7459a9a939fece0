import { Poller } from '../../../core/async/poller.js';
import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import type { MediaMtxClient } from '../api/client.js';
import { requireVersion } from './version.js';

export interface MediaMtxMonitorOptions {
  readonly client: MediaMtxClient;
  readonly clock: Clock;
  /** Reads MediaMTX's file again; true: it changed, so MediaMTX's paths may have changed. */
  readonly refreshFile: () => Promise<boolean>;
  /** Called when MediaMTX answers for the first time, and after each restart of it. */
  readonly onStarted: () => void;
  readonly onFileEdited: () => void;
  /** Called each time that MediaMTX answers and can be used. */
  readonly onAnswer: () => void;
  /** Called when the API accepted requests and answered none for `hungAfterMs`, and again after each further such time. */
  readonly onHung: () => void;
  readonly everyMs?: number;
  readonly infoTimeoutMs?: number;
  /** Absent: 60 s, since a reload of a big file takes seconds, and the restart that follows drops all viewers. */
  readonly hungAfterMs?: number;
}

const INFO_TIMEOUT_MS = 3_000;
/** The poll interval while MediaMTX is away: it needs its paths as soon as it answers. */
const LOOK_WHEN_AWAY_MS = 250;
/** After this many timeouts in a row the status says that MediaMTX hangs, long before it is restarted. */
const HANGS_AFTER_TIMEOUTS = 3;
const HUNG_AFTER_MS = 60_000;

/** Polls MediaMTX every second, and every 250 ms while it is away: does it answer, was it restarted, was its file edited? */
export class MediaMtxMonitor {
  readonly #options: MediaMtxMonitorOptions;
  readonly #stop = new AbortController();
  readonly #polls: Poller;
  #started: string | null = null;
  #version: string | null = null;
  #failure: Error | null = new AppError('ENGINE_UNREACHABLE', 'camlease has not asked MediaMTX yet.');
  #isAsked = false;
  #hangs = false;
  /** Since when (monotonic) MediaMTX has not answered at all; null: it answers, if only by rejecting our login. */
  #awaySinceMs: number | null;
  /** When (monotonic) the first of the unanswered requests was sent, or `onHung` was last called; null: none is unanswered. */
  #silentSinceMs: number | null = null;

  constructor(options: MediaMtxMonitorOptions) {
    this.#options = options;
    this.#awaySinceMs = options.clock.monotonicMs();
    this.#polls = new Poller(options.clock, () => this.#poll());
  }

  /** Why MediaMTX cannot be used; null: it can. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** True: MediaMTX was polled at least once; before that, `failure` is only assumed. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** For how many ms MediaMTX has not answered at all; null: it answers, if only by rejecting our login. */
  get awayMs(): number | null {
    return this.#awaySinceMs === null ? null : this.#options.clock.monotonicMs() - this.#awaySinceMs;
  }

  /** True: MediaMTX accepts requests and answers none. */
  get hangs(): boolean {
    return this.#hangs;
  }

  get version(): string | null {
    return this.#version;
  }

  /** Resolves after the first poll. */
  start(): Promise<void> {
    return this.#polls.now();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#polls.stop();
  }

  /** Polls once and returns the ms until the next poll. */
  async #poll(): Promise<number> {
    const { infoTimeoutMs = INFO_TIMEOUT_MS, clock, everyMs = 1_000 } = this.#options;
    const askedMs = clock.monotonicMs();
    try {
      if (await this.#options.refreshFile()) this.#options.onFileEdited();
      const { started, version } = await this.#options.client.info(this.#stop.signal, infoTimeoutMs);
      this.#version = version;
      requireVersion(version);
      this.#failure = null;
      this.#awaySinceMs = null;
      this.#isAsked = true;
      this.#hangs = false;
      this.#silentSinceMs = null;
      if (started !== this.#started) this.#options.onStarted();
      this.#started = started;
      this.#options.onAnswer();
    } catch (thrown) {
      if (!this.#stop.signal.aborted) this.#fail(thrown, askedMs);
    }
    return this.#failure === null ? everyMs : Math.min(everyMs, LOOK_WHEN_AWAY_MS);
  }

  #fail(thrown: unknown, askedMs: number): void {
    const { client, clock, onHung, hungAfterMs = HUNG_AFTER_MS } = this.#options;
    this.#isAsked = true;
    this.#awaySinceMs = isSilence(thrown) ? (this.#awaySinceMs ?? askedMs) : null;
    this.#failure = thrown instanceof Error ? thrown : new Error(String(thrown));
    // A MediaMTX that refuses connections or requests does not hang.
    if (client.timeoutsInARow === 0) this.#silentSinceMs = null;
    else this.#silentSinceMs ??= askedMs;
    this.#hangs = client.timeoutsInARow >= HANGS_AFTER_TIMEOUTS;
    if (!this.#hangs || this.#silentSinceMs === null) return;
    if (clock.monotonicMs() - this.#silentSinceMs < hungAfterMs) return;
    this.#silentSinceMs = clock.monotonicMs();
    onHung();
  }
}

/** False for a MediaMTX that rejects our login or is too old: it runs, and may serve the paths that it has. */
function isSilence(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === 'ENGINE_UNREACHABLE';
}
