import { describe, expect, it } from 'vitest';
import { aCamera, aCandidate, aLease, at, DAY, HOUR, MINUTE, SECOND } from '../../../test/support/builders.js';
import { CameraError, type FailureClass } from '../errors.js';
import {
  decideHandover,
  dependsOnViewers,
  type HandoverDecision,
  type HandoverFacts,
  type ProofAttempt,
} from './handover.js';

const day5 = at(5 * DAY);
const lastSafe = at(7 * DAY - HOUR);
const renewing = aCamera({ lease: aLease(), candidate: aCandidate() });
const proven: ProofAttempt = { outcome: 'proven', at: day5, tracks: null };
const unable: ProofAttempt = { outcome: 'unable', at: day5 };
const error = (failureClass: FailureClass): CameraError =>
  new CameraError('STREAM_NO_PICTURE', failureClass, 'No picture.', { cure: 'Look at the camera.' });
const offline: ProofAttempt = { outcome: 'no-picture', at: day5, tries: 9, error: error('camera-state') };
const broken: ProofAttempt = { outcome: 'no-picture', at: day5, tries: 1, error: error('permanent') };
const flaky = (tries: number): ProofAttempt => ({ outcome: 'no-picture', at: day5, tries, error: error('retry') });

const video = { codec: 'H264', width: 640, height: 360 };
const audio = { codec: 'AAC', sampleRate: 16_000, channels: 1 };
const silent = aCamera({
  mode: 'always-on',
  lease: aLease({ tracks: { video, audio: null } }),
  candidate: aCandidate(),
});
const withSound: ProofAttempt = { outcome: 'proven', at: day5, tracks: { video, audio } };

const table: readonly [string, Partial<HandoverFacts>, HandoverDecision][] = [
  ['nothing is done without a candidate', { camera: aCamera({ lease: aLease() }) }, { action: 'none' }],
  ['a candidate is looked at first', { attempt: null }, { action: 'prove' }],
  [
    'a proven candidate takes over when nobody watches',
    { attempt: proven, viewers: 0 },
    { action: 'promote', reason: 'nobody-watches', proof: 'proven' },
  ],
  [
    'a proven candidate waits while somebody watches',
    { attempt: proven, viewers: 1 },
    { action: 'hold', reason: 'watched', until: at(5 * DAY + 10 * SECOND) },
  ],
  [
    'not knowing who watches counts as watched',
    { attempt: proven, viewers: null },
    { action: 'hold', reason: 'viewers-unknown', until: at(5 * DAY + 10 * SECOND) },
  ],
  [
    'an engine that swaps unnoticed needs no hold',
    { attempt: proven, viewers: 5, swapsUnnoticed: true },
    { action: 'promote', reason: 'unnoticed', proof: 'proven' },
  ],
  [
    'a camera that moves freely waits only for a stream of another kind',
    {
      ...{ attempt: withSound, viewers: null, swapsUnnoticed: false, movesFreely: true },
      camera: { ...silent, mode: 'on-demand' },
    },
    { action: 'hold', reason: 'other-tracks', until: at(5 * DAY + 10 * SECOND) },
  ],
  [
    'a person who asks for the new lease gets it once it is proven, whoever watches',
    { attempt: proven, viewers: 5, asked: true },
    { action: 'promote', reason: 'asked', proof: 'proven' },
  ],
  ['who asks does not get a picture that was not seen', { attempt: null, asked: true }, { action: 'prove' }],
  [
    'a stream with other sound waits until nobody would be dropped',
    { camera: silent, attempt: withSound, viewers: 2 },
    { action: 'hold', reason: 'other-tracks', until: at(5 * DAY + 10 * SECOND) },
  ],
  [
    'a stream with other sound comes when nobody watches',
    { camera: silent, attempt: withSound, viewers: 0 },
    { action: 'promote', reason: 'nobody-watches', proof: 'proven' },
  ],
  [
    'a watched camera is moved at the last safe moment',
    { attempt: proven, viewers: 5, now: lastSafe },
    { action: 'promote', reason: 'last-safe-moment', proof: 'proven' },
  ],
  [
    'a hold ends no later than the last safe moment',
    { attempt: proven, viewers: 5, now: at(7 * DAY - HOUR - SECOND) },
    { action: 'hold', reason: 'watched', until: lastSafe },
  ],
  [
    'an old lease without picture is left at once',
    { camera: aCamera({ lease: aLease({ proof: 'failed' }), candidate: aCandidate() }), attempt: proven, viewers: 3 },
    { action: 'promote', reason: 'no-picture-now', proof: 'proven' },
  ],
  [
    'an offline camera keeps its candidate waiting',
    { attempt: offline },
    { action: 'hold', reason: 'unprovable', until: at(5 * DAY + 5 * MINUTE), fault: error('camera-state') },
  ],
  [
    'an offline camera is looked at again',
    { attempt: offline, now: at(5 * DAY + 5 * MINUTE) },
    { action: 'prove', fault: error('camera-state') },
  ],
  [
    'an offline camera moves unproven at the last safe moment',
    { attempt: offline, now: lastSafe },
    { action: 'promote', reason: 'last-safe-moment', proof: 'unproven' },
  ],
  [
    'a vendor that lets no more streams through keeps the candidate waiting',
    { attempt: { outcome: 'no-picture', at: day5, tries: 9, error: error('quota') } },
    { action: 'hold', reason: 'unprovable', until: at(5 * DAY + 5 * MINUTE), fault: error('quota') },
  ],
  [
    'an engine that is away keeps the candidate waiting',
    { attempt: unable },
    { action: 'hold', reason: 'unprovable', until: at(5 * DAY + 5 * SECOND) },
  ],
  [
    'an engine that stays away does not let the lease die',
    { attempt: unable, now: lastSafe },
    { action: 'promote', reason: 'last-safe-moment', proof: 'unproven' },
  ],
  ['a candidate without picture is rejected', { attempt: broken }, { action: 'reject', error: error('permanent') }],
  [
    'a candidate without picture is rejected at the last safe moment too',
    { attempt: broken, now: lastSafe },
    { action: 'reject', error: error('permanent') },
  ],
  [
    'a passing fault is given another try',
    { attempt: flaky(2) },
    { action: 'hold', reason: 'unprovable', until: at(5 * DAY + 5 * SECOND), fault: error('retry') },
  ],
  [
    'a fault that does not pass rejects the candidate',
    { attempt: flaky(3) },
    { action: 'reject', error: error('retry') },
  ],
  [
    'an empty stream of an offline camera says nothing against its candidate',
    { camera: { ...renewing, status: 'offline' }, attempt: flaky(9) },
    { action: 'hold', reason: 'unprovable', until: at(5 * DAY + 5 * MINUTE), fault: error('retry') },
  ],
  [
    'a candidate takes over at once when the lease has expired, seen or not',
    { attempt: null, now: at(7 * DAY) },
    { action: 'promote', reason: 'expired', proof: 'unproven' },
  ],
  [
    'a candidate takes over at once when there is no lease',
    { camera: aCamera({ candidate: aCandidate() }), attempt: null },
    { action: 'promote', reason: 'no-lease', proof: 'unproven' },
  ],
  ['a candidate that was never looked at is, even late', { attempt: null, now: lastSafe }, { action: 'prove' }],
  [
    'a look that does not come about in time is not waited for',
    { attempt: null, now: at(7 * DAY - HOUR / 2) },
    { action: 'promote', reason: 'last-safe-moment', proof: 'unproven' },
  ],
];

