import { describe, expect, it } from 'vitest';
import type { Log } from '../observe/logger.js';
import { cronSchedule } from './schedule.js';

const said: string[] = [];
const keep = (message: string): void => void said.push(message);
const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: () => log };

describe('the schedule', () => {
  it('says plainly which expression cannot be read', () => {
    expect(() => cronSchedule(log)('renew', 'every day', async () => undefined)).toThrow(
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
    const scheduled = cronSchedule(log)('renew', '* * * * * *', run);
    // Real seconds: node-cron has no clock to be turned. Bounded by the test's own limit.
    while (scheduled.skipped === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    scheduled.stop();
    finish();
    expect(runs).toBe(2);
    expect(said).toContain('A tick of renew failed: the first run fails');
  });
});
