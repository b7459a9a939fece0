import type { CloudVendor } from '../src/core/camera/camera.js';
import type { AccountFault, CameraFault, NewAddressPlays } from './cloud/faults.js';
import type { Sound } from './origin/types.js';

/** The regions that have a login host in the simulator. `cn` is EZVIZ in China: its login host serves all calls. */
export type Region = 'isgp' | 'ieu' | 'cn';

/** The cloud's rate limit. How hccgw really replies to one call too many is not known, hence `code`. */
export interface RateLimit {
  /** False: calls are counted, and none is refused. */
  strict: boolean;
  /** Calls accepted in any `windowMs`. */
  calls: number;
  windowMs: number;
  /** A vendor's code in an HTTP 200, `HTTP429`, or `DROP` for a closed socket. */
  code: string;
}

export interface SimulatedAccount {
  readonly name: string;
  readonly vendor: CloudVendor;
  readonly appKey: string;
  readonly secret: string;
  readonly region: Region;
  tokenLifeSeconds: number;
  /** Lifetime of a live URL when the request names none. */
  defaultLifetimeSeconds: number;
  /** Streams that may play at once; null: any number. */
  streamCap: number | null;
  readonly rateLimit: RateLimit;
  readonly faults: Set<AccountFault>;
  /** Raised when the fault `token-dead` is switched on: tokens of an older generation are dead. */
  tokenGeneration: number;
  readonly devices: SimulatedDevice[];
}

export interface SimulatedDevice {
  /** 32 hex digits. */
  readonly id: string;
  readonly serial: string;
  readonly name: string;
  readonly model: string;
  /** The code on the label: switches stream encryption off (EZVIZ). */
  readonly validateCode: string;
  /** The `c` of its live URLs: 10 hex digits. */
  readonly mark: string;
  readonly cameras: SimulatedCamera[];
}

export interface SimulatedCamera {
  /** `<SERIAL>_<channel>`: how control and call log name a camera. */
  readonly ref: string;
  /** hccgw's resourceId, 32 hex digits. */
  readonly id: string;
  /** The channel's own id; not accepted as a resourceId. */
  readonly channelId: string;
  readonly name: string;
  readonly serial: string;
  readonly channel: number;
  readonly account: string;
  readonly clipKey: string;
  readonly faults: Set<CameraFault>;
  readonly stream: StreamSettings;
}

/** What a camera sends; changes apply from the next play on. */
export interface StreamSettings {
  /** Whole seconds, a divisor of 60. */
  keyFrameSeconds: number;
  sound: Sound;
  /** B-frames between two others; absent: none. */
  bFrames?: number;
  /** Applies to live URLs that are given after the change. */
  newAddressPlays: NewAddressPlays;
}

/** When the origin cuts connections that play. */
export interface MediaSettings {
  /** True: the connection is cut when its URL expires; false: it plays on (not known of the real clouds). */
  cutAtExpiry: boolean;
  /** International free tier: each session is cut after about 60 s; null: never. */
  sessionLimitMs: number | null;
}

/** The simulated world: accounts, devices and cameras with their faults. Changes take effect at the next call. */
export class Fleet {
  readonly seed: string;
  readonly accounts: readonly SimulatedAccount[];
  readonly media: MediaSettings = { cutAtExpiry: true, sessionLimitMs: null };
  readonly #cameras = new Map<string, SimulatedCamera>();
  readonly #byId = new Map<string, SimulatedCamera>();
  readonly #devices = new Map<string, SimulatedDevice>();
  readonly #listeners = new Set<() => void>();

  constructor(seed: string, accounts: readonly SimulatedAccount[]) {
    this.seed = seed;
    this.accounts = accounts;
    for (const device of accounts.flatMap((account) => account.devices)) {
      this.#devices.set(device.serial, device);
      for (const camera of device.cameras) {
        this.#cameras.set(camera.ref, camera);
        this.#byId.set(camera.id, camera);
      }
    }
  }

  cameras(accountName?: string): readonly SimulatedCamera[] {
    const all = [...this.#cameras.values()];
    return accountName === undefined ? all : all.filter((camera) => camera.account === accountName);
  }

  /** By `<SERIAL>_<channel>`. */
  cameraAt(ref: string): SimulatedCamera | null {
    return this.#cameras.get(ref) ?? null;
  }

  cameraById(id: string): SimulatedCamera | null {
    return this.#byId.get(id) ?? null;
  }

  device(serial: string): SimulatedDevice | null {
    return this.#devices.get(serial) ?? null;
  }

  /** By its `<SERIAL>_<channel>` or its name; throws when there is none. */
  camera(refOrName: string): SimulatedCamera {
    const found = this.cameraAt(refOrName) ?? this.cameras().find((camera) => camera.name === refOrName);
    if (!found) throw new Error(`There is no camera "${refOrName}" in this fleet.`);
    return found;
  }

  /** Throws when there is none. */
  account(name: string): SimulatedAccount {
    const found = this.accounts.find((account) => account.name === name);
    if (!found) throw new Error(`There is no account "${name}" in this fleet.`);
    return found;
  }

  /** Calls the listener after each fault that is switched on or off at a camera. */
  onCameraFault(listener: () => void): void {
    this.#listeners.add(listener);
  }

  setCameraFault(refOrName: string, fault: CameraFault, on: boolean): void {
    const { faults } = this.camera(refOrName);
    if (on) faults.add(fault);
    else faults.delete(fault);
    for (const listener of this.#listeners) listener();
  }

  setAccountFault(name: string, fault: AccountFault, on: boolean): void {
    const account = this.account(name);
    if (on && fault === 'token-dead') account.tokenGeneration++;
    if (on) account.faults.add(fault);
    else account.faults.delete(fault);
  }
}
