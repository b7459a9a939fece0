import { describe, expect, it } from 'vitest';
import { aCamera, aCandidate, aFailure, aLease, at, aUrlCamera, DAY, T0 } from '../../../test/support/builders.js';
import type { Camera } from '../camera/camera.js';
import { cameraLook } from '../outages/cameraLook.js';
import { cameraHealth, liveVerdict, type CameraHealth, type SeenStream } from './health.js';

const leased = aCamera({ lease: aLease() });
const idle: SeenStream = { revision: 1, flow: 'idle' };
const encrypted = aFailure({
  ...{ code: 'EVZ60019', failureClass: 'permanent', nextLookAt: null },
  ...{ message: 'The stream is encrypted.', cure: 'Switch encryption off.' },
});

const table: readonly [string, Camera, SeenStream | null, Partial<CameraHealth>, boolean][] = [
  [
    'a flowing picture is healthy',
    leased,
    { revision: 1, flow: 'flowing' },
    { state: 'healthy', reason: 'FLOWING' },
    true,
  ],
  [
    'a picture that starts is not on air yet',
    leased,
    { revision: 1, flow: 'starting' },
    { state: 'idle', reason: 'STARTING' },
    true,
  ],
  [
    'a camera that is pulled all the time is not said to start for a viewer',
    { ...leased, mode: 'always-on' },
    { revision: 1, flow: 'starting' },
    { sentence: 'The picture is about to start.' },
    true,
  ],
  ['a proven lease that nobody watches is idle', leased, idle, { state: 'idle', reason: 'NOBODY_WATCHES' }, true],
  [
    'a lease that was not looked at is unknown, and may be played',
    aCamera({ lease: aLease({ proof: 'pending', provenAt: null }) }),
    idle,
    { state: 'unknown', reason: 'NOT_PROVEN' },
    true,
  ],
  [
    'a silent media server makes the picture unknown',
    leased,
    null,
    { state: 'unknown', reason: 'NOT_SERVED_YET' },
    true,
  ],
  [
    'a renewal that fails is told while the picture goes on',
    aCamera({ lease: aLease(), failure: encrypted }),
    idle,
    { state: 'failing', reason: 'EVZ60019' },
    true,
  ],
  [
    'a lease that showed no picture is dark, though it lives',
    aCamera({ lease: aLease({ proof: 'failed' }), failure: encrypted }),
    idle,
    { state: 'dark', reason: 'EVZ60019', nextStep: 'Switch encryption off.' },
    false,
  ],
  [
    'a camera that was just found is not known yet',
    aCamera(),
    null,
    { state: 'unknown', reason: 'LEASE_NONE', nextStepAt: T0 },
    false,
  ],
  [
    'a hand-made camera of no account is dark',
    aCamera({ source: { account: null } }),
    null,
    { state: 'dark', reason: 'CAMERA_UNIDENTIFIED', nextStepAt: null },
    false,
  ],
  [
    "a camera that could not be leased carries the vendor's code and cure",
    aCamera({ failure: encrypted }),
    null,
    { state: 'dark', reason: 'EVZ60019', sentence: 'The stream is encrypted.', nextStep: 'Switch encryption off.' },
    false,
  ],
  [
    'an expired lease is dark',
    aCamera({ lease: aLease({ obtainedAt: at(-8 * DAY) }) }),
    null,
    { state: 'dark', reason: 'LEASE_EXPIRED' },
    false,
  ],
  [
    'an offline camera is dark',
    { ...leased, status: 'offline' },
    idle,
    { state: 'dark', reason: 'CAMERA_OFFLINE' },
    false,
  ],
  [
    'a missing camera is dark',
    { ...leased, status: 'missing' },
    idle,
    { state: 'dark', reason: 'CAMERA_MISSING' },
    false,
  ],
  [
    'a camera whose picture stopped is dark, and its failed renewal is named beside it',
    aCamera({ lease: aLease(), failure: encrypted }),
    { revision: 1, flow: 'stopped' },
    {
      state: 'dark',
      reason: 'NOTHING_COMES',
      sentence: expect.stringMatching(/nothing comes.*is encrypted/) as string,
    },
    true,
  ],
  [
    'a camera that its cloud calls offline and whose picture comes all the same is not dark',
    { ...leased, status: 'offline' },
    { revision: 1, flow: 'flowing' },
    {
      state: 'failing',
      reason: 'CAMERA_OFFLINE',
      sentence: 'The picture still plays, but the cloud says that the camera is offline.',
    },
    false,
  ],
  ['a switched off camera is disabled', { ...leased, enabled: false }, idle, { state: 'disabled' }, false],
];

