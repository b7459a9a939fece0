import type { SimulatedCamera } from '../../../simulator/fleet.js';
import type { CameraId, CameraMode } from '../../../src/core/camera/camera.js';
import type { Ledger } from '../books/ledger.js';
import type { Chance } from './chance.js';
import type { Ground } from './ground.js';
import { Life } from './life.js';

const HOUR = 3_600_000;
const MODES: readonly CameraMode[] = ['on-demand', 'on-demand', 'on-demand', 'direct', 'always-on', 'seamless'];

export type FleetCamera = readonly [CameraId, SimulatedCamera];

/** One life of camlease after the other: deaths, restarts, sleep, and the people who use it. */
export class Lives {
  deaths = 0;
  readonly #ground: Ground;
  readonly #ledger: Ledger;
  readonly #cameras: readonly FleetCamera[];
  readonly #chance: Chance;
  #life: Life | null = null;
  #awakeAtMs = 0;
  /** A death that waits for the right moment. */
  #lurking: { readonly amid: 'call' | 'promotion'; readonly downMs: number } | null = null;
  #isDown = true;
  #modesSet = false;
  #leaseMomentMs: number | null = null;

  constructor(ground: Ground, ledger: Ledger, cameras: readonly FleetCamera[], chance: Chance) {
    this.#ground = ground;
    this.#ledger = ledger;
    this.#cameras = cameras;
    this.#chance = chance;
  }

  async begin(): Promise<void> {
    const { clock } = this.#ground;
    clock.nextStopMs = () => Math.min(this.#life?.nextTickMs() ?? Infinity, this.#nextLeaseMomentMs());
    clock.onStop = () => this.#life?.tick();
    this.#ledger.block(1);
    await this.#start();
  }

  async end(): Promise<void> {
    const { clock } = this.#ground;
    if (this.#life?.isAlive === true) await clock.until(this.#life.stop());
  }

  /** For how long the machine sleeps yet; 0: it is awake. */
  get sleepsForMs(): number {
    return Math.max(0, this.#awakeAtMs - this.#ground.clock.nowMs);
  }

  /** A cloud gave a live address, and its reply has not left yet. */
  onGiven(): void {
    if (this.#lurking?.amid === 'call') this.#strike();
  }

  /** `kill -9`, at once or in the middle of something; it is started again `downMs` later. */
  die(amid: 'anything' | 'call' | 'promotion', downMs: number): void {
    if (amid === 'anything') this.#die(downMs, amid);
    else this.#lurking ??= { amid, downMs };
  }

  /** SIGTERM. */
  async restart(downMs: number): Promise<void> {
    const { clock, note } = this.#ground;
    const life = this.#life;
    if (!life?.isAlive || this.#isDown) return;
    note('SIGTERM');
    this.#isDown = true;
    this.#ledger.block(1);
    await life.stop();
    clock.after(Math.max(1, downMs), () => this.#startAwake());
  }

  /** The machine sleeps. Returns what is to be done when it wakes. */
  sleep(lengthMs: number): () => void {
    const ground = this.#ground;
    this.#awakeAtMs = ground.clock.nowMs + lengthMs;
    ground.clock.sleep(lengthMs);
    ground.ticksAway += 1;
    this.#ledger.block(1);
    return () => {
      ground.sleptMs += lengthMs;
      ground.ticksAway -= 1;
      this.#ledger.block(-1);
    };
  }

  /** A person deletes a camera here. */
  async remove([id, { ref }]: FleetCamera): Promise<void> {
    const store = this.#reachable()?.store;
    if (!store || this.#ground.storeAway > 0) return;
    // First: the media server hears of it before whoever deletes does.
    this.#ledger.remove(ref);
    await store.remove(id, new Date(this.#ground.clock.nowMs));
  }

  /** A person presses "renew now"; false: there is nothing to press. */
  renewNow([id, { ref }]: FleetCamera): boolean {
    const jobs = this.#reachable()?.jobs;
    if (!jobs || this.sleepsForMs > 0) return false;
    this.#ground.note(`renew now ${ref}`);
    jobs.renew({ cameraIds: [id], force: true }).ended.catch(() => undefined);
    return true;
  }

  #reachable(): Life | null {
    return this.#life?.isAlive === true && !this.#isDown ? this.#life : null;
  }

  #nextLeaseMomentMs(): number {
    const { nowMs } = this.#ground.clock;
    if (this.#leaseMomentMs === null || this.#leaseMomentMs <= nowMs)
      this.#leaseMomentMs = this.#life?.nextLeaseMomentMs() ?? Number.POSITIVE_INFINITY;
    return this.#leaseMomentMs;
  }

  async #start(): Promise<void> {
    const { clock, note } = this.#ground;
    const life = new Life(this.#ground);
    this.#life = life;
    this.#ground.startedMs = clock.nowMs;
    note('start');
    await life.start();
    if (!life.isAlive) return;
    life.store?.onChange((event) => {
      this.#leaseMomentMs = null;
      if (
        this.#lurking?.amid === 'promotion' &&
        'camera' in event &&
        event.camera.candidate === null &&
        event.camera.lease !== null
      )
        this.#strike();
    });
    this.#leaseMomentMs = null;
    this.#isDown = false;
    this.#ledger.block(-1);
    clock.happened();
    if (!this.#modesSet) clock.after(2 * HOUR, () => void this.#setModes());
    this.#modesSet = true;
  }

  /** People choose modes for their cameras. */
  async #setModes(): Promise<void> {
    for (const [id] of this.#cameras) {
      const mode = this.#chance.pick(MODES);
      if (mode !== 'on-demand' && this.#life?.isAlive === true)
        await this.#life.store?.update(id, { mode }, new Date(this.#ground.clock.nowMs)).catch(() => undefined);
    }
  }

  #strike(): void {
    const downMs = this.#lurking?.downMs ?? 0;
    const amid = this.#lurking?.amid ?? 'anything';
    this.#lurking = null;
    this.#die(downMs, amid);
  }

  #die(downMs: number, amid: string): void {
    const { clock, note } = this.#ground;
    const life = this.#life;
    if (!life?.isAlive || this.#isDown) return;
    this.deaths += 1;
    note(`death amid ${amid}`);
    this.#isDown = true;
    this.#ledger.block(1);
    void life.kill();
    clock.after(Math.max(1, downMs), () => this.#startAwake());
  }

  #startAwake(): void {
    if (this.sleepsForMs > 0) this.#ground.clock.after(this.sleepsForMs, () => this.#startAwake());
    else void this.#start();
  }
}
