import { describe, expect, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { feederPath, leasePathName, type PathConfigs } from '../paths/pathConfig.js';
import type { KeyFrameTimes } from './keyFrameMoment.js';
import { MoveMoment } from './moveMoment.js';

const LONG_MS = 10_000;

function paths(forwarding: number, ...others: readonly number[]): PathConfigs {
  const feeder = (revision: number): string => leasePathName('yard', revision);
  return new Map([
    [feeder(forwarding), feederPath(`rtmp://127.0.0.1/live#${forwarding}`, 'rtsp://127.0.0.1:8554/yard')],
    ...others.map((revision) => [feeder(revision), feederPath(`rtmp://127.0.0.1/live#${revision}`, null)] as const),
  ]);
}

type BeginsAfterMs = (before: PathConfigs, desired: PathConfigs, isOver?: () => boolean) => Promise<number>;

/** Feeder 8 had a key frame 300 ms ago, and has one every second. */
function rig(known = true): { clock: TurnedClock; moment: MoveMoment; beginsAfterMs: BeginsAfterMs } {
  const clock = new TurnedClock();
  const rhythm: KeyFrameTimes = { lastKeyFrameMs: clock.monotonicMs() - 300, intervalMs: 1_000 };
  const keyFramesOf = (name: string): KeyFrameTimes | null =>
    known && name === leasePathName('yard', 8) ? rhythm : null;
  const moment = new MoveMoment({ clock, keyFramesOf });
  async function beginsAfterMs(before: PathConfigs, desired: PathConfigs, isOver = () => false): Promise<number> {
    const askedMs = clock.monotonicMs();
    const begunMs: number[] = [];
    const coming = moment.come(before, desired, isOver).then(() => begunMs.push(clock.monotonicMs()));
    for (let ms = 0; ms < LONG_MS && begunMs.length === 0; ms += 10) await clock.advance(10);
    await coming;
    return (begunMs[0] ?? Number.NaN) - askedMs;
  }
  return { clock, moment, beginsAfterMs };
}

describe('a write that moves a camera', () => {
  test('begins so that the new feeder is there 140 ms before its key frame', async () => {
    const { moment, beginsAfterMs } = rig();
    for (const ms of [900, 80, 70, 80, 90]) moment.wrote(ms);
    // In 700 ms comes the key frame, and a write usually takes 80 ms.
    expect(await beginsAfterMs(paths(7, 8), paths(8))).toBeCloseTo(480, -2);
  });

  test('waits for the key frame after next when the next cannot be reached any more', async () => {
    const { moment, beginsAfterMs } = rig();
    for (const ms of [900, 900, 900]) moment.wrote(ms);
    expect(await beginsAfterMs(paths(7, 8), paths(8))).toBeCloseTo(660, -2);
  });

  test('begins at once when nothing is known of the feeder, or nobody is moved', async () => {
    expect(await rig(false).beginsAfterMs(paths(7, 8), paths(8))).toBe(0);
    expect(await rig().beginsAfterMs(paths(8, 7), paths(8))).toBe(0);
    expect(await rig().beginsAfterMs(new Map(), paths(8))).toBe(0);
  });

  test('is not held up any longer when something cannot wait', async () => {
    const { clock, beginsAfterMs } = rig();
    const urgentMs = clock.monotonicMs() + 200;
    const waitedMs = await beginsAfterMs(paths(7, 8), paths(8), () => clock.monotonicMs() >= urgentMs);
    expect(waitedMs).toBeGreaterThanOrEqual(200);
    expect(waitedMs).toBeLessThan(300);
  });
});
