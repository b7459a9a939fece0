import { expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { HOUR } from '../../../test/support/builders.js';
import { sqliteHarness } from '../../../test/support/store/storeHarness.js';
import { AlertWindows, MOST_NAMES, MOST_WINDOWS } from './alertWindows.js';

async function windowsOf() {
  const harness = await sqliteHarness();
  onTestFinished(() => harness.close());
  const { records } = await harness.open();
  const clock = new TurnedClock();
  let ids = 0;
  const windows = new AlertWindows({ clock, records, newId: () => `window-${++ids}` });
  const now = clock.now();
  const add = (cameras: number, weekly = true) =>
    windows.add({
      ...{ from: now, to: new Date(now.getTime() + HOUR), weekly, everything: cameras === 0, note: 'Works' },
      cameraIds: Array.from({ length: cameras }, (_, index) => String(index).padStart(24, '0')),
      ...{ labels: [], accounts: [] },
    });
  return { windows, clock, add };
}

it('there are so few maintenance windows that their list stays short, however many come at once', async () => {
  const { windows, add } = await windowsOf();
  const added = await Promise.allSettled(Array.from({ length: MOST_WINDOWS + 30 }, () => add(0)));
  const refused = added.filter((one) => one.status === 'rejected');
  expect(refused).toHaveLength(30);
  expect(refused[0]?.reason).toMatchObject({
    code: 'MAINTENANCE_FULL',
    cure: expect.stringContaining('End windows') as string,
  });
  expect(await windows.list()).toHaveLength(MOST_WINDOWS);
});

it('they name so few cameras together that the list stays below a megabyte', async () => {
  const { windows, add } = await windowsOf();
  for (let filled = 0; filled < MOST_NAMES; filled += 1_000) await add(1_000);
  await expect(add(1)).rejects.toMatchObject({ code: 'MAINTENANCE_FULL' });
  expect(JSON.stringify(await windows.list()).length).toBeLessThan(1_000_000);
});

it('there is room again when windows are over or ended', async () => {
  const { windows, clock, add } = await windowsOf();
  for (let count = 0; count < MOST_WINDOWS; count++) await add(1, false);
  const [first] = await windows.list();
  await windows.remove(first?.id ?? '');
  await add(1);
  await expect(add(1)).rejects.toMatchObject({ code: 'MAINTENANCE_FULL' });
  await clock.advance(2 * HOUR);
  await add(1);
  expect(await windows.list()).toHaveLength(2);
});
