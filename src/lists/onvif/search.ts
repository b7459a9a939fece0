import { sourceNetworks } from '../../core/camera/sourceNetworks.js';
import type { Clock } from '../../core/clock.js';
import type { FoundDevice, NetworkWish } from '../../core/passes/networkReport.js';
import { askDevice } from './device.js';
import { probe } from './probe.js';

/** What the child process is told to do. */
export interface SearchOrder {
  readonly wish: NetworkWish;
  /** `SOURCE_NETWORKS`. */
  readonly networks: string;
}

/** How many devices are asked at a time. */
const WORKERS = 8;

/** Asks the typed addresses, and every device that answers on the local networks. */
export async function search({ wish, networks }: SearchOrder, clock: Clock): Promise<readonly FoundDevice[]> {
  const deps = { clock, networks: sourceNetworks(networks) };
  const typed = wish.addresses.map((address) => [serviceOf(address)]);
  const probed = wish.asksAll ? await probe(clock) : [];
  // The address from which a device answered is likelier to lead there than those that it names.
  const answered = probed.map(({ from, addresses }) => {
    const first = addresses.filter((address) => new URL(address).hostname === from);
    const rest = addresses.filter((address) => !first.includes(address));
    const guess = first.length === 0 ? [`http://${from}/onvif/device_service`] : [];
    return [...first, ...guess, ...rest];
  });
  const left = [...typed, ...answered];
  const found: FoundDevice[] = [];
  const work = async (): Promise<void> => {
    for (let addresses = left.shift(); addresses !== undefined; addresses = left.shift())
      found.push(await askDevice(addresses, wish.login, deps));
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  const byAddress = new Map(found.map((device) => [device.address, device]));
  return [...byAddress.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** `192.168.1.64`, `192.168.1.64:8000` or a whole address, as the address of a device's service. */
export function serviceOf(address: string): string {
  return /^https?:\/\//i.test(address) ? address : `http://${address}/onvif/device_service`;
}
