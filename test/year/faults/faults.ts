import type { CameraFault } from '../../../simulator/cloud/faults.js';
import type { Fault, Happening } from './faultSchedule.js';
import type { Ground } from '../world/ground.js';
import type { Ledger } from '../books/ledger.js';
import type { FleetCamera, Lives } from '../world/lives.js';
import { sleepThroughEnd } from './asleepAtEnd.js';
import { ACCOUNT_FAULT, CAMERA_FAULT, isElsewhere } from './faultNames.js';
import { DOWN_MS } from './rareFaults.js';
import { Refusals } from './refusals.js';
import { isRelayFault } from './relayFaults.js';
import { RelayTroubles } from './relayTroubles.js';
import { ScarceCalls } from './scarceCalls.js';
import { StoreOutages } from './storeOutages.js';
import type { GivenUrl, Trouble } from '../world/yearClouds.js';

/** Makes the faults of a schedule happen: in the clouds, at the cameras, in the media server, the store and the machine. */
export class Faults {
  readonly #ground: Ground;
  readonly #ledger: Ledger;
  readonly #lives: Lives;
  readonly #scarce: ScarceCalls;
  readonly #store: StoreOutages;
  readonly #relay: RelayTroubles;
  readonly #refusals: Refusals;
  readonly #cameras: readonly FleetCamera[];
  /** How many faults of a kind a subject has now: two may overlap. */
  readonly #counts = new Map<string, number>();

  /** `onCured`: listings tell from now on that this camera, which was refused for good, is set right. */
  constructor(
    ground: Ground,
    ledger: Ledger,
    lives: Lives,
    cameras: readonly FleetCamera[],
    onCured: (ref: string) => void,
  ) {
    this.#ground = ground;
    this.#ledger = ledger;
    this.#lives = lives;
    this.#scarce = new ScarceCalls(ground);
    this.#store = new StoreOutages(ground, ledger);
    this.#relay = new RelayTroubles(ground, ledger);
    this.#refusals = new Refusals(ground, { ledger, lives, cameras }, onCured);
    this.#cameras = cameras;
  }

  begin(schedule: readonly Happening[]): void {
    for (const happening of schedule) this.#ground.clock.after(happening.atMs, () => this.#happen(happening));
  }

  /** A cloud gave a live address, and its reply has not left yet. */
  onGiven({ account }: GivenUrl): void {
    this.#lives.onGiven();
    this.#scarce.onGiven(account);
    this.#store.onGiven();
  }

  readonly #happen = (happening: Happening): void => {
    const { clock, note } = this.#ground;
    // What needs the machine waits until it wakes.
    if (this.#lives.sleepsForMs > 0 && !isElsewhere(happening.fault)) {
      clock.after(this.#lives.sleepsForMs + 1000, () => this.#happen(happening));
      return;
    }
    const { fault, lengthMs } = happening;
    note(`${fault.kind} for ${Math.round(lengthMs / 1000)} s ${JSON.stringify(fault)}`);
    clock.happened();
    const end = this.#beginFault(fault, lengthMs);
    if (!end) return;
    clock.after(Math.max(1, this.#lengthOf(happening)), () => {
      clock.happened();
      note(`over: ${JSON.stringify(fault)}`);
      end();
    });
  };

  #lengthOf({ fault, lengthMs }: Happening): number {
    if (fault.kind !== 'camera-late') return lengthMs;
    const [, { ref }] = this.#cameraAt(fault.index);
    return Math.min(lengthMs, this.#ledger.leftMs(ref) - fault.endsBeforeMs);
  }

