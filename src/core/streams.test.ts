import { describe, expect, it } from 'vitest';
import { aCamera, aLease, at, DAY, HOUR } from '../../test/support/builders.js';
import type { Camera } from './camera.js';
import { desiredStreams, nextStreamEnd } from './streams.js';

const missing = aCamera({ lease: aLease(), status: 'missing', missingSince: at(DAY) });

const table: readonly [string, Camera, Date, boolean][] = [
  ['a living lease is served', aCamera({ lease: aLease() }), at(DAY), true],
  ['an expired lease is not', aCamera({ lease: aLease() }), at(7 * DAY), false],
  ['a camera without a lease is not', aCamera(), at(DAY), false],
  ['a switched off camera is not', aCamera({ lease: aLease(), enabled: false }), at(DAY), false],
  ['a camera of status disabled is not', aCamera({ lease: aLease(), status: 'disabled' }), at(DAY), false],
  [
    'an offline camera is, it may be back at any moment',
    aCamera({ lease: aLease(), status: 'offline' }),
    at(DAY),
    true,
  ],
  ['a missing camera is, for an hour', missing, at(DAY + HOUR - 1), true],
  ['a missing camera is not after an hour', missing, at(DAY + HOUR), false],
];

describe('what is served', () => {
  it.each(table)('%s', (_name, camera, now, served) => {
    expect(desiredStreams([camera], now).has(camera.id)).toBe(served);
  });

  it('ends next when the first lease expires or the first grace is over', () => {
    expect(nextStreamEnd([missing, aCamera({ lease: aLease() })], at(DAY))).toEqual(at(DAY + HOUR));
    expect(nextStreamEnd([aCamera({ lease: aLease() })], at(DAY))).toEqual(at(7 * DAY));
    expect(nextStreamEnd([aCamera()], at(DAY))).toBeNull();
  });
});
