import type { CameraId } from '../../../src/core/camera/camera.js';
import type { SimulatedCamera } from '../../../simulator/fleet.js';
import type { Chance } from '../world/chance.js';
import type { Amid, DayFault, DayHappening } from './daySchedule.js';
import type { FreezeKind, Machine } from './machine.js';
import { RareDayFaults } from './rareDayFaults.js';
import type { Replica } from './replica.js';
import type { World } from './world.js';

const MINUTE = 60_000;
/** Listings come this often in any case. */
const LISTED_EVERY_MS = 30 * MINUTE;
const LISTED_SOON_MS = 15_000;
/** A moment that does not come is not waited for. */
const LURKS_MS = 30 * MINUTE;
/** With the last one that runs gone nothing is to be seen. */
const LEAVES_NONE = 0.1;
/** So often somebody asks for new leases while a fault waits for its moment. */
const PROVOKED = 0.7;

const SPLIT = { kind: 'freeze', amid: 'promotion', how: 'stopped', untilCandidate: false, races: true } as const;

type Striking = Extract<DayFault, { readonly amid: Amid }>;

/** Makes the faults of a day happen. */
export class DayFaults {
  deaths = 0;
  freezes = 0;
  stops = 0;
  /** Of the kinds that only days of one trouble have. */
  readonly rare: RareDayFaults;
  readonly #world: World;
  readonly #replicas: readonly Replica[];
  readonly #chance: Chance;
  readonly #cameras: readonly (readonly [CameraId, SimulatedCamera])[];
  #lurking: Striking[] = [];
  /** Frozen until this camera has another candidate. */
  readonly #untilCandidate = new Map<CameraId, (() => void)[]>();

  constructor(world: World, replicas: readonly Replica[], chance: Chance) {
    this.#world = world;
    this.#replicas = replicas;
    this.#chance = chance;
    this.#cameras = [...world.cameras];
    this.rare = new RareDayFaults(world, replicas, chance, {
      freeze: (...what) => this.#freeze(...what),
      renewAll: (at) => this.#renewNow(at, null),
    });
    world.onCandidate = (id) => {
      const thaws = this.#untilCandidate.get(id) ?? [];
      this.#untilCandidate.delete(id);
      // Its proof takes a second at least.
      for (const thaw of thaws) world.after(this.#chance.between(20, 700), thaw);
    };
  }

  begin(schedule: readonly DayHappening[]): void {
    for (const { atMs, fault } of schedule) this.#world.after(atMs, () => this.#happen(fault));
    this.#listSoon();
    this.#listEver();
  }

  /** The moment has come for a fault that waited for it: `machine` is in the middle of it. */
  onMoment(moment: Amid, replica: Replica, machine: Machine, ids: readonly CameraId[]): void {
    if (!machine.isRunning || replica.machine !== machine || machine.stoppingSinceMs !== null) return;
    const striking = this.#lurking.find(({ amid }) => amid === moment);
    if (!striking) return;
    const isLast = !this.#replicas.some((other) => other !== replica && other.isRunning);
    if (isLast && !this.#chance.happens(LEAVES_NONE)) return;
    this.#lurking = this.#lurking.filter((one) => one !== striking);
    this.#strike(striking, replica, machine, ids);
  }

  #strike(fault: Striking, replica: Replica, machine: Machine, ids: readonly CameraId[]): void {
    if (fault.kind === 'kill') {
      this.deaths += 1;
      replica.kill(fault.amid);
      this.#startLater(replica, fault.downMs);
      return;
    }
    if (fault.kind === 'term') {
      this.stops += 1;
      void replica.stop().then(() => this.#startLater(replica, fault.downMs));
      return;
    }
    const thaw = this.#freeze(replica, machine, fault.how, `amid ${fault.amid} of ${ids.join(' ')}`);
    if (fault.races) this.rare.race(machine);
    if (fault.untilCandidate)
      for (const id of ids) this.#untilCandidate.set(id, [...(this.#untilCandidate.get(id) ?? []), thaw]);
    this.#world.after(fault.lengthMs, thaw);
  }

  /** Returns what makes it go on. */
  #freeze(replica: Replica, machine: Machine, how: FreezeKind, why: string): () => void {
    const { book } = this.#world;
    this.freezes += 1;
    book.trace.note(`freeze of ${machine.name}, ${how}, ${why}`);
    this.#world.happened(45_000);
    machine.freeze(how);
    book.gone(replica.owner, machine);
    return () => {
      if (machine.isRunning || !machine.isAlive) return;
      book.trace.note(`thaw of ${machine.name}`);
      this.#world.happened(45_000);
      book.running(replica.owner, machine);
      machine.thaw();
    };
  }

  #startLater(replica: Replica, downMs: number): void {
    this.#world.after(downMs, () => void replica.start());
  }

