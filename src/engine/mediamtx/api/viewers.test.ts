import { expect, test } from 'vitest';
import { viewersByPath } from './viewers.js';

test('people are counted by path; publishers, idle connections and our own readers are not', () => {
  const viewers = viewersByPath([
    { path: 'gate', isOurs: false, state: 'read' },
    { path: 'gate', isOurs: false, state: 'read' },
    { path: 'gate', isOurs: true, state: 'read' },
    { path: 'gate', isOurs: false, state: 'publish' },
    { path: '', isOurs: false, state: 'idle' },
    { path: 'yard', isOurs: false, state: 'read' },
    { path: '_lease/yard/2', isOurs: false, state: 'read' },
  ]);
  expect(Object.fromEntries(viewers)).toEqual({ gate: 2, yard: 1 });
});
