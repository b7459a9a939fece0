import { beforeAll, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { loadAv, type Av } from '../av.js';
import type { VideoUnit } from '../formats/units.js';
import { Turns } from '../turns.js';
import { emptyPicture } from './picture.js';
import { encodeClip, type SlateClip } from './slateClip.js';
import type { StandInRules } from '../../core/streams/standInRules.js';
import { StandIn } from './standIn.js';

const RELAYED: StandInRules = { whenCold: false, silentMs: 4_000, labelledMs: 5_000, longestMs: 60_000 };
const ALWAYS_ON: StandInRules = { whenCold: true, silentMs: 1_500, labelledMs: 0, longestMs: null };

describe.skipIf(!nodeAvFor('what stands in for a camera'))('what stands in for a camera', () => {
  let av: Av;
  let clip: SlateClip;

  beforeAll(async () => {
    av = await loadAv();
    const picture = emptyPicture(av, 640, 360, av.constants.AV_PIX_FMT_YUV420P);
    clip = await encodeClip(av, picture, 10);
    picture.free();
  });

  /** A camera that sent one key frame at zero. */
  function standsIn(rules: StandInRules) {
    const clock = new TurnedClock();
    const shown: VideoUnit[] = [];
    const log: string[] = [];
    const standIn = new StandIn(
      {
        av,
        clock,
        encodings: new Turns(1),
        timeZone: 'UTC',
        begin: () => log.push(`begins at ${clock.monotonicMs()}`),
        push: (unit) => shown.push(unit),
        over: () => log.push('over'),
      },
      null,
    );
    const [data = Buffer.alloc(0)] = clip.frames;
    const key: VideoUnit = { kind: 'video', config: clip.config, dts: 0, pts: 0, keyFrame: true, data };
    standIn.follow(rules);
    standIn.see(key);
    const isLabelled = () => shown.at(-1)?.config !== clip.config;
    return { clock, shown, log, standIn, key, isLabelled };
  }

  it('is its last key frame, once a second, and after five seconds a picture with a label', async () => {
    const { clock, shown, log, standIn, key, isLabelled } = standsIn(RELAYED);
    standIn.sourceEnded();
    await clock.advance(4_000);
    expect(log).toEqual(['begins at 800']);
    expect(shown.map(({ data }) => data === key.data)).toEqual([true, true, true, true]);
    await clock.advance(1_200);
    await expect.poll(() => log.length).toBe(2);
    expect(isLabelled()).toBe(true);
    const seen = standIn.lastSeen(null);
    expect([seen?.key === key, seen?.at]).toEqual([true, new Date('2026-01-05T08:00:00Z')]);
  });

  it('has its label at once for a camera that is always on', async () => {
    const { clock, shown, standIn, isLabelled } = standsIn(ALWAYS_ON);
    standIn.sourceEnded();
    await clock.advance(1_000);
    await expect.poll(() => shown.length).toBeGreaterThan(0);
    expect(isLabelled()).toBe(true);
  });

  it('waits longer for one whose connection stands, and is not shown when pictures come meanwhile', async () => {
    const { clock, log, standIn, key } = standsIn(RELAYED);
    await clock.advance(3_800);
    standIn.see({ ...key, dts: 9_000, keyFrame: false });
    await clock.advance(3_800);
    expect(log).toEqual([]);
    await clock.advance(400);
    expect(log).toEqual(['begins at 7800']);
  });

  it('ends after a minute where that is wanted, and has nothing left to show', async () => {
    const { clock, log, standIn } = standsIn(RELAYED);
    standIn.sourceEnded();
    await clock.advance(60_000);
    expect(log).not.toContain('over');
    await clock.advance(1_000);
    expect(log).toContain('over');
    expect([standIn.shown, standIn.willShow, standIn.lastSeen(null)]).toEqual([false, false, null]);
    const { clock: other, log: otherLog, standIn: goesOn } = standsIn({ ...RELAYED, longestMs: null });
    goesOn.sourceEnded();
    await other.advance(600_000);
    expect(otherLog).not.toContain('over');
    expect(goesOn.shown).toBe(true);
  });
});
