import type { Clock } from '../../../core/clock.js';
import type { EngineLog } from '../../engineLog.js';
import type { MediaMtxClient } from '../api/client.js';
import { pullPath, type PathConfig } from '../paths/pathConfig.js';

/** The path that holds the name of the installation that wrote it last. It is written through the API alone, never into MediaMTX's file. */
export const INSTALLATION_PATH = '_camlease/installation';

const LOOK_EVERY_MS = 2_000;
/** The same while another replica has to write the name again. */
const LOOK_LATER_MS = 90_000;
/**
 * How many writes of our name may follow each other without a wait, so that both installations see each other within half a minute,
 * although each rewrite of MediaMTX's file removes the names.
 */
const WRITES_AT_ONCE = 12;
/** Each further write waits a minute, or a hundred times as long as MediaMTX took for the last one (1.4 s with 10,000 paths). */
const WRITE_EVERY_MS = 60_000;
const LEAST_WAIT_PER_WRITE = 100;
/** After this time without another's name it counts as gone: two installations see each other at least every three minutes. */
const OVER_AFTER_MS = 600_000;
/** How often at most our lines are repaired while another installation changes them. */
const PUT_RIGHT_EVERY_MS = 60_000;

const MESSAGE =
  'Another installation of camlease writes the paths of this MediaMTX, too, so each removes the paths of the other, and cameras go dark.';
const CURE = 'Give each installation its own MediaMTX, or give all of them the same MONGODB_URI.';

export interface OtherInstallationDeps {
  readonly client: Pick<MediaMtxClient, 'pathConfig' | 'replacePath'>;
  readonly clock: Clock;
  readonly log: Pick<EngineLog, 'warn' | 'info'>;
  /**
   * This installation's name, of letters, digits and hyphens; null: not known yet. All replicas on one database have the same name; a
   * single process has a fresh one at each start, so that a copy of its data folder has another.
   */
  readonly name: () => string | null;
  /** False: another replica of this installation writes MediaMTX. */
  readonly mayWrite: () => boolean;
  /** Changes with each change of MediaMTX's file: MediaMTX drops the name when it reads the file. */
  readonly fileStamp: () => string;
  /** Runs something that writes to MediaMTX, while no other write runs. */
  readonly alone: <T>(run: () => Promise<T>) => Promise<T>;
}

/**
 * Finds out whether an installation with another database writes the same MediaMTX. Each installation writes its name into one path.
 * Another name in the place of ours shows that its installation runs now: the path is in no file, so no old text brings a name back.
 */
export class OtherInstallation {
  readonly #deps: OtherInstallationDeps;
  /** True: our name was in the path, and no other was seen since. */
  #isOurs = false;
  /** The stamp of MediaMTX's file at the latest look; null: MediaMTX was restarted since, so it has no name. */
  #stamp: string | null = null;
  #isThere = false;
  #nextCheckMs = Number.NEGATIVE_INFINITY;
  #seenMs: number | null = null;
  /** The repair that waits, and (`#putRightMs`) when the last one ran. */
  #due: (() => void) | null = null;
  #putRightMs = Number.NEGATIVE_INFINITY;
  #writesLeft = WRITES_AT_ONCE;
  #refilledMs = 0;
  #refillMs = WRITE_EVERY_MS;
  #checking: Promise<void> | null = null;

  constructor(deps: OtherInstallationDeps) {
    this.#deps = deps;
  }

  /** A sentence with its cure; null: no other installation writes, as far as known. */
  get problem(): string | null {
    return this.#seenMs === null ? null : `${MESSAGE} ${CURE}`;
  }

  /** MediaMTX was restarted, so it lost the name. */
  forget(): void {
    this.#stamp = null;
  }

  /** Runs a repair after a change of MediaMTX's file: at once, or at most every 60 s while another installation writes too. */
  putRight(run: () => void): void {
    this.#due = run;
    this.#putRightIfDue();
  }

  /** Reads the name, at most every 2 s however often it is called. Never rejects: the writer reports what MediaMTX refuses. */
  check(): Promise<void> {
    this.#putRightIfDue();
    this.#checking ??= this.#checkNow()
      .catch(() => undefined)
      .finally(() => (this.#checking = null));
    return this.#checking;
  }

  #putRightIfDue(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#due === null || (this.#seenMs !== null && nowMs - this.#putRightMs < PUT_RIGHT_EVERY_MS)) return;
    const run = this.#due;
    this.#due = null;
    this.#putRightMs = nowMs;
    run();
  }

  async #checkNow(): Promise<void> {
    const { client, clock, fileStamp, mayWrite } = this.#deps;
    const name = this.#deps.name();
    const nowMs = clock.monotonicMs();
    if (name === null || nowMs < this.#nextCheckMs) return;
    this.#nextCheckMs = nowMs + LOOK_EVERY_MS;
    const stamp = fileStamp();
    if (stamp !== this.#stamp) {
      // MediaMTX reads a file a moment later than camlease sees it, and logs each request for a missing path as an error: wait a turn.
      this.#stamp = stamp;
      this.#isThere = false;
      if (!mayWrite()) this.#nextCheckMs = nowMs + LOOK_LATER_MS;
      return;
    }
    const found = this.#isThere || !mayWrite() ? nameIn(await client.pathConfig(INSTALLATION_PATH)) : null;
    if (found !== null) this.#learn(found === name, nowMs);
    this.#isThere = found !== null;
    if (found === name) return;
    if (mayWrite()) {
      if (this.#takeWrite(nowMs)) await this.#put(name);
    } else if (found === null) this.#nextCheckMs = nowMs + LOOK_LATER_MS;
  }

  #learn(isOurs: boolean, nowMs: number): void {
    const { log } = this.#deps;
    if (!isOurs && this.#isOurs) {
      if (this.#seenMs === null) log.warn(MESSAGE, { cure: CURE });
      this.#seenMs = nowMs;
    }
    this.#isOurs = isOurs;
    if (this.#seenMs === null || nowMs - this.#seenMs <= OVER_AFTER_MS) return;
    this.#seenMs = null;
    log.info('For ten minutes no other installation of camlease has written to this MediaMTX.');
  }

  #takeWrite(nowMs: number): boolean {
    const refills = Math.floor((nowMs - this.#refilledMs) / this.#refillMs);
    if (refills > 0) {
      this.#writesLeft = Math.min(WRITES_AT_ONCE, this.#writesLeft + refills);
      this.#refilledMs = nowMs;
    }
    if (this.#writesLeft === 0) return false;
    this.#writesLeft -= 1;
    return true;
  }

  async #put(name: string): Promise<void> {
    const { client, clock, alone } = this.#deps;
    await alone(async () => {
      const begunMs = clock.monotonicMs();
      await client.replacePath(INSTALLATION_PATH, installationPath(name));
      this.#refillMs = Math.max(WRITE_EVERY_MS, LEAST_WAIT_PER_WRITE * (clock.monotonicMs() - begunMs));
    });
    this.#isOurs = true;
    this.#isThere = true;
  }
}

/** The name as a path. It pulls only when read, and no reader asks for it. */
function installationPath(name: string): PathConfig {
  return pullPath(`rtsp://127.0.0.1:1/installation/${name}`, 'watched');
}

function nameIn(path: PathConfig | null): string | null {
  return /^rtsp:\/\/127\.0\.0\.1:1\/installation\/([0-9A-Za-z-]{8,64})$/.exec(path?.source ?? '')?.[1] ?? null;
}
