import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { Pacer } from './pacer.js';
import type { ReadUnit } from './readUnit.js';

/** Pictures 40 ms apart, as one segment brings them. */
function segment(fromMs: number, seconds = 1): ReadUnit[] {
  return Array.from({ length: seconds * 25 }, (_, at) => ({
    ...{ kind: 'picture', offsetMs: 0, isAnnexB: true, data: Buffer.from([at]) },
    timeMs: fromMs + at * 40,
  }));
}

function startRig(): { clock: TurnedClock; pacer: Pacer; came: number[] } {
  const clock = new TurnedClock();
  const beginMs = clock.monotonicMs();
  const came: number[] = [];
  const pacer = new Pacer(clock, () => came.push(clock.monotonicMs() - beginMs));
  return { clock, pacer, came };
}

const steps = (came: readonly number[]): number[] => came.slice(1).map((ms, at) => Math.round(ms - (came[at] ?? 0)));

describe('the pace of a source that brings seconds at once', () => {
  it('is that of its time stamps, over the end of a segment too', async () => {
    const { clock, pacer, came } = startRig();
    pacer.push(segment(5_000), 1_000, 2_500);
    pacer.push(segment(6_000), 1_000, 2_500);
    expect(came).toEqual([0]);
    await clock.advance(3_000);
    expect([came.length, new Set(steps(came))]).toEqual([50, new Set([40])]);
  });

  it.each([
    ['forward', 900_000],
    ['back', 0],
  ])('goes on one picture later where times jump %s', async (_where, toMs) => {
    const { clock, pacer, came } = startRig();
    pacer.push(segment(5_000), 1_000, 2_500);
    pacer.push(segment(toMs), 1_000, 2_500);
    await clock.advance(3_000);
    expect([came.length, new Set(steps(came))]).toEqual([50, new Set([40])]);
  });

  it('stays as much later as a segment came too late, without a burst', async () => {
    const { clock, pacer, came } = startRig();
    pacer.push(segment(5_000), 1_000, 2_500);
    await clock.advance(1_500);
    pacer.push(segment(6_000), 1_000, 2_500);
    await clock.advance(2_000);
    expect(steps(came).filter((ms) => ms !== 40)).toEqual([540]);
  });

  it('is a little faster while more is held than wanted', async () => {
    const { clock, pacer, came } = startRig();
    for (let at = 0; at < 6; at++) pacer.push(segment(at * 1_000), 1_000, 2_500);
    await clock.advance(1_000);
    expect(came.length).toBeGreaterThan(25);
    expect(Math.min(...steps(came))).toBeGreaterThan(35);
    await clock.advance(6_000);
    expect(came).toHaveLength(150);
  });

  it('lets more be fetched when a segment has gone out', async () => {
    const { clock, pacer } = startRig();
    for (let at = 0; at < 3; at++) pacer.push(segment(at * 1_000), 1_000, 2_500);
    let hasRoom = false;
    void pacer.room(1_000).then(() => (hasRoom = true));
    await clock.advance(900);
    expect([hasRoom, pacer.heldMs]).toEqual([false, 2_000]);
    await clock.advance(200);
    expect([hasRoom, pacer.heldMs]).toEqual([true, 1_000]);
  });

  it('has drained when the last unit has gone out, and at once where nothing waits', async () => {
    const { clock, pacer, came } = startRig();
    await pacer.drained();
    pacer.push(segment(0), 1_000, 2_500);
    let cameByThen = 0;
    void pacer.drained().then(() => (cameByThen = came.length));
    await clock.advance(900);
    expect(cameByThen).toBe(0);
    await clock.advance(100);
    expect(cameByThen).toBe(25);
  });

  it('ends at once', async () => {
    const { clock, pacer, came } = startRig();
    pacer.push(segment(0), 1_000, 2_500);
    pacer.stop();
    await clock.advance(2_000);
    expect(came).toEqual([0]);
  });
});
