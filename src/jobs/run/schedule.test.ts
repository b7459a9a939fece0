import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../../observe/logger.js';
import { systemClock } from '../../systemClock.js';
import { cronSchedule } from './schedule.js';

const said: string[] = [];
const keep = (message: string): void => void said.push(message);
const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: () => log };

describe('the schedule', () => {
  it('says plainly which expression cannot be read', () => {
    expect(() => cronSchedule(log, systemClock)('renew', 'every day', async () => undefined)).toThrow(
      /^The schedule of renew, "every day", cannot be read/,
    );
  });

  it('runs at its times, skips and counts what would overlap, and goes on after a fault', async () => {
    let runs = 0;
    let finish = (): void => undefined;
    const run = async (): Promise<void> => {
      runs += 1;
      if (runs === 1) throw new Error('the first run fails');
      await new Promise<void>((resolve) => (finish = resolve));
    };
    const scheduled = cronSchedule(log, systemClock)('renew', '* * * * * *', run);
    // Real seconds, because node-cron takes no clock that a test could set; bounded by the test's own limit.
    while (scheduled.skipped === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    scheduled.stop();
    finish();
    expect(runs).toBe(2);
    expect(said).toContain('A scheduled run of renew failed: the first run fails');
  });

  describe('of a machine whose clock is set', () => {
    afterEach(() => vi.useRealTimers());

    it.each([
      ['a day back', -86_400_000],
      ['eight days ahead', 8 * 86_400_000],
    ])('%s goes on within seconds, once for each of its times', async (_, jumpMs) => {
      // node-cron reads the machine's own clock.
      vi.useFakeTimers({ now: new Date('2026-01-05T08:00:00Z') });
      let runs = 0;
      const run = (): Promise<void> => {
        runs += 1;
        return Promise.resolve();
      };
      const scheduled = cronSchedule(log, systemClock)('renew', '*/10 * * * * *', run);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(runs).toBe(6);
      vi.setSystemTime(Date.now() + jumpMs);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(runs).toBeGreaterThanOrEqual(11);
      expect(runs).toBeLessThanOrEqual(13);
      scheduled.stop();
    });
  });
});
