import { onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { CloudApi } from '../../../src/cloud/cloudApi.js';
import { createCloudApi } from '../../../src/cloud/vendors/createCloudApi.js';
import type { CloudVendor } from '../../../src/core/camera/camera.js';
import { KEYS, type Answer } from './cloudClientRig.js';
import { axiosHolding, startFakeCloud } from './cloudHarness.js';

/** A client whose calls to the vendor's hosts go to one fake server, which answers by host name. */
export async function vendorHosts(
  vendor: CloudVendor,
  answer: (host: string, path: string) => Answer,
  baseUrls: string[] = [],
) {
  const clock = new TurnedClock();
  const asked: string[] = [];
  const paths: string[] = [];
  const cloud = await startFakeCloud(({ headers, path }) => answer(String(headers['x-host']), path), clock);
  const http = axiosHolding(clock);
  http.interceptors.request.use((config) => {
    const { host, pathname } = new URL(config.url ?? '');
    asked.push(host);
    paths.push(pathname);
    config.url = `${cloud.url}${pathname}`;
    config.headers.set('x-host', host);
    return config;
  });
  const api = createCloudApi(
    { name: 'a', vendor, ...KEYS, baseUrls },
    { clock, random: () => 0, http, extraHosts: [] },
  );
  onTestFinished(() => api.close());
  const check = (): Promise<unknown> =>
    clock.runUntil(
      api.check().then(
        ({ areaDomain }) => areaDomain,
        (thrown: unknown) => thrown,
      ),
    );
  const run = <T>(work: (api: CloudApi) => Promise<T>): Promise<T> => clock.runUntil(work(api));
  return { asked, paths, check, run, clock };
}
