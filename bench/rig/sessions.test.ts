import { expect, test } from 'vitest';
import { wasDropped, type ListedSession } from './sessions.js';

const session = (id: string, query: string, transport: ListedSession['transport'] = 'hls'): ListedSession => ({
  ...{ id, query, transport, path: 'gate' },
});

test('a player whose session has another id was dropped, one of whom it is listed still was not', () => {
  const before = [session('a', 'player=1'), session('b', 'player=2')];
  const plain = { kind: 'plain-hls', tag: 'player=1' } as const;
  expect(wasDropped(before, [session('a', 'player=1'), session('c', 'player=2')], plain)).toBe(false);
  expect(wasDropped(before, [session('d', 'player=1'), session('b', 'player=2')], plain)).toBe(true);
  expect(wasDropped(before, [session('b', 'player=2')], plain)).toBe(true);
});

test('our page is told by its transport, and a session of a page that was closed before may go', () => {
  const before = [session('old', ''), session('a', ''), session('w', '', 'webrtc'), session('b', 'player=2')];
  const after = [session('a', ''), session('x', '', 'webrtc')];
  expect(wasDropped(before, after, { kind: 'page-hls', tag: null })).toBe(false);
  expect(wasDropped(before, after, { kind: 'page-webrtc', tag: null })).toBe(true);
});