  /** Returns what ends it. */
  #beginFault(fault: Fault, lengthMs: number): (() => void) | null {
    const ground = this.#ground;
    const { engine, clouds } = ground;
    if (isRelayFault(fault)) return this.#relay.begin(fault);
    switch (fault.kind) {
      case 'cloud-down':
      case 'cloud-down-day':
        return this.#blockingAccount(fault.account, (by) => (this.#trouble(fault.account).down += by));
      case 'storm':
        return this.#blockingAccount(fault.account, (by) => {
          this.#trouble(fault.account).storm = by > 0 ? fault.share : 0;
        });
      case 'pages-fail': {
        const change = (by: 1 | -1): void => {
          this.#trouble(fault.account).latePages += by;
          ground.listingChanged = true;
        };
        change(1);
        return () => change(-1);
      }
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
      case 'engine-stalls':
        return this.#blockingAll((by) => (engine.away += by));
      case 'proof-hangs':
        engine.hangs += 1;
        return () => (engine.hangs -= 1);
      case 'engine-restart':
        return this.#blockingAll((by) => {
          engine.away += by;
          if (by < 0) engine.forget();
        });
      case 'engine-forgets':
        engine.forget();
        return null;
      case 'store-away':
      case 'store-slow-return':
        this.#store.begin(fault.amid, lengthMs, fault.kind === 'store-slow-return');
        return null;
      case 'death':
        this.#lives.die(fault.amid, lengthMs);
        return null;
      case 'relay-comes':
      case 'restart':
        if (fault.kind === 'relay-comes') engine.addRelay();
        void this.#lives.restart(lengthMs);
        return null;
      case 'clock-jump':
        ground.wallOffsetMs += fault.byMs;
        return () => {
          ground.wallOffsetMs -= fault.byMs;
          ground.clockSetMs = ground.clock.nowMs;
        };
      case 'sleep':
        return this.#lives.sleep(lengthMs);
      case 'site-silent':
        this.#loseCloud(fault.account, Math.min(lengthMs, DOWN_MS[fault.kind]), () => undefined);
        return this.#siteFault(fault.account);
      case 'calls-scarce': {
        const untilMs = ground.clock.nowMs + lengthMs;
        let end = (): void => undefined;
        this.#loseCloud(fault.account, Math.min(lengthMs, DOWN_MS[fault.kind]), () => {
          if (ground.clock.nowMs < untilMs) end = this.#scarce.begin(fault.account, fault.everyMs, untilMs);
        });
        return () => end();
      }
      case 'no-ticks':
        ground.ticksAway += 1;
        return () => {
          ground.ticksAway -= 1;
          ground.ticksBackMs = ground.clock.nowMs;
        };
      case 'camera-offline':
      case 'camera-unlisted':
      case 'camera-timeout':
      case 'camera-hangs':
      case 'camera-late':
      case 'camera-silent-days':
      case 'camera-offline-days':
        return this.#cameraFault(fault.index, CAMERA_FAULT[fault.kind]);
      case 'asleep-at-end':
        sleepThroughEnd(ground, this.#ledger, this.#lives, this.#cameraAt(fault.index)[1].ref, this.#happen);
        return this.#refusals.begin(this.#cameraAt(fault.index), 'deleted');
      case 'camera-refused':
        return this.#refusals.begin(this.#cameraAt(fault.index), fault.index % 2 === 0 ? 'encrypted' : 'deleted');
      case 'camera-dud':
        return this.#givingDuds(this.#cameraAt(fault.index));
      case 'camera-deleted':
        void this.#lives.remove(this.#cameraAt(fault.index));
        return null;
      case 'watched': {
        const [id] = this.#cameraAt(fault.index);
        engine.watch(id, 1);
        return () => engine.watch(id, -1);
      }
    }
  }

  #trouble(account: string): Trouble {
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
      if (name === 'unlisted') this.#ledger.of(ref).unlistedMs = this.#ground.clock.nowMs;
      if (name === 'offline' || name === 'unlisted') this.#ground.listingChanged = true;
    };
    change(1);
    return () => change(-1);
  }

  /** No device of an account answers. */
  #siteFault(account: string): () => void {
    const ends = this.#cameras.flatMap(([, camera], index) =>
      camera.account === account ? [this.#cameraFault(index, 'timeout')] : [],
    );
    return () => ends.forEach((end) => end());
  }

  #loseCloud(account: string, lengthMs: number, then: () => void): void {
    const end = this.#blockingAccount(account, (by) => (this.#trouble(account).down += by));
    this.#ground.clock.after(Math.max(1, lengthMs), () => {
      end();
      then();
    });
  }

  /** URLs that it gives show nothing. */
  #givingDuds([, { ref, stream }]: FleetCamera): () => void {
    const change = (by: 1 | -1): void => {
      stream.newAddressPlays = this.#count(`${ref} dud`, by) ? 'nothing' : 'camera';
      this.#ledger.blockCamera(ref, by);
    };
    change(1);
    return () => change(-1);
  }

  /** True: there is at least one now. */
  #count(subject: string, by: 1 | -1): boolean {
    const count = (this.#counts.get(subject) ?? 0) + by;
    this.#counts.set(subject, count);
    return count > 0;
  }

  #cameraAt(index: number): FleetCamera {
    const camera = this.#cameras[index % this.#cameras.length];
    if (!camera) throw new Error('no cameras');
    return camera;
  }
}
