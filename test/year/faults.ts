import type { AccountFault, CameraFault } from '../../simulator/faults.js';
import type { SimulatedCamera } from '../../simulator/fleet.js';
import type { CameraId, CameraMode } from '../../src/core/camera.js';
import type { Chance } from './chance.js';
import type { Fault, Happening } from './faultSchedule.js';
import type { Ledger } from './ledger.js';
import { Life, type Ground } from './life.js';

const MINUTE = 60_000;
const MODES: readonly CameraMode[] = ['on-demand', 'on-demand', 'always-on', 'seamless'];

const ACCOUNT_FAULT = {
  hang: 'hang',
  quota: 'quota',
  'rate-limited': 'rate-limited',
  'token-rejected': 'token-rejected',
  refused: 'refused',
  unreadable: 'unreadable',
} as const satisfies Partial<Record<Fault['kind'], AccountFault>>;
const CAMERA_FAULT = {
  'camera-offline': 'offline',
  'camera-unlisted': 'unlisted',
  'camera-timeout': 'timeout',
  'camera-hangs': 'hang',
} as const satisfies Partial<Record<Fault['kind'], CameraFault>>;

/** Makes the faults of a schedule happen, and starts camlease again after each death. */
export class Faults {
  deaths = 0;
  readonly #ground: Ground;
  readonly #ledger: Ledger;
  readonly #cameras: readonly (readonly [CameraId, SimulatedCamera])[];
  readonly #chance: Chance;
  /** How many faults of a kind a subject has now: two may overlap. */
  readonly #counts = new Map<string, number>();
  #life: Life | null = null;
  #awakeAtMs = 0;
  /** A death that waits for the right moment. */
  #lurking: { readonly amid: 'call' | 'promotion'; readonly downMs: number } | null = null;
  /** The store waits for the right moment to go away. */
  #leaving: { readonly lengthMs: number } | null = null;
  #isDown = true;
  #modesSet = false;

  constructor(
    ground: Ground,
    ledger: Ledger,
    cameras: readonly (readonly [CameraId, SimulatedCamera])[],
    chance: Chance,
  ) {
    this.#ground = ground;
    this.#ledger = ledger;
    this.#cameras = cameras;
    this.#chance = chance;
  }

  async begin(schedule: readonly Happening[]): Promise<void> {
    const { clock } = this.#ground;
    clock.nextStopMs = () => Math.min(this.#life?.nextTickMs() ?? Infinity, this.#nextLeaseMomentMs());
    clock.onStop = () => this.#life?.tick();
    this.#ledger.block(1);
    for (const happening of schedule) clock.after(happening.atMs, () => this.#happen(happening));
    await this.#start();
  }

  async end(): Promise<void> {
    const { clock } = this.#ground;
    if (this.#life?.isAlive === true) await clock.until(this.#life.stop());
  }

  /** A cloud gave a live address, and its reply has not left yet. */
  onGiven(): void {
    if (this.#lurking?.amid === 'call') this.#strike();
    if (this.#leaving) this.#loseStore(this.#leaving.lengthMs);
    this.#leaving = null;
  }

  #leaseMomentMs: number | null = null;

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
    if (!this.#modesSet) clock.after(2 * 60 * MINUTE, () => void this.#setModes());
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

  /** kill -9 now. */
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
    const { clock } = this.#ground;
    if (clock.nowMs < this.#awakeAtMs) clock.after(this.#awakeAtMs - clock.nowMs, () => this.#startAwake());
    else void this.#start();
  }

  async #restart(downMs: number): Promise<void> {
    const { clock, note } = this.#ground;
    const life = this.#life;
    if (!life?.isAlive || this.#isDown) return;
    note('SIGTERM');
    this.#isDown = true;
    this.#ledger.block(1);
    await life.stop();
    clock.after(Math.max(1, downMs), () => this.#startAwake());
  }

  #happen(happening: Happening): void {
    const { clock, note } = this.#ground;
    // What needs the machine waits until it wakes.
    if (clock.nowMs < this.#awakeAtMs && !isElsewhere(happening.fault)) {
      clock.after(this.#awakeAtMs - clock.nowMs + 1000, () => this.#happen(happening));
      return;
    }
    const { fault, lengthMs } = happening;
    note(`${fault.kind} for ${Math.round(lengthMs / 1000)} s ${JSON.stringify(fault)}`);
    clock.happened();
    const end = this.#beginFault(fault, lengthMs);
    if (!end) return;
    clock.after(Math.max(1, lengthMs), () => {
      clock.happened();
      note(`over: ${JSON.stringify(fault)}`);
      end();
    });
  }

  /** Returns what ends it. */
  #beginFault(fault: Fault, lengthMs: number): (() => void) | null {
    const ground = this.#ground;
    const { engine, clouds, clock } = ground;
    switch (fault.kind) {
      case 'cloud-down':
        return this.#blockingAccount(fault.account, (by) => (this.#trouble(fault.account).down += by));
      case 'storm':
        return this.#blockingAccount(fault.account, (by) => {
          this.#trouble(fault.account).storm = by > 0 ? fault.share : 0;
        });
      case 'hang':
      case 'quota':
      case 'rate-limited':
      case 'token-rejected':
      case 'refused':
      case 'unreadable': {
        const name = ACCOUNT_FAULT[fault.kind];
        return this.#blockingAccount(fault.account, (by) => {
          const isOn = this.#count(`${fault.account} ${name}`, by);
          clouds.fleet.setAccountFault(fault.account, name, isOn);
        });
      }
      case 'token-dead':
        clouds.fleet.setAccountFault(fault.account, 'token-dead', true);
        clouds.fleet.setAccountFault(fault.account, 'token-dead', false);
        return null;
      case 'engine-away':
        return this.#blockingAll((by) => (engine.away += by));
      case 'engine-restart':
        return this.#blockingAll((by) => {
          engine.away += by;
          if (by < 0) engine.forget();
        });
      case 'engine-forgets':
        engine.forget();
        return null;
      case 'store-away':
        if (fault.amid === 'call') this.#leaving ??= { lengthMs };
        else this.#loseStore(lengthMs);
        return null;
      case 'death':
        if (fault.amid === 'anything') this.#die(lengthMs, fault.amid);
        else this.#lurking ??= { amid: fault.amid, downMs: lengthMs };
        return null;
      case 'restart':
        void this.#restart(lengthMs);
        return null;
      case 'clock-jump':
        ground.wallOffsetMs += fault.byMs;
        return () => (ground.wallOffsetMs -= fault.byMs);
      case 'sleep': {
        this.#awakeAtMs = clock.nowMs + lengthMs;
        clock.sleep(lengthMs);
        ground.ticksAway += 1;
        this.#ledger.block(1);
        return () => {
          ground.sleptMs += lengthMs;
          ground.ticksAway -= 1;
          this.#ledger.block(-1);
        };
      }
      case 'no-ticks':
        ground.ticksAway += 1;
        return () => (ground.ticksAway -= 1);
      case 'camera-offline':
      case 'camera-unlisted':
      case 'camera-timeout':
      case 'camera-hangs':
        return this.#cameraFault(fault.index, CAMERA_FAULT[fault.kind]);
      case 'camera-deleted':
        void this.#deleteCamera(fault.index);
        return null;
      case 'watched': {
        const [id] = this.#cameraAt(fault.index);
        engine.viewers.set(id, (engine.viewers.get(id) ?? 0) + 1);
        return () => engine.viewers.set(id, (engine.viewers.get(id) ?? 1) - 1);
      }
    }
  }

