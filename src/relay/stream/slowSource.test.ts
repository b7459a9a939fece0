import { describe, expect, it } from 'vitest';
import {
  rising,
  startStreamRig,
  target,
  told,
  Watcher,
  type StreamRig,
} from '../../../test/support/relay/streamRig.js';

interface SlowRig extends StreamRig {
  readonly watcher: Watcher;
  /** Pictures `stepMs` apart, of which each `keyEach`th is a key frame; their second byte counts them. */
  readonly slowly: (pictures: number, stepMs: number, keyEach: number) => Promise<void>;
}

async function slowStream(): Promise<SlowRig> {
  const rig = startStreamRig();
  rig.stream.setCamera(told(target(1)));
  const watcher = new Watcher(rig.stream).play();
  rig.last().setUp();
  rig.last().picture(true, { byte: 0 });
  let count = 0;
  return {
    ...{ ...rig, watcher },
    slowly: async (pictures, stepMs, keyEach) => {
      for (let at = 0; at < pictures; at++) {
        await rig.clock.advance(stepMs);
        count += 1;
        rig.last().picture(count % keyEach === 0, { stepMs, byte: count });
      }
    },
  };
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

describe('a camera that sends few pictures', () => {
  it.each([
    [1_000, 10],
    [4_000, 10],
    [15_000, 3],
  ])('of one each %i ms is shown whole, one of %i a key frame', async (stepMs, keyEach) => {
    const rig = await slowStream();
    await rig.slowly(12, stepMs, keyEach);
    const ofSource = Array.from({ length: 13 }, (_, at) => `${at % keyEach === 0 ? '65' : '41'}${hex(at)}`);
    // Each picture of the camera goes out; between two of them nothing but those behind the latest key frame, from that on.
    expect([...new Set(rig.watcher.pictures)]).toEqual(ofSource);
    let upTo = 0;
    const shown = rig.watcher.pictures;
    for (let at = 1; at < shown.length; at++) {
      const now = Number.parseInt(shown[at]?.slice(2) ?? '', 16);
      const before = Number.parseInt(shown[at - 1]?.slice(2) ?? '', 16);
      const isNext = now === before + 1;
      const isAgain = before === upTo && now === upTo - (upTo % keyEach);
      expect([at, isNext || isAgain]).toEqual([at, true]);
      upTo = Math.max(upTo, now);
    }
    expect([rig.stream.state, rising(rig.watcher), rig.pulls.length]).toEqual(['live', true, 1]);
  });

  it('keeps players alive with a picture each three seconds at least', async () => {
    const rig = await slowStream();
    await rig.slowly(5, 9_000, 4);
    const times = rig.watcher.frames.flatMap((frame) => (frame.kind === 'picture' ? [frame.presentMs] : []));
    const gaps = times.slice(4).map((ms, at) => ms - (times[at + 3] ?? ms));
    expect(Math.max(...gaps)).toBeLessThan(3_000);
  });

  it('tells its rhythm, and is not pulled anew while it keeps it', async () => {
    const rig = await slowStream();
    await rig.slowly(4, 15_000, 8);
    expect(rig.stream.seen()).toMatchObject({ state: 'live', slowStepMs: 15_000 });
    await rig.clock.advance(70_000);
    expect([rig.stream.state, rig.pulls.length]).toEqual(['live', 1]);
    // Five of its steps later it is gone.
    await rig.clock.advance(10_000);
    expect(rig.pulls.length).toBeGreaterThan(1);
  });

  it('is the exception: a usual one that stalls shows its last key frame, and goes on at the next one', async () => {
    const rig = await slowStream();
    await rig.slowly(25, 40, 10);
    await rig.clock.advance(3_000);
    rig.last().picture(false, { stepMs: 3_000, byte: 99 });
    expect(rig.watcher.pictures.slice(-2)).toEqual([`41${hex(25)}`, `65${hex(20)}`]);
    expect(rig.stream.seen()).not.toHaveProperty('slowStepMs');
  });
});
