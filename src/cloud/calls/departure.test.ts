import { performance } from 'node:perf_hooks';
import axios from 'axios';
import { expect, it, onTestFinished } from 'vitest';
import { startFakeCloud } from '../../../test/support/clouds/cloudHarness.js';
import { systemClock } from '../../systemClock.js';
import { CloudHttp } from './cloudHttp.js';
import { CallQueue } from './rateLimit.js';

/** Blocks the event loop. */
function stall(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
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
  const call = (index: number): Promise<unknown> =>
    queue.run('renew', (departed, signal) => {
      const reply = http.post({ url: cloud.url, headers: {}, body: '{}', departed, signal });
      // The request was made and its turn is spent, but no byte of it has left yet.
      if (index % 7 === 0) stall(300);
      return reply;
    });
  await Promise.all(Array.from({ length: 16 }, (_, index) => call(index)));
  const spans = arrivals.slice(5).map((at, index) => at - (arrivals[index] ?? 0));
  expect(spans).toHaveLength(11);
  expect(Math.min(...spans)).toBeGreaterThan(950);
});