  #loseStore(lengthMs: number): void {
    const change = (by: 1 | -1): void => {
      this.#ground.storeAway += by;
      this.#ledger.blockStore(by);
      this.#ground.note(by > 0 ? 'the store goes away' : 'the store is back');
      this.#ground.clock.happened();
    };
    change(1);
    this.#ground.clock.after(Math.max(1, lengthMs), () => change(-1));
  }

  #trouble(account: string): { down: number; storm: number } {
    const trouble = this.#ground.clouds.trouble.get(account);
    if (!trouble) throw new Error(`no account ${account}`);
    return trouble;
  }

  #blockingAccount(account: string, change: (by: 1 | -1) => void): () => void {
    change(1);
    this.#ledger.blockAccount(account, 1);
    return () => {
      change(-1);
      this.#ledger.blockAccount(account, -1);
      if (this.#ground.newsHeldBack) this.#ground.listingChanged = true;
      this.#ground.newsHeldBack = false;
    };
  }

  #blockingAll(change: (by: 1 | -1) => void): () => void {
    change(1);
    this.#ledger.block(1);
    return () => {
      change(-1);
      this.#ledger.block(-1);
    };
  }

  #cameraFault(index: number, name: CameraFault): () => void {
    const [, { ref }] = this.#cameraAt(index);
    const { fleet } = this.#ground.clouds;
    const change = (by: 1 | -1): void => {
      fleet.setCameraFault(ref, name, this.#count(`${ref} ${name}`, by));
      this.#ledger.blockCamera(ref, by);
      if (name === 'offline' || name === 'unlisted') this.#ground.listingChanged = true;
    };
    change(1);
    return () => change(-1);
  }

  async #deleteCamera(index: number): Promise<void> {
    const [id, { ref }] = this.#cameraAt(index);
    const { store } = this.#life ?? {};
    if (this.#life?.isAlive !== true || this.#isDown || !store || this.#ground.storeAway > 0) return;
    if (!(await store.remove(id, new Date(this.#ground.clock.nowMs)))) return;
    this.#ledger.remove(ref);
  }

  /** True: there is at least one now. */
  #count(subject: string, by: 1 | -1): boolean {
    const count = (this.#counts.get(subject) ?? 0) + by;
    this.#counts.set(subject, count);
    return count > 0;
  }

  #cameraAt(index: number): readonly [CameraId, SimulatedCamera] {
    const camera = this.#cameras[index % this.#cameras.length];
    if (!camera) throw new Error('no cameras');
    return camera;
  }
}

/** Happens in the world outside, whether the machine sleeps or not. */
function isElsewhere({ kind }: Fault): boolean {
  return kind.startsWith('camera-') ? kind !== 'camera-deleted' : !MACHINE.has(kind);
}

const MACHINE: ReadonlySet<Fault['kind']> = new Set([
  ...(['engine-away', 'engine-restart', 'engine-forgets', 'store-away', 'death', 'restart', 'clock-jump'] as const),
  ...(['sleep', 'no-ticks', 'camera-deleted'] as const),
]);
