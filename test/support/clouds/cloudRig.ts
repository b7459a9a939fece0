import { onTestFinished } from 'vitest';
import { makeFleet, startSimulator, TurnedClock, type FleetOptions, type Simulator } from '../../../simulator/index.js';
import type { CloudApi, ListedCamera } from '../../../src/cloud/cloudApi.js';
import { createCloudApi } from '../../../src/cloud/vendors/createCloudApi.js';
import type { CloudVendor } from '../../../src/core/camera/camera.js';
import { CameraError } from '../../../src/core/errors.js';
import { axiosHolding } from './cloudHarness.js';
import { TEST_VENDORS } from './vendors.js';

/** A client, the simulated cloud that it talks to, and the clock of both. */
export interface CloudRig {
  readonly simulator: Simulator;
  readonly clock: TurnedClock;
  readonly api: CloudApi;
  readonly accountName: string;
  /** Runs the work to its end while the clock is turned. */
  readonly run: <T>(work: (api: CloudApi) => Promise<T>) => Promise<T>;
  /** The error with which the work fails; fails the test when the work succeeds. */
  readonly failure: (work: (api: CloudApi) => Promise<unknown>) => Promise<CameraError>;
}

export async function cloudRig(
  vendor: CloudVendor,
  options: FleetOptions & { baseUrls?: (s: Simulator) => string[] } = {},
): Promise<CloudRig> {
  const clock = new TurnedClock();
  const fleet = makeFleet({ cameras: 4, ...options, vendor });
  const simulator = await startSimulator({ fleet, clock, origin: null });
  const account = simulator.accounts.find((each) => each.vendor === vendor);
  if (!account) throw new Error('no account');
  const api = createCloudApi(
    { ...account, ...(options.baseUrls && { baseUrls: options.baseUrls(simulator) }) },
    { clock, random: () => 0.5, http: axiosHolding(clock), extraHosts: simulator.extraHosts, vendors: TEST_VENDORS },
  );
  onTestFinished(async () => {
    api.close();
    await simulator.stop();
  });
  const run: CloudRig['run'] = (work) => clock.runUntil(work(api));
  return {
    simulator,
    clock,
    api,
    accountName: account.name,
    run,
    async failure(work) {
      const thrown: unknown = await run(work).then(
        () => null,
        (error: unknown) => error,
      );
      if (!(thrown instanceof CameraError)) throw new Error('it did not fail with a CameraError', { cause: thrown });
      return thrown;
    },
  };
}

export async function listAll(api: CloudApi): Promise<ListedCamera[]> {
  const all: ListedCamera[] = [];
  for await (const { cameras } of api.listCameras()) all.push(...cameras);
  return all;
}

export async function firstCamera(api: CloudApi): Promise<ListedCamera> {
  const [first] = await listAll(api);
  if (!first) throw new Error('nothing is listed');
  return first;
}

export const refOf = ({ deviceSerial, channel }: ListedCamera): string => `${deviceSerial}_${channel}`;
