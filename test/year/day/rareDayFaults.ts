import type { Chance } from '../world/chance.js';
import type { RareDayFault } from './daySchedule.js';
import type { FreezeKind, Machine } from './machine.js';
import { MARKER } from './sharedDoor.js';
import type { Replica } from './replica.js';
import type { World } from './world.js';

/** How long the database answers late to one that wakes. */
const WAKES_SLOWLY_MS = 20_000;
/** The same to those that race for what another one had: late enough that their looks overlap, not so late that they count as blind. */
const RACES_FOR_MS = 25_000;
const RACES_MS = [100, 800] as const;
/** After the last trouble each look is lived through for so long. */
const AWAKE_AFTER_MS = 45_000;
/** The takeover, the restart, and what comes of them. */
const LIVED_THROUGH_MS = 120_000;
/** So long after what it told has arrived. */
const WAKES_AFTER_MS = 5_000;

interface Owning {
  readonly replica: Replica;
  readonly machine: Machine;
}

export interface RareDayParts {
  /** Returns what makes it go on. */
  readonly freeze: (replica: Replica, machine: Machine, how: FreezeKind, why: string) => () => void;
  readonly renewAll: (at: readonly number[]) => void;
}

/** Makes the faults happen that only days of one trouble have. */
export class RareDayFaults {
  /** How many there were. */
  count = 0;
  readonly #world: World;
  readonly #replicas: readonly Replica[];
  readonly #chance: Chance;
  readonly #parts: RareDayParts;

  constructor(world: World, replicas: readonly Replica[], chance: Chance, parts: RareDayParts) {
    this.#world = world;
    this.#replicas = replicas;
    this.#chance = chance;
    this.#parts = parts;
  }

  happen(fault: Exclude<RareDayFault, { readonly kind: 'split' }>): void {
    if (fault.kind === 'stall') this.#stall(fault.account, fault.how, fault.lengthMs);
    else if (fault.kind === 'cut-off') this.#cutOff(fault.lengthMs, fault.restartAfterMs);
    else if (fault.kind === 'wakes') this.#wakes(fault.account, fault.lengthMs, fault.askedAfterMs);
    else if (fault.kind === 'late-tell') this.#tellLate(fault.lengthMs, fault.askedAfterMs);
    else this.#storeAway(fault.forAll, fault.lengthMs);
  }

  /** What this one had is raced for by the others, whose database answers late. */
  race(frozen: Machine): void {
    this.count += 1;
    for (const { machine } of this.#replicas) {
      if (!machine || machine === frozen) continue;
      machine.slowMs = RACES_MS;
      machine.slowUntilMs = this.#world.clock.nowMs + RACES_FOR_MS;
    }
  }

  #stall(account: number, how: FreezeKind, lengthMs: number): void {
    const owning = this.#accountOwner(account);
    if (!owning) return;
    this.count += 1;
    this.#world.after(lengthMs, this.#parts.freeze(owning.replica, owning.machine, how, 'a stall'));
  }

  #storeAway(forAll: boolean, lengthMs: number): void {
    const { owners } = this.#world.book;
    const idle = this.#replicas.find(({ owner, isRunning }) => isRunning && !owners.ownsAnything(owner))?.machine;
    if (!forAll && !idle) return;
    this.count += 1;
    // Whoever looked on is to have missed some beats.
    this.#world.happened(lengthMs + AWAKE_AFTER_MS);
    this.#answersNot(forAll ? null : (idle ?? null), lengthMs);
  }

  #cutOff(lengthMs: number, restartAfterMs: number): void {
    const world = this.#world;
    const owning = this.#ownerOf(`engine-owner ${MARKER}`);
    if (!owning) return;
    const { replica, machine } = owning;
    this.count += 1;
    world.happened(LIVED_THROUGH_MS);
    this.#answersNot(machine, lengthMs);
    world.book.owners.cutOff(replica.owner, machine);
    // Whoever believes to own it tells it again what to serve.
    world.after(restartAfterMs, () => world.engine.forget());
    world.after(lengthMs, () => world.happened(AWAKE_AFTER_MS));
  }

  /** The database answers this one no more, null: nobody, for so long. */
  #answersNot(machine: Machine | null, lengthMs: number): void {
    const world = this.#world;
    if (machine) machine.isCutOff = true;
    else world.storeAway += 1;
    world.after(lengthMs, () => {
      if (machine) machine.isCutOff = false;
      else world.storeAway -= 1;
      world.book.silences.answersAgain(machine);
    });
  }

  #wakes(account: number, lengthMs: number, askedAfterMs: number): void {
    const owning = this.#accountOwner(account);
    if (!owning) return;
    const { replica, machine } = owning;
    const others = this.#replicas.flatMap((one, index) => (one === replica ? [] : [index]));
    this.#parts.renewAll([this.#replicas.indexOf(replica)]);
    this.#world.after(this.#chance.between(100, 2_000), () => {
      if (replica.machine !== machine || !machine.isRunning) return;
      this.count += 1;
      const thaw = this.#parts.freeze(replica, machine, 'stopped', 'with claims');
      this.#world.after(lengthMs, () => {
        machine.slowUntilMs = this.#world.clock.nowMs + WAKES_SLOWLY_MS;
        thaw();
      });
      this.#world.after(lengthMs + askedAfterMs, () => this.#parts.renewAll(others));
    });
  }

  #tellLate(lengthMs: number, askedAfterMs: number): void {
    const world = this.#world;
    const owning = this.#ownerOf(`engine-owner ${MARKER}`);
    if (!owning) return;
    const { replica, machine } = owning;
    const others = this.#replicas.flatMap((one, index) => (one === replica ? [] : [index]));
    const onSent = (): void => {
      this.count += 1;
      world.after(lengthMs + WAKES_AFTER_MS, this.#parts.freeze(replica, machine, 'stopped', 'right after a tell'));
      world.after(askedAfterMs, () => this.#parts.renewAll(others));
    };
    world.lateTell = { machine, ms: lengthMs, onSent };
    this.#parts.renewAll([this.#replicas.indexOf(replica)]);
  }

  #accountOwner(account: number): Owning | null {
    return this.#ownerOf(`account-owner ${this.#world.accounts[account] ?? ''}`);
  }

  /** Who owns the thing, if it runs. */
  #ownerOf(thing: string): Owning | null {
    const owner = this.#world.book.owners.ownerOf(thing);
    const replica = this.#replicas.find((one) => one.owner === owner);
    return replica?.isRunning === true && replica.machine ? { replica, machine: replica.machine } : null;
  }
}
