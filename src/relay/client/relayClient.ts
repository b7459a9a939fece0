import { z } from 'zod';
import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { NotOpened, Opened, OpeningOptions, SourceOpening } from '../../core/streams/opening.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayCameras, RelayedCamera } from '../../core/streams/relay.js';
import { candidatePath } from '../wire/paths.js';
import { packUnits } from '../wire/slateFiles.js';
import { emptySchema, relayedSchema, type RelayStatus } from '../wire/wire.js';
import { ControlReach } from './controlReach.js';
import { Openings } from './openings.js';
import type { RelayHost, RelayTrouble } from './relayHost.js';
import { RelayWatch, type RelayLog } from './relayWatch.js';
import { Telling } from './telling.js';

const STATES_MS = 1_500;
const SLATE_MS = 5_000;

const statesSchema = z.record(z.string(), relayedSchema);

export interface RelayClientOptions {
  readonly host: RelayHost;
  readonly clock: Clock;
  /** True: no other replica shares the database. Fences are not sent then. */
  readonly isAlone: boolean;
  /** True: `stop` ends the relay, as camlease also ends the MediaMTX that it started. */
  readonly endsWithUs: boolean;
  /** Called with each secret that logs and replies must never show. */
  readonly keepSecret: (text: string) => void;
  readonly log: RelayLog;
}

/** camlease's side of a relay: keeps it running, sends it the leases to pull, and reads the state of its streams. */
export class RelayClient implements SourceOpening {
  readonly #options: RelayClientOptions;
  readonly #listeners: (() => void)[] = [];
  readonly #control: ControlReach;
  readonly #openings: Openings;
  readonly #telling: Telling;
  readonly #watch: RelayWatch;
  /** The run of the relay's parent that answered last (a new one at each start); null: none has answered. */
  #run: string | null = null;

  constructor(options: RelayClientOptions) {
    this.#options = options;
    const { host, clock, log, isAlone } = options;
    const control = new ControlReach(host, clock);
    this.#control = control;
    this.#openings = new Openings(host, clock);
    this.#telling = new Telling({
      ...{ control, isAlone },
      read: async (signal) => {
        const states = await this.states(signal);
        return states && new Set(states.keys());
      },
    });
    this.#watch = new RelayWatch({
      ...{ host, control, clock, log },
      turn: () => this.#telling.turn,
      onAnswer: (status, isComparable) => this.#answered(status, isComparable),
      onChange: () => {
        for (const listener of this.#listeners) listener();
      },
    });
  }

  get problem(): RelayTrouble | null {
    return this.#watch.problem;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  start(): Promise<void> {
    return this.#watch.start();
  }

  async stop(): Promise<void> {
    const { endsWithUs, host } = this.#options;
    await this.#watch.stop();
    if (endsWithUs) {
      await this.#watch.end();
      await host.end();
    }
    this.#control.close();
    this.#openings.close();
  }

  sourceFor(cameraId: CameraId): string | null {
    return this.#readerUrl(cameraId);
  }

  candidateUrl(cameraId: CameraId, revision: number): string | null {
    return this.#readerUrl(candidatePath(cameraId, revision));
  }

  /** Calls run one after the other. Described at the engine's `Relay` port. */
  setCameras(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void> {
    return this.#telling.setCameras(cameras, fence, signal);
  }

  async keepSlate(cameraId: CameraId, units: readonly Buffer[]): Promise<void> {
    const path = `/slates/${encodeURIComponent(cameraId)}`;
    const body = packUnits(units);
    await this.#control.ask({ method: 'PUT', path, body, schema: emptySchema, limitMs: SLATE_MS });
  }

  async states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, RelayedCamera> | null> {
    try {
      const asked = { method: 'GET', path: '/states', schema: statesSchema, limitMs: STATES_MS, signal } as const;
      return new Map(Object.entries(await this.#control.ask(asked)));
    } catch {
      return null;
    }
  }

  /** Described at `SourceOpening`. */
  open(target: PullTarget, signal: AbortSignal, options?: OpeningOptions): Promise<Opened | NotOpened> {
    return this.#openings.open(target, signal, options);
  }

  /** True: the relay was started again, or another process changed its cameras, so we must send all cameras again. */
  #answered(status: RelayStatus, isComparable: boolean): boolean {
    this.#options.keepSecret(status.reader.password);
    const isAnother = this.#run !== null && this.#run !== status.run;
    this.#run = status.run;
    if (!isAnother && !(isComparable && this.#telling.isOvertaken(status))) return false;
    this.#telling.forget();
    return true;
  }

  #readerUrl(path: string): string | null {
    const { status } = this.#watch;
    if (status === null) return null;
    const { port, password } = status.reader;
    return `rtsp://camlease:${password}@${this.#options.host.readerHost}:${port}/${path}`;
  }
}