describe('the health of a camera', () => {
  it('does not fail for what a newer try has overtaken', () => {
    const failure = aFailure({ at: at(5 * DAY - 1) });
    const renewing = aCamera({ lease: aLease(), candidate: aCandidate(), failure });
    const flowing: SeenStream = { revision: 1, flow: 'flowing' };
    expect(cameraHealth(renewing, flowing, at(5 * DAY))).toMatchObject({ state: 'healthy', reason: 'FLOWING' });
    const failedSince = { ...renewing, failure: aFailure({ at: at(6 * DAY) }) };
    expect(cameraHealth(failedSince, flowing, at(6 * DAY))).toMatchObject({ state: 'failing' });
  });

  it('leaves the time open where a person has to act', () => {
    const dark = aCamera({ lease: aLease({ proof: 'failed' }), failure: encrypted });
    expect(cameraHealth(dark, idle, at(1)).nextStepAt).toBeNull();
    const offline: Camera = { ...leased, status: 'offline' };
    expect(cameraHealth(offline, idle, at(1))).toMatchObject({
      nextStep: expect.stringContaining('power and network') as string,
      nextStepAt: null,
    });
  });

  it('says when a seamless camera is carried without the relay', () => {
    const seamless = { ...leased, mode: 'seamless' as const };
    const carried = (carrier: 'forward' | 'relay'): string =>
      cameraHealth(seamless, { revision: 1, flow: 'flowing', carrier }, at(1)).reason;
    expect([carried('relay'), carried('forward')]).toEqual(['FLOWING', 'FLOWING_WITHOUT_RELAY']);
  });

  it.each([
    ['flowing', 'healthy'],
    ['idle', 'idle'],
    ['starting', 'idle'],
    ['stopped', 'dark'],
  ] as const)('says of a camera that the relay cannot read that MediaMTX pulls it (%s)', (flow, state) => {
    const said = cameraHealth(leased, { revision: 1, flow, reason: 'protocol' }, at(1));
    expect(said.state).toBe(state);
    expect(said.sentence).toMatch(/MediaMTX pulls the camera itself, because the relay does not understand/);
  });

  it.each(table)('%s', (_name, camera, seen, health, live) => {
    expect(cameraHealth(camera, seen, at(1))).toMatchObject(health);
    expect(liveVerdict(camera, at(1)).live).toBe(live);
  });

  it('gives every camera that is not live a sentence and a cure', () => {
    for (const [, camera] of table) {
      const verdict = liveVerdict(camera, at(1));
      if (verdict.live) continue;
      expect(verdict.message).toMatch(/^(?:[A-Z]|camlease ).*\.$/);
      expect(verdict.cure).toMatch(/\.$/);
    }
  });
});

it('a camera whose sound is off and goes out all the same is not called well', () => {
  const camera = aCamera({ lease: aLease({ proof: 'proven' }), sound: 'off' });
  const seen = { revision: 1, flow: 'flowing' } as const;
  expect(cameraHealth(camera, seen, at(1))).toMatchObject({ state: 'failing', reason: 'SOUND_NOT_OFF' });
  expect(cameraHealth(camera, { ...seen, carrier: 'relay' }, at(1)).state).toBe('healthy');
});

describe('a camera with an address of its own', () => {
  const seen = { revision: 1, flow: 'idle' } as const;
  it.each([
    ['flows', { ...seen, flow: 'flowing' }, 'healthy', 'FLOWING'],
    ['was not seen yet', seen, 'unknown', 'NOT_PROVEN'],
    ['is not served yet', null, 'unknown', 'NOT_SERVED_YET'],
    ['brings nothing', { ...seen, flow: 'stopped' }, 'dark', 'NOTHING_COMES'],
  ] as const)('that %s', (_, stream, state, reason) => {
    const health = cameraHealth(aUrlCamera(), stream, at(9_999 * DAY));
    expect(health).toMatchObject({ state, reason, nextStep: 'camlease opens it in a moment.', nextStepAt: null });
    expect(`${health.sentence} ${health.nextStep}`).not.toMatch(/\b(?:lease|cloud|account)/i);
  });

  it.each([
    ['whose last opening failed is dark, though nobody watches', seen, 'dark', 'What helps: Turn it on.'],
    [
      'whose last opening failed is dark while the media server does not serve it',
      null,
      'dark',
      'What helps: Turn it on.',
    ],
    [
      'whose last opening failed, and whose picture comes, fails',
      { ...seen, flow: 'flowing' },
      'failing',
      'Turn it on.',
    ],
  ] as const)('that %s', (_, stream, state, next) => {
    const failure = { code: 'STREAM_UNREACHABLE', failureClass: 'retry', message: 'The camera is away.' } as const;
    const more = { cure: 'Turn it on.', since: T0, at: T0, attempts: 2, nextLookAt: at(DAY) };
    const camera = aUrlCamera({ failure: { ...failure, ...more } });
    const health = cameraHealth(camera, stream, T0);
    expect(health).toMatchObject({ state, reason: failure.code, nextStepAt: at(DAY) });
    expect(health.nextStep).toContain(next);
    expect(`${health.sentence} ${health.nextStep}`).not.toMatch(/\b(?:lease|cloud|account|renew)/i);
    expect(liveVerdict(camera, T0)).toMatchObject({ live: false, reason: failure.code, cure: 'Turn it on.' });
    const look = cameraLook(camera, stream, T0);
    if (state === 'dark') expect(look).toMatchObject({ kind: 'dark', reason: failure.code, since: T0 });
    else expect(look.kind).toBe('moving');
  });

  it('that opened and is not watched is ready, and says when it was last looked at', () => {
    const { state, sentence } = cameraHealth(aUrlCamera({ source: { openedAt: T0 } }), seen, at(DAY));
    expect([state, sentence]).toEqual(['idle', expect.stringMatching(/Last looked at 2026-01-05 08:00:00 UTC/)]);
  });

  it('is live without a lease, unless the media server refuses it or it is switched off', () => {
    expect(liveVerdict(aUrlCamera(), T0)).toEqual({ live: true });
    const refused = { code: 'ENGINE_REFUSED_ADDRESS', message: 'No.', cure: 'Correct it.' };
    expect(liveVerdict(aUrlCamera(), T0, refused)).toMatchObject({ live: false, reason: refused.code });
    expect(liveVerdict(aUrlCamera({ enabled: false }), T0)).toMatchObject({ reason: 'CAMERA_DISABLED' });
  });
});
