import { describe, expect, it } from 'vitest';
import { aCamera, aCandidate, aLease, at, DAY, HOUR } from '../../test/support/builders.js';
import type { Camera } from './camera.js';
import { desiredStreams, nextStreamEnd } from './streams.js';

const missing = aCamera({ lease: aLease(), status: 'missing', missingSince: at(DAY) });

const table: readonly [string, Camera, Date, boolean][] = [
  ['a living lease is served', aCamera({ lease: aLease() }), at(DAY), true],
  ['an expired lease of a direct camera is not', aCamera({ mode: 'direct', lease: aLease() }), at(7 * DAY), false],
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

  it.each(['on-demand', 'always-on', 'seamless'] as const)(
    'keeps the address of an %s camera without a lease',
    (mode) => {
      const camera = aCamera({ mode, lease: aLease(), candidate: aCandidate({ expiresAt: at(7 * DAY) }) });
      const served = desiredStreams([camera], at(7 * DAY), () => true);
      expect(served.get(camera.id)).toEqual({ mode, inForce: null, candidate: null });
    },
  );

  it.each(['on-demand', 'always-on', 'seamless'] as const)(
    'names the candidate of an %s camera while it is looked at',
    (mode) => {
      const camera = aCamera({ mode, lease: aLease(), candidate: aCandidate() });
      expect(desiredStreams([camera], at(DAY), () => true).get(camera.id)?.candidate).toEqual(camera.candidate);
      expect(desiredStreams([camera], at(DAY), () => false).get(camera.id)?.candidate).toBeNull();
      const direct = { ...camera, mode: 'direct' as const };
      expect(desiredStreams([direct], at(DAY), () => true).get(camera.id)?.candidate).toBeNull();
    },
  );

  it('ends next when the first lease expires or the first grace is over', () => {
    expect(nextStreamEnd([missing, aCamera({ lease: aLease() })], at(DAY))).toEqual(at(DAY + HOUR));
    expect(nextStreamEnd([aCamera({ lease: aLease() })], at(DAY))).toEqual(at(7 * DAY));
    expect(nextStreamEnd([aCamera()], at(DAY))).toBeNull();
    expect(nextStreamEnd([aCamera({ lease: aLease() })], at(7 * DAY))).toBeNull();
  });
});
