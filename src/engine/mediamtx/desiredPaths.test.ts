import { expect, test } from 'vitest';
import { aLease, streamsOf } from '../../../test/support/mediamtxEngine.js';
import { desiredPaths } from './desiredPaths.js';
import { diffPaths } from './diffPaths.js';
import { pullPath } from './pathConfig.js';

const now = new Date('2026-01-05T08:00:00Z');
const living = { expiresAt: new Date('2026-01-05T09:00:00Z') };

test('a camera with a living lease gets a path that is pulled on demand', () => {
  const { paths, refused } = desiredPaths(
    streamsOf({ gate: aLease({ ...living, url: 'rtmp://h/app/S_1_1?e=1' }) }),
    now,
  );
  expect(paths.get('gate')).toMatchObject({ source: 'rtmp://h/app#S_1_1?e=1', sourceOnDemand: true });
  expect(refused).toEqual([]);
});

test('an expired lease and no lease give no path', () => {
  expect(desiredPaths(streamsOf({ gate: aLease({ expiresAt: now }), yard: null }), now).paths.size).toBe(0);
});

test.each(['_inner', 'all', 'all_others', '~x', '../x', 'a//b', 'a/', '카메라', 'a b', 'a"b'])(
  'a camera with the id %j is refused with a cure, and the others are served',
  (id) => {
    const { paths, refused } = desiredPaths(streamsOf({ [id]: aLease(living), gate: aLease(living) }), now);
    expect([...paths.keys()]).toEqual(['gate']);
    expect(refused).toMatchObject([{ cameraId: id, cure: expect.stringContaining('letters') as string }]);
  },
);

test('a camera whose address cannot be pulled is refused, and the sentence does not hold the address', () => {
  const { refused } = desiredPaths(streamsOf({ gate: aLease({ ...living, url: 'http://secret.example/x' }) }), now);
  expect(refused).toHaveLength(1);
  expect(JSON.stringify(refused)).not.toContain('secret');
});

test('the difference removes first, and leaves alone what is the same', () => {
  const a = pullPath('rtmp://h/a#1', 'watched');
  const b = pullPath('rtmp://h/a#2', 'watched');
  const changes = diffPaths(
    new Map(Object.entries({ gone: a, same: a, other: a })),
    new Map(Object.entries({ new: a, same: a, other: b })),
  );
  expect(changes).toEqual([
    { action: 'remove', name: 'gone' },
    { action: 'add', name: 'new', config: a },
    { action: 'replace', name: 'other', config: b },
  ]);
});
