import type { CloudVendor } from '../src/core/camera/camera.js';
import { fingerprint } from './cloud/fingerprint.js';
import { Fleet, type Region, type SimulatedAccount, type SimulatedCamera, type SimulatedDevice } from './fleet.js';
import type { Sound } from './origin/types.js';

const SEVEN_DAYS_SECONDS = 604_800;
/** In larger fleets cameras share clips: one test picture for each camera would take minutes to encode. */
const OWN_CLIP_LIMIT = 64;
const SHARED_CLIPS = 16;

export interface FleetOptions {
  /** Number of cameras, 1 to 100,000. Default 9. */
  readonly cameras?: number;
  /** `both`: the first half at Hik-Connect, the rest at EZVIZ. Default `hikconnect`. */
  readonly vendor?: CloudVendor;
  /** Default 16 for Hik-Connect (recorders), 1 for EZVIZ. */
  readonly channelsPerDevice?: number;
  /** Accounts that share a vendor's cameras evenly. Default 1. */
  readonly accountsPerVendor?: number;
  /** Default `isgp`. */
  readonly region?: Region;
  /** The same seed gives the same ids, serials and keys. */
  readonly seed?: string;
  /** Names in order; the rest are `Camera 0001` and so on. */
  readonly names?: readonly string[];
  /** Seconds between key frames, for all cameras: 1 to 6. Default 1. */
  readonly keyFrameSeconds?: number;
  /** The sound of all cameras. Default none. */
  readonly sound?: Sound;
  /** B-frames between two other frames, for all cameras. Default none. */
  readonly bFrames?: number;
}

const SERIAL_LETTERS: Readonly<Record<string, string>> = { hikconnect: 'J', ezviz: 'C', acme: 'A' };

/** The code of one call too many, by vendor. */
const TOO_OFTEN: Readonly<Record<string, string>> = { hikconnect: 'EVZ10029', ezviz: '10029', acme: 'E-302' };

/** A fleet of one size, the same each time for the same options. */
export function makeFleet(options: FleetOptions = {}): Fleet {
  const { cameras = 9, vendor = 'hikconnect', accountsPerVendor = 1, region = 'isgp', seed = 'camlease' } = options;
  const vendors: readonly CloudVendor[] = vendor === 'both' ? ['hikconnect', 'ezviz'] : [vendor];
  const homes = vendors.flatMap((each) =>
    Array.from({ length: accountsPerVendor }, (_, at) => makeAccount(seed, each, at, region)),
  );
  let first = 0;
  homes.forEach((account, at) => {
    const prefix = serialPrefix(seed, account.vendor, at);
    const count = Math.ceil((cameras - first) / (homes.length - at));
    const perDevice = options.channelsPerDevice ?? (account.vendor === 'hikconnect' ? 16 : 1);
    for (let done = 0; done < count; done += perDevice) {
      const channels = Math.min(perDevice, count - done);
      const serial = `${prefix}${String(account.devices.length + 1).padStart(5, '0')}`;
      addDevice(seed, account, serial, channels, (channel) => {
        const number = first + done + channel;
        return {
          name: options.names?.[number - 1] ?? `Camera ${String(number).padStart(4, '0')}`,
          keyFrameSeconds: options.keyFrameSeconds ?? 1,
          sound: options.sound ?? 'none',
          bFrames: options.bFrames ?? 0,
          clip: cameras > OWN_CLIP_LIMIT ? `shared-${number % SHARED_CLIPS}` : null,
        };
      });
    }
    first += count;
  });
  return new Fleet(seed, homes);
}

/** The fleet of the demo: nine cameras at both vendors. */
export function demoFleet(): Fleet {
  return makeFleet({
    cameras: 9,
    vendor: 'both',
    seed: 'demo',
    channelsPerDevice: 3,
    names: ['Gate', 'Yard', 'Dock 1', 'Dock 2', 'Lobby', 'Workshop', 'Garden', 'Parking', 'Roof'],
  });
}

function makeAccount(seed: string, vendor: CloudVendor, at: number, region: Region): SimulatedAccount {
  const base = vendor === 'hikconnect' ? 'hikvision' : vendor;
  const name = at === 0 ? base : `${base}-${at + 1}`;
  return {
    name,
    vendor,
    appKey: fingerprint(32, seed, 'key', name),
    secret: fingerprint(32, seed, 'secret', name),
    region,
    tokenLifeSeconds: SEVEN_DAYS_SECONDS,
    defaultLifetimeSeconds: vendor === 'hikconnect' ? 300 : 1800,
    streamCap: null,
    // 950 ms instead of a second: requests that were sent in time may arrive closer together.
    rateLimit: { strict: true, calls: 5, windowMs: 950, code: TOO_OFTEN[vendor] ?? '10029' },
    faults: new Set(),
    tokenGeneration: 0,
    devices: [],
  };
}

function addDevice(
  seed: string,
  account: SimulatedAccount,
  serial: string,
  channels: number,
  describe: (channel: number) => {
    name: string;
    clip: string | null;
    keyFrameSeconds: number;
    sound: Sound;
    bFrames: number;
  },
): void {
  const cameras = Array.from({ length: channels }, (_, index): SimulatedCamera => {
    const channel = index + 1;
    const ref = `${serial}_${channel}`;
    const { name, clip, keyFrameSeconds, sound, bFrames } = describe(channel);
    return {
      ref,
      id: fingerprint(32, seed, 'camera', ref),
      channelId: fingerprint(32, seed, 'channel', ref),
      name,
      serial,
      channel,
      account: account.name,
      clipKey: clip ?? ref,
      faults: new Set(),
      stream: { keyFrameSeconds, sound, newAddressPlays: 'camera', ...(bFrames > 0 && { bFrames }) },
    };
  });
  const only = cameras.length === 1 ? cameras[0]?.name : undefined;
  const device: SimulatedDevice = {
    id: fingerprint(32, seed, 'device', serial),
    serial,
    name: only ?? `Recorder ${account.devices.length + 1}`,
    model: only === undefined ? 'DS-7616NI-K2' : 'CS-C6N-A0-1C2WFR',
    validateCode: fingerprint(6, seed, 'label', serial).toUpperCase(),
    mark: fingerprint(10, seed, 'mark', serial),
    cameras,
  };
  account.devices.push(device);
}

/** The first characters of an account's serials (a letter and eight digits, as on the vendors' labels); different for each account. */
function serialPrefix(seed: string, vendor: CloudVendor, at: number): string {
  const digits = (parseInt(fingerprint(6, seed, 'serial'), 16) + at) % 1000;
  return `${SERIAL_LETTERS[vendor] ?? 'X'}${String(digits).padStart(3, '0')}`;
}
