import { expect, test } from 'vitest';
import { freshMark, isMarkPath, MARK_PATH, markConfig, markOf, type FileMark } from './fileMark.js';

const ALL: readonly FileMark[] = ['hlsSource', 'rtmpSource', 'rtspSource', 'srtSource', 'webRTCSource'];

test('a fresh mark is another one than the last, and none that MediaMTX may have', () => {
  let last: FileMark | null = null;
  const given = ALL.map(() => (last = freshMark(last, new Set())));
  expect(given.toSorted()).toEqual(ALL);
  for (const last of ALL) {
    for (const free of ALL.filter((mark) => mark !== last))
      expect(freshMark(last, new Set(ALL.filter((mark) => mark !== free)))).toBe(free);
    expect(freshMark(last, new Set(ALL))).not.toBe(last);
  }
});

test('a mark is known by its source, and its path by its name', () => {
  for (const mark of ALL) expect(markOf(markConfig(mark).source)).toBe(mark);
  expect(markOf('rtsp://127.0.0.1:1/other')).toBeNull();
  expect(markOf(undefined)).toBeNull();
  expect([MARK_PATH, '_camlease/file-3', '_camlease/marker', 'file-3'].filter(isMarkPath)).toEqual([
    MARK_PATH,
    '_camlease/file-3',
  ]);
});
