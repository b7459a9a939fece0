import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import type { MediaMtxClient } from '../api/client.js';
import { requireVersion } from './version.js';

export interface WatchOptions {
  readonly client: MediaMtxClient;
  readonly clock: Clock;
  /** Reads MediaMTX's file again; true: somebody else changed it. */
  readonly refreshFile: () => Promise<boolean>;
  /** MediaMTX answers for the first time, or was restarted. */
  readonly onStarted: () => void;
  readonly onFileEdited: () => void;
  /** Every time that it answers and can be used. */
  readonly onAnswer: () => void;
  /** The API took requests and answered none for a minute; told again after each further one. */
  readonly onHung: () => void;
  readonly everyMs?: number;
  readonly infoTimeoutMs?: number;
  /** Absent: 60 s. A reload of a big file takes seconds, and a restart drops everybody who watches. */
  readonly hungAfterMs?: number;
}

const INFO_TIMEOUT_MS = 3_000;
/** One that was away has paths to get back. */
const LOOK_WHEN_AWAY_MS = 250;
/** It is said to hang long before anything is done about it. */
const HANGS_AFTER_TIMEOUTS = 3;
const HUNG_AFTER_MS = 60_000;

/** Asks MediaMTX every second, and oftener while it is away, whether it is there, whether it was restarted, and whether its file was edited. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #stop = new AbortController();
  #cancelTimer: (() => void) | null = null;
  #looking: Promise<void> = Promise.resolve();
  #started: string | null = null;
  #version: string | null = null;
  #failure: Error | null = new AppError('ENGINE_UNREACHABLE', 'MediaMTX was not asked yet.');
  #isAsked = false;
  #hangs = false;
  /** Since when (monotonic) nothing of MediaMTX answers; null: something does, if only that we may not ask. */
  #awaySinceMs: number | null;
  /** When the first of the requests that got no answer was made, or the last time that it was told; null: it answers. */
  #silentSinceMs: number | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#awaySinceMs = options.clock.monotonicMs();
  }

  /** What keeps MediaMTX from being used; null: nothing. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** What is known of it was seen, and not only supposed. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** For how long nothing of MediaMTX has answered, in ms; null: something does, if only that we may not ask. */
  get awayMs(): number | null {
    return this.#awaySinceMs === null ? null : this.#options.clock.monotonicMs() - this.#awaySinceMs;
  }

  /** It takes requests and answers none. */
  get hangs(): boolean {
    return this.#hangs;
  }

  get version(): string | null {
    return this.#version;
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.#lookAndGoOn();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer?.();
    await this.#looking;
  }

  #lookAndGoOn(): Promise<void> {
    this.#looking = this.#look().then(() => {
      if (this.#stop.signal.aborted) return;
      const { clock, everyMs = 1_000 } = this.#options;
      const waitMs = this.#failure === null ? everyMs : Math.min(everyMs, LOOK_WHEN_AWAY_MS);
      this.#cancelTimer = clock.after(waitMs, () => void this.#lookAndGoOn());
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { infoTimeoutMs = INFO_TIMEOUT_MS, clock } = this.#options;
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
  }

  #fail(thrown: unknown, askedMs: number): void {
    const { client, clock, onHung, hungAfterMs = HUNG_AFTER_MS } = this.#options;
    this.#isAsked = true;
    this.#awaySinceMs = isSilence(thrown) ? (this.#awaySinceMs ?? askedMs) : null;
    this.#failure = thrown instanceof Error ? thrown : new Error(String(thrown));
    // One that refuses connections, or requests, does not hang.
    if (client.timeoutsInARow === 0) this.#silentSinceMs = null;
    else this.#silentSinceMs ??= askedMs;
    this.#hangs = client.timeoutsInARow >= HANGS_AFTER_TIMEOUTS;
    if (!this.#hangs || this.#silentSinceMs === null) return;
    if (clock.monotonicMs() - this.#silentSinceMs < hungAfterMs) return;
    this.#silentSinceMs = clock.monotonicMs();
    onHung();
  }
}

/** A MediaMTX that refuses our login, or is too old, runs, and may play what it has. */
function isSilence(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === 'ENGINE_UNREACHABLE';
}
