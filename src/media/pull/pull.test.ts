import { describe, expect, it } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import type { Clock } from '../../core/clock.js';
import { systemClock } from '../../systemClock.js';
import { loadAv } from '../av.js';
import type { Segment } from '../formats/segmenter.js';
import { Turns } from '../turns.js';
import { Pull } from './pull.js';

/** A minute passes in six seconds. */
const TIMES = 10;
const fast: Clock = {
  now: () => systemClock.now(),
  monotonicMs: () => systemClock.monotonicMs() * TIMES,
  after: (ms, run) => systemClock.after(ms / TIMES, run),
};

describe.skipIf(!nodeAvFor('a pull that ends its stream'))('a pull', () => {
  it('ends its stream where that is wanted when the camera is gone for a minute, and begins anew when it is back', async () => {
    let isDark = false;
    const origin = await startOrigin({
      clock: systemClock,
      lookup: () => ({ play: isDark ? 'refuse' : 'camera', cameraName: 'Yard', clipKey: 'yard', sound: 'aac' }),
    });
    const segments: Segment[] = [];
    let gone = 0;
    const pull = new Pull({
      av: await loadAv(),
      clock: fast,
      encodings: new Turns(1),
      timeZone: 'UTC',
      segmentMs: null,
      lastSeen: null,
      onSegment: (segment) => segments.push(segment),
      onGone: () => gone++,
    });
    const rules = { whenCold: false, silentMs: 15_000, labelledMs: 5_000, longestMs: 60_000 };
    const waits = { timeout: 15_000 };
    pull.setSource({ url: origin.rtmpUrl('live', 'yard'), revision: 1 }, rules);
    await expect.poll(() => segments.length, waits).toBeGreaterThan(1);

    isDark = true;
    origin.cut(() => true);
    await expect.poll(() => pull.state(), waits).toMatchObject({ flowing: false, standsIn: true, reason: 'refused' });
    expect(gone).toBe(0);
    await expect.poll(() => gone, waits).toBe(1);
    expect(pull.state()).toMatchObject({ standsIn: false });
    expect(pull.lastSeen()).toBeNull();
    await expect(pull.arrived(null, 10_000, new AbortController().signal)).rejects.toMatchObject({
      code: 'STREAM_REFUSED',
    });

    isDark = false;
    const before = segments.length;
    await expect.poll(() => segments.length, waits).toBeGreaterThan(before);
    expect(segments[before]?.init).not.toBeNull();
    pull.close();
    await origin.stop();
  });
});
