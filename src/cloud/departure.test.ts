import { performance } from 'node:perf_hooks';
import axios from 'axios';
import { expect, it, onTestFinished } from 'vitest';
import { startFakeCloud } from '../../test/support/cloudHarness.js';
import { systemClock } from '../systemClock.js';
import { CloudHttp } from './cloudHttp.js';
import { CallQueue } from './rateLimit.js';

/** Holds up the event loop now and then, repeatably, until the test ends. */
function stallNowAndThen(): void {
  let turn = 0;
  const timer = setInterval(() => {
    const untilMs = performance.now() + ((turn++ * 37) % 5) * 45;
    while (performance.now() < untilMs);
  }, 110);
  onTestFinished(() => clearInterval(timer));
}

it('never lets six requests arrive within 950 ms, on the real clock and with a stalling event loop', async () => {
  const arrivals: number[] = [];
  const cloud = await startFakeCloud(() => {
    arrivals.push(performance.now());
    return { body: {} };
  });
  const http = new CloudHttp(axios.create(), systemClock, []);
  const queue = new CallQueue(systemClock);
  onTestFinished(() => http.close());
  stallNowAndThen();
  const call = (): Promise<unknown> =>
    queue.run('renew', (departed, signal) => http.post({ url: cloud.url, headers: {}, body: '{}', departed, signal }));
  await Promise.all(Array.from({ length: 16 }, call));
  const spans = arrivals.slice(5).map((at, index) => at - (arrivals[index] ?? 0));
  expect(spans).toHaveLength(11);
  expect(Math.min(...spans)).toBeGreaterThan(950);
});
