import path from 'node:path';
import type { Clock } from '../../core/clock.js';
import { startFailureOf, type StartFailure } from '../wire/exits.js';
import { readRunning } from '../wire/running.js';
import { DEFAULT_TRANSCODES, RELAY_FOLDER } from '../wire/settings.js';
import type { RelayStatus } from '../wire/wire.js';
import { controlSecretIn } from '../file/controlSecret.js';
import type { ControlAddress } from './controlClient.js';
import type { RelayHost, RelayTrouble } from './relayHost.js';
import type { RelayExit, SpawnRelay } from './spawnRelay.js';

/** How long to wait before a relay that ended is started again, by the number of ends in a row; the last wait repeats. */
const WAITS_MS = [0, 250, 1_000, 2_000, 5_000, 10_000, 30_000];
/** A relay that ran longer than this was healthy: the count of ends in a row starts again. */
const GOOD_RUN_MS = 60_000;
/** The relay's parent ends its workers first, which takes up to two seconds. */
const END_MS = 3_000;
/** A relay's parent that runs but answers nothing for so long hangs. It is killed, so that the next one can start; its workers serve on. */
const HUNG_MS = 30_000;

export interface LocalHostOptions {
  readonly dataDir: string;
  /** The port from which MediaMTX reads; 0: any free port. */
  readonly port: number;
  readonly version: string;
  /** SOURCE_NETWORKS of the relay; absent: none. */
  readonly sourceNetworks?: string;
  /** TRANSCODES_MAX of the relay; absent: as many as it has by itself. */
  readonly mostTranscodes?: number;
  readonly spawn: SpawnRelay;
  readonly clock: Clock;
}

/**
 * A relay on this machine that camlease starts. After a restart of camlease it is found again by the files in its folder. A relay of another
 * version, port, SOURCE_NETWORKS or TRANSCODES_MAX is asked to leave: its workers serve their readers to the end, and a relay that we start takes its place.
 */
export class LocalHost implements RelayHost {
  readonly #options: LocalHostOptions;
  readonly #folder: string;
  readonly readerHost = '127.0.0.1';
  #child: ReturnType<SpawnRelay> | null = null;
  #onGone: () => void = () => undefined;
  #startedMs = 0;
  /** When the relay that we started last answered, or was started (monotonic ms). */
  #aliveMs = 0;
  #deaths = 0;
  #nextStartMs = 0;
  #failure: StartFailure | 'spawn' | null = null;

  constructor(options: LocalHostOptions) {
    this.#options = options;
    this.#folder = path.join(options.dataDir, RELAY_FOLDER);
    this.#nextStartMs = options.clock.monotonicMs();
  }

  get cure(): string {
    return `See ${this.#logFile}; camlease starts the relay again by itself.`;
  }

  get trouble(): RelayTrouble | null {
    return this.#failure && troubleOf(this.#failure, this.#options, this.#logFile);
  }

  find(): ControlAddress | null {
    const running = readRunning(this.#folder);
    const secret = controlSecretIn(this.#folder);
    if (running === null || secret === null) return null;
    return { url: `http://127.0.0.1:${running.controlPort}`, secret };
  }

  suits({ version, reader, sourceNetworks, mostTranscodes }: RelayStatus): boolean {
    this.#failure = null;
    const { port, sourceNetworks: ours = '', mostTranscodes: most = DEFAULT_TRANSCODES } = this.#options;
    // We started this relay, so it has our version and settings.
    if (this.#child) {
      this.#aliveMs = this.#options.clock.monotonicMs();
      return true;
    }
    const isSet = sourceNetworks === ours && mostTranscodes === most;
    return version === this.#options.version && isSet && (port === 0 || reader.port === port);
  }

  remark(): null {
    return null;
  }

  revive(): void {
    const { clock, spawn, dataDir, port, sourceNetworks = '', mostTranscodes = DEFAULT_TRANSCODES } = this.#options;
    const nowMs = clock.monotonicMs();
    if (this.#child && nowMs - this.#aliveMs > HUNG_MS) this.#child.signal('SIGKILL');
    if (this.#child || nowMs < this.#nextStartMs) return;
    this.#startedMs = nowMs;
    this.#aliveMs = nowMs;
    this.#child = spawn({ dataDir, port, sourceNetworks, mostTranscodes, logFile: this.#logFile }, (how) =>
      this.#ended(how),
    );
  }

  async end(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const { clock } = this.#options;
    const gone = new Promise<void>((resolve) => (this.#onGone = resolve));
    child.signal('SIGTERM');
    const cancel = clock.after(END_MS, () => child.signal('SIGKILL'));
    await gone;
    cancel();
  }

  #ended(how: RelayExit): void {
    const { clock } = this.#options;
    this.#child = null;
    this.#onGone();
    this.#failure = how === 'not-started' ? 'spawn' : startFailureOf(how);
    this.#deaths = clock.monotonicMs() - this.#startedMs > GOOD_RUN_MS ? 1 : this.#deaths + 1;
    this.#nextStartMs = clock.monotonicMs() + (WAITS_MS[this.#deaths - 1] ?? WAITS_MS.at(-1) ?? 0);
  }

  get #logFile(): string {
    return path.join(this.#options.dataDir, 'relay.log');
  }
}

function troubleOf(failure: StartFailure | 'spawn', { port }: LocalHostOptions, logFile: string): RelayTrouble {
  switch (failure) {
    case 'port':
      return {
        message: `The relay cannot listen on port ${port}, because another program uses it, perhaps the relay of another camlease.`,
        cure: 'Give this relay another port with RELAY_PORT. Replicas on one MediaMTX share one relay: RELAY_URL and RELAY_SECRET.',
      };
    case 'locked':
      return {
        message: 'Another relay process uses the folder of this relay and does not answer.',
        cure: `End that process, whose id is in DATA_DIR/relay/running.json; see also ${logFile}.`,
      };
    case 'disk':
      return {
        message: 'The relay cannot start: the disk is full.',
        cure: 'Free some space; camlease starts the relay again by itself.',
      };
    case 'spawn':
      return {
        message: 'camlease cannot start the process of the relay.',
        cure: 'Check the limits for processes of this user.',
      };
    case 'folder':
    case 'settings':
      return { message: 'The relay cannot start.', cure: `The last line of ${logFile} says why, and what to do.` };
  }
}