  #happen(fault: DayFault): void {
    const { book, engine, clouds } = this.#world;
    book.trace.note(`fault ${JSON.stringify(fault)}`);
    switch (fault.kind) {
      case 'kill':
      case 'freeze':
      case 'term':
        this.#lurking.push(fault);
        this.#world.after(LURKS_MS, () => (this.#lurking = this.#lurking.filter((one) => one !== fault)));
        if (this.#chance.happens(PROVOKED)) this.#provoke();
        return;
      case 'slow': {
        const machine = this.#replicas[fault.replica]?.machine;
        if (machine) machine.slowUntilMs = this.#world.clock.nowMs + fault.lengthMs;
        if (this.#chance.happens(PROVOKED)) this.#provoke();
        return;
      }
      case 'clock': {
        const replica = this.#replicas[fault.replica];
        if (replica) replica.wallOffsetMs = fault.offsetMs;
        return;
      }
      case 'renew-now': {
        this.#renewNow(fault.replicas, fault.index);
        return;
      }
      case 'delete': {
        this.#delete(this.#cameraAt(fault.index));
        return;
      }
      case 'unlisted': {
        this.#unlist(this.#cameraAt(fault.index), fault.lengthMs);
        return;
      }
      case 'watched': {
        const [id] = this.#cameraAt(fault.index);
        engine.watch(id, 1);
        this.#world.after(fault.lengthMs, () => engine.watch(id, -1));
        return;
      }
      case 'storm': {
        const account = this.#world.accounts[fault.account];
        const trouble = account === undefined ? undefined : clouds.trouble.get(account);
        if (account === undefined || !trouble) return;
        trouble.storm = 0.5;
        book.leases.blockAccount(account, 1);
        this.#world.after(fault.lengthMs, () => {
          trouble.storm = 0;
          book.leases.blockAccount(account, -1);
        });
        return;
      }
      case 'stall':
      case 'store-away':
      case 'cut-off':
      case 'wakes':
      case 'late-tell':
        this.rare.happen(fault);
        return;
      case 'split':
        this.#happen({ ...SPLIT, lengthMs: fault.lengthMs });
    }
  }

  /** Somebody asks for some new leases, so that the moment comes that a fault waits for. */
  #provoke(): void {
    const replicas = this.#replicas.map((_, index) => index).filter(() => this.#chance.happens(0.6));
    const index = this.#chance.happens(0.4) ? null : this.#chance.whole(this.#cameras.length);
    this.#world.after(this.#chance.between(500, 5_000), () => this.#renewNow(replicas, index));
  }

  /** At several replicas in the same moment: one new lease each is what they ask for. */
  #renewNow(at: readonly number[], index: number | null): void {
    const { book } = this.#world;
    const asked = index === null ? this.#cameras : [this.#cameraAt(index)];
    const running = at.flatMap((each) => this.#replicas[each] ?? []).filter(({ isRunning }) => isRunning);
    if (running.length === 0) return;
    book.trace.note(
      `renew now at ${running.map(({ owner }) => owner).join(' ')}: ${index === null ? 'all' : asked[0]?.[1].ref}`,
    );
    for (const [, { ref }] of asked) book.leases.ask(ref);
    const cameraIds = index === null ? {} : { cameraIds: asked.map(([id]) => id) };
    for (const { jobs } of running) jobs?.renew({ ...cameraIds, force: true }).ended.catch(() => undefined);
  }

  #delete([id, { ref }]: readonly [CameraId, SimulatedCamera]): void {
    const replica = this.#replicas.find(({ isRunning }) => isRunning);
    this.#world.book.trace.note(`delete ${ref}`);
    replica?.store?.remove(id, replica.machine?.now() ?? new Date(0)).catch(() => undefined);
  }

  /** Missing from listings for a while; it is due again once a listing has it. */
  #unlist([, { ref }]: readonly [CameraId, SimulatedCamera], lengthMs: number): void {
    const { clouds, book } = this.#world;
    clouds.fleet.setCameraFault(ref, 'unlisted', true);
    book.leases.block(ref, 1);
    this.#listSoon();
    this.#world.after(lengthMs, () => {
      clouds.fleet.setCameraFault(ref, 'unlisted', false);
      this.#listSoon();
      this.#world.after(LISTED_EVERY_MS + MINUTE, () => book.leases.block(ref, -1));
    });
  }

  #listSoon(): void {
    this.#world.after(LISTED_SOON_MS, () => {
      for (const { discover, isRunning } of this.#replicas) if (isRunning) void discover?.();
    });
  }

  #listEver(): void {
    this.#world.after(LISTED_EVERY_MS, () => {
      this.#listSoon();
      this.#listEver();
    });
  }

  #cameraAt(index: number): readonly [CameraId, SimulatedCamera] {
    const camera = this.#cameras[index % this.#cameras.length];
    if (!camera) throw new Error('no cameras');
    return camera;
  }
}
