import { expect, test } from 'vitest';
import { OWN_READ_QUERY, viewersByPath } from './viewers.js';

test('people are counted by path; publishers, idle connections and our own readers are not', () => {
  const viewers = viewersByPath([
    { path: 'gate', query: '', state: 'read' },
    { path: 'gate', query: 'x=1', state: 'read' },
    { path: 'gate', query: `x=1&${OWN_READ_QUERY}`, state: 'read' },
    { path: 'gate', query: '', state: 'publish' },
    { path: '', query: '', state: 'idle' },
    { path: 'yard', query: '', state: 'read' },
  ]);
  expect(Object.fromEntries(viewers)).toEqual({ gate: 2, yard: 1 });
});
