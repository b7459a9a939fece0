import { describe, expect, it } from 'vitest';
import { aCamera, aCandidate, aLease, at, aUrlCamera, DAY, HOUR, T0 } from '../../../test/support/builders.js';
import { CAMERA_MODES, type Camera } from '../camera/camera.js';
import { leaseTarget } from './pullTarget.js';
import { desiredStreams, isForRelay, nextStreamEnd } from './streams.js';

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
      const served = desiredStreams([camera], at(7 * DAY), { proving: () => true });
      expect(served.get(camera.id)).toEqual({ mode, inForce: null, candidate: null });
    },
  );

  it.each(CAMERA_MODES)('names the candidate of an %s camera while it is looked at', (mode) => {
    const camera = aCamera({ mode, lease: aLease(), candidate: aCandidate() });
    expect(desiredStreams([camera], at(DAY), { proving: () => true }).get(camera.id)?.candidate).toEqual(
      leaseTarget(aCandidate()),
    );
    expect(desiredStreams([camera], at(DAY), { proving: () => false }).get(camera.id)?.candidate).toBeNull();
  });

  it('says what a relay does beside pulling the camera, where that is not the usual', () => {
    const camera = aCamera({ lease: aLease() });
    const relayingOf = (one: Camera): unknown =>
      desiredStreams([one], at(DAY), { capOf: (account) => (account === 'hikvision' ? 4 : null) }).get(one.id)
        ?.relaying;
    expect(desiredStreams([camera], at(DAY)).get(camera.id)).not.toHaveProperty('relaying');
    expect(relayingOf(camera)).toEqual({ whenGone: 'slate', cap: { group: 'hikvision', most: 4 } });
    expect(relayingOf({ ...camera, whenGone: 'end' })).toMatchObject({ whenGone: 'end', cap: { most: 4 } });
    const others = aCamera({ lease: aLease(), whenGone: 'end', source: { account: null } });
    expect(relayingOf(others)).toEqual({ whenGone: 'end', cap: null });
    // A camera that is pulled all the time is never refused because of other cameras' viewers.
    expect(relayingOf({ ...camera, mode: 'seamless' })).toBeUndefined();
    expect(relayingOf({ ...camera, mode: 'seamless', whenGone: 'end' })).toEqual({ whenGone: 'end', cap: null });
  });

  it.each(CAMERA_MODES)(
    'goes through the relay as %s where its sound is off, which no media server leaves out',
    (mode) => {
      const camera = aCamera({ mode, lease: aLease(), sound: 'off' });
      const stream = desiredStreams([camera], at(DAY)).get(camera.id);
      expect(stream?.relaying).toEqual({ whenGone: 'slate', cap: null, sound: 'off' });
      expect(stream && isForRelay(stream)).toBe(true);
      expect(isForRelay({ mode: 'direct', inForce: leaseTarget(aLease()) })).toBe(false);
    },
  );

  it('has lost a missing camera at the very moment that was given for it, however long its lease lives', () => {
    for (const lifeMs of [3_600_000, 90_001, 600_000]) {
      const lease = aLease({ expiresAt: at(lifeMs) });
      const gone = aCamera({ lease, status: 'missing', missingSince: at(1) });
      const end = nextStreamEnd([gone], at(1));
      expect(desiredStreams([gone], end ?? at(0)).size, `${lifeMs} ms`).toBe(0);
    }
  });

  it('ends next when the first lease expires or the first grace is over', () => {
    expect(nextStreamEnd([missing, aCamera({ lease: aLease() })], at(DAY))).toEqual(at(DAY + HOUR));
    expect(nextStreamEnd([aCamera({ lease: aLease() })], at(DAY))).toEqual(at(7 * DAY));
    expect(nextStreamEnd([aCamera()], at(DAY))).toBeNull();
    expect(nextStreamEnd([aCamera({ lease: aLease() })], at(7 * DAY))).toBeNull();
  });
});

describe('a camera with an address of its own', () => {
  const far = at(9_999 * DAY);

  it.each(CAMERA_MODES)('is served for ever as %s, as a target without an end', (mode) => {
    const camera = aUrlCamera({ mode });
    const { revision } = camera.source;
    const url = 'rtmp://user:secret@127.0.0.1:9/live/yard';
    const inForce = { url, givenBy: 'person', revision, endsAt: null, tracks: null };
    expect(desiredStreams([camera], far).get('yard')).toEqual({ mode, inForce, candidate: null });
    expect(nextStreamEnd([camera], T0)).toBeNull();
    // The engine remembers what it knows of a target by the object.
    expect(desiredStreams([camera], far).get('yard')?.inForce).toBe(desiredStreams([camera], T0).get('yard')?.inForce);
  });

  it.each([{ enabled: false }, { status: 'disabled' as const }])('is not served with %j', (more) => {
    expect(desiredStreams([aUrlCamera(more)], T0).size).toBe(0);
  });

  it('counts against the cap of no account', () => {
    expect(desiredStreams([aUrlCamera()], T0, { capOf: () => 1 }).get('yard')).not.toHaveProperty('relaying');
  });
});