describe('the handover decision', () => {
  it.each(table)('%s', (_name, facts, expected) => {
    const all = {
      camera: renewing,
      viewers: 0,
      swapsUnnoticed: false,
      asked: false,
      attempt: null,
      now: day5,
      ...facts,
    };
    expect(decideHandover(all)).toEqual(expected);
  });

  it('needs to know who watches only where that decides', () => {
    const facts = { camera: renewing, swapsUnnoticed: false, asked: false, now: day5 };
    expect(dependsOnViewers({ ...facts, attempt: proven })).toBe(true);
    for (const attempt of [null, unable, offline, broken]) expect(dependsOnViewers({ ...facts, attempt })).toBe(false);
    expect(dependsOnViewers({ ...facts, attempt: proven, asked: true })).toBe(false);
    expect(dependsOnViewers({ ...facts, attempt: proven, swapsUnnoticed: true })).toBe(false);
  });

  it('looks again within seconds where leases live for seconds', () => {
    const lease = aLease({ expiresAt: at(90 * SECOND) });
    const camera = aCamera({ lease, candidate: aCandidate({ obtainedAt: at(64 * SECOND) }) });
    const facts = { camera, viewers: 1, swapsUnnoticed: false, asked: false, now: at(65 * SECOND) };
    const watched = decideHandover({ ...facts, attempt: { outcome: 'proven', at: at(65 * SECOND), tracks: null } });
    expect(watched).toMatchObject({ action: 'hold', until: at(67 * SECOND) });
    const away = decideHandover({ ...facts, attempt: { ...offline, at: at(65 * SECOND) } });
    expect(away).toMatchObject({ action: 'hold', until: at(70 * SECOND) });
  });
});
