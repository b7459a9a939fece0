import type { CameraId } from '../../../src/core/camera/camera.js';
import type { SimulatedCamera } from '../../../simulator/fleet.js';
import type { Chance } from '../world/chance.js';
import type { YearClock } from '../world/yearClock.js';
import type { YearClouds } from '../world/yearClouds.js';
import type { YearEngine } from '../world/yearEngine.js';
import type { DayBook } from './dayBook.js';
import type { Machine } from './machine.js';

/** So long after the last happening everything is at rest. */
const AWAKE_MS = 20_000;

/** What the replicas share, and what outlives them: the clouds, the media server, the database, and the time. */
export class World {
  readonly clock: YearClock;
  /** For what no fault decides: jitter, and how long things take. */
  readonly chance: Chance;
  readonly clouds: YearClouds;
  readonly engine: YearEngine;
  readonly book: DayBook;
  readonly cameras: ReadonlyMap<CameraId, SimulatedCamera>;
  readonly dataDir: string;
  readonly lifetimeSeconds: number;
  readonly errors: string[] = [];
  /** Reasons for which the database answers nobody now. */
  storeAway = 0;
  /** The fence that the media server carries beside its name. */
  engineFence = 0;
  /** What this one tells the relay next arrives so much later. */
  lateTell: { readonly machine: Machine; readonly ms: number; readonly onSent: () => void } | null = null;
  /** A candidate was stored. */
  onCandidate: (id: CameraId) => void = () => undefined;
  #awakeUntilMs = 0;
  #onTheWay = 0;
  readonly #happenings: number[] = [];

  constructor(
    parts: Pick<World, 'book' | 'cameras' | 'chance' | 'clock' | 'clouds' | 'dataDir' | 'engine' | 'lifetimeSeconds'>,
  ) {
    this.clock = parts.clock;
    this.chance = parts.chance;
    this.clouds = parts.clouds;
    this.engine = parts.engine;
    this.book = parts.book;
    this.cameras = parts.cameras;
    this.dataDir = parts.dataDir;
    this.lifetimeSeconds = parts.lifetimeSeconds;
  }

  get accounts(): string[] {
    return this.clouds.fleet.accounts.map(({ name }) => name);
  }

  /** Something happened: no time is passed over for so long. */
  happened(ms = AWAKE_MS): void {
    this.#awakeUntilMs = Math.max(this.#awakeUntilMs, this.clock.nowMs + ms);
  }

  /** Happens outside the machines, whether they run or not. */
  after(ms: number, run: () => void): void {
    const atMs = this.clock.nowMs + Math.max(1, Math.ceil(ms));
    this.#happenings.push(atMs);
    this.clock.after(ms, () => {
      this.#happenings.splice(this.#happenings.indexOf(atMs), 1);
      this.happened();
      run();
    });
  }

  /** On a wire. */
  async wait(ms: number): Promise<void> {
    this.#onTheWay += 1;
    await new Promise<void>((resolve) => void this.clock.after(ms, resolve));
    this.#onTheWay -= 1;
  }

  /** What a replica tells the relay is on its way. */
  async toRelay(machine: Machine): Promise<void> {
    const late = this.lateTell?.machine === machine ? this.lateTell : null;
    if (late) this.lateTell = null;
    late?.onSent();
    await this.wait(late?.ms ?? Math.round(this.chance.between(2, 30)));
  }

  /** How long nothing will happen but looks of the machines. `dueMs`: when the next lease wants something. */
  calmMs(dueMs: () => number): number {
    const { nowMs } = this.clock;
    if (this.#onTheWay > 0 || nowMs < this.#awakeUntilMs) return 0;
    const nextMs = Math.min(dueMs(), ...this.#happenings);
    const calmMs = Math.floor((nextMs - nowMs) / 1000) * 1000 - 2_000;
    return calmMs >= 5_000 ? calmMs : 0;
  }
}
