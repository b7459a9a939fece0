import { describe, expect, it } from 'vitest';
import { SegmentList } from './segmentList.js';

describe('a list of segments', () => {
  it('names the newest, keeps some more, and counts the discontinuities that have passed', () => {
    const list = new SegmentList({ first: 7, listed: 2, segmentMs: 2_000 });
    const add = (isFresh = false): void =>
      list.add({ isFresh, body: Buffer.from(String(isFresh)), durationMs: isFresh ? 2_700 : 2_000 });
    add(true);
    add();
    add(true);
    expect(list.render().split('\n')).toEqual([
      ...['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:3', '#EXT-X-MEDIA-SEQUENCE:8'],
      ...['#EXT-X-DISCONTINUITY-SEQUENCE:7', '#EXTINF:2.000,', 'segment_008.ts'],
      ...['#EXT-X-DISCONTINUITY', '#EXTINF:2.700,', 'segment_009.ts', ''],
    ]);
    for (let more = 0; more < 5; more++) add();
    expect(list.render()).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:8\n#EXTINF:2.000,\nsegment_013.ts\n');
    expect([list.segment('segment_008.ts'), list.segment('segment_009.ts')?.toString()]).toEqual([null, 'true']);
  });
});
