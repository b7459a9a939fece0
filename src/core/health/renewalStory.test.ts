import { describe, expect, it } from 'vitest';
import { aCamera, aCandidate, aFailure, aLease, at, DAY, HOUR, MINUTE } from '../../../test/support/builders.js';
import type { Camera } from '../camera/camera.js';
import { HOLD_REASONS, MOVE_REASONS, type HandoverDecision } from '../handover/handover.js';
import { cameraHealth, type SeenStream } from './health.js';
import { renewalStory, type RenewalStory } from './renewalStory.js';

const leased = aCamera({ lease: aLease() });
const renewing = aCamera({ lease: aLease(), candidate: aCandidate() });
const forcedAt = at(7 * DAY - HOUR);
const now = at(6 * DAY);
const flowing: SeenStream = { revision: 1, flow: 'flowing' };

const refused = aFailure({
  ...{ code: 'STREAM_H265', failureClass: 'permanent', attempts: 3, since: at(5 * DAY), at: at(5.5 * DAY) },
  ...{ message: 'The camera sends H.265, which browsers cannot play.', cure: 'Set it to H.264.', nextLookAt: null },
});
const passing = aFailure({ at: at(6 * DAY - MINUTE), nextLookAt: at(6 * DAY + MINUTE), cure: 'Look at the network.' });

function hold(reason: Extract<HandoverDecision, { action: 'hold' }>['reason']): HandoverDecision {
  return { action: 'hold', reason, until: at(6 * DAY + 10_000) };
}

function promote(reason: Extract<HandoverDecision, { action: 'promote' }>['reason']): HandoverDecision {
  return { action: 'promote', reason, proof: 'proven' };
}

const table: readonly [string, Camera, HandoverDecision | null, Date, Partial<RenewalStory>][] = [
  [
    'a good lease rests until its day',
    leased,
    null,
    at(DAY),
    {
      ...{ state: 'resting', reason: 'fresh', sentence: 'Lease 1 is good: it brought a picture.' },
      ...{ nextStep: 'camlease renews the lease.', nextStepAt: at(5 * DAY), forcedAt: null },
    },
  ],
  [
    'a lease that was not looked at is not said to be good',
    aCamera({ lease: aLease({ proof: 'pending', provenAt: null }) }),
    null,
    at(1),
    { state: 'resting', sentence: 'Lease 1 is in force; its picture has not been checked yet.' },
  ],
  ['a camera without a lease is due', aCamera(), null, at(0), { state: 'due', reason: 'no-lease', nextStepAt: at(0) }],
  ['a lease is due on its day', leased, null, at(5 * DAY), { state: 'due', reason: 'due', nextStepAt: at(5 * DAY) }],
  ['an expired lease is due', leased, null, at(8 * DAY), { state: 'due', reason: 'expired' }],
  [
    'a candidate nobody looked at is being proven',
    renewing,
    null,
    now,
    { state: 'proving', reason: 'prove', nextStepAt: null, forcedAt },
  ],
  [
    'a candidate that follows a refused one is being proven, and the refusal is still told',
    { ...renewing, failure: refused },
    null,
    now,
    {
      state: 'proving',
      sentence:
        'Lease 2 was obtained; camlease checks its picture before it is used. The previous try failed: The camera sends H.265, which browsers cannot play.',
    },
  ],
  [
    'a watched camera waits until nobody watches, or its last safe moment',
    renewing,
    hold('watched'),
    now,
    {
      ...{ state: 'held', reason: 'watched', nextStepAt: forcedAt, forcedAt },
      sentence: 'Lease 2 is proven. It waits because somebody watches, and the switch would interrupt the picture.',
      nextStep:
        'Lease 2 takes over as soon as nobody watches, at the latest shortly before lease 1 expires, even if somebody watches then.',
    },
  ],
  [
    'a candidate that nobody could look at is not said to be proven',
    renewing,
    hold('unprovable'),
    now,
    {
      ...{ state: 'failing', reason: 'unprovable', nextStepAt: at(6 * DAY + 10_000), forcedAt },
      sentence: 'Lease 2 was obtained, but its picture could not be checked yet.',
    },
  ],
  [
    'a candidate that takes over says why',
    renewing,
    promote('asked'),
    now,
    {
      state: 'taking-over',
      reason: 'asked',
      sentence: 'Lease 2 takes over: a person asked for it now.',
      forcedAt: null,
    },
  ],
  [
    'a rejected renewal says what, how often, the cure, and that the lease goes on until when',
    { ...leased, failure: refused },
    null,
    at(5.6 * DAY),
    {
      ...{ state: 'failing', reason: 'STREAM_H265', nextStepAt: forcedAt, forcedAt: null },
      sentence:
        'Getting a new lease failed 3 times since 2026-01-10 08:00:00 UTC: The camera sends H.265, which browsers cannot play. Lease 1 stays in force until 2026-01-12 08:00:00 UTC.',
      nextStep: 'Set it to H.264. Then renew the camera; otherwise camlease asks the cloud only at the planned time.',
    },
  ],
  [
    'a passing fault says when it is tried again',
    { ...leased, failure: passing },
    null,
    now,
    {
      ...{ state: 'failing', reason: 'CLOUD_TIMEOUT', nextStepAt: at(6 * DAY + MINUTE) },
      nextStep: 'camlease asks the cloud again. What helps: Look at the network.',
    },
  ],
  [
    'a cure that says the same is not said twice',
    {
      ...leased,
      failure: {
        ...passing,
        cure: "camlease tries again by itself. If it stays, check this machine's internet connection.",
      },
    },
    null,
    now,
    { nextStep: "camlease asks the cloud again. If it stays, check this machine's internet connection." },
  ],
  [
    'a first lease that the cloud refuses for good waits for a person',
    aCamera({ failure: refused }),
    null,
    now,
    {
      state: 'failing',
      nextStep: 'Set it to H.264. Then renew the camera: camlease does not try again until something changes.',
      nextStepAt: null,
    },
  ],
  [
    'a renewal that is tried again tells what went wrong before',
    { ...leased, failure: passing },
    null,
    at(6 * DAY + HOUR),
    {
      state: 'due',
      reason: 'retry',
      nextStep: 'camlease asks the cloud for a new lease when it is this camera’s turn.',
    },
  ],
  [
    'a camera that is switched off stops, whatever waits',
    { ...renewing, enabled: false },
    hold('watched'),
    now,
    { state: 'stopped', reason: 'disabled', nextStepAt: null, forcedAt: null },
  ],
  [
    'a missing camera stops, whatever waits',
    { ...renewing, status: 'missing' },
    null,
    now,
    { state: 'stopped', reason: 'missing' },
  ],
  ['an offline camera without a lease stops', aCamera({ status: 'offline' }), null, now, { reason: 'offline' }],
  ['a camera of nobody stops', aCamera({ source: { account: null } }), null, now, { reason: 'unidentified' }],
];

describe('the story of a renewal', () => {
  it.each(table)('%s', (_name, camera, decision, moment, story) => {
    expect(renewalStory(camera, decision, moment)).toMatchObject(story);
  });

  it('tells of an account that the cloud refuses, at once where the camera is due', () => {
    const refusal = {
      code: '10030',
      message: 'Key and secret do not match.',
      cure: 'Copy both anew.',
      nextLookAt: now,
    };
    const due = renewalStory(leased, null, at(6 * DAY + HOUR), refusal);
    expect(due).toMatchObject({ state: 'failing', reason: '10030', nextStepAt: now });
    expect(`${due.sentence} ${due.nextStep}`).toMatch(
      /Key and secret do not match\. Lease 1 is good until .* Copy both anew\./,
    );
    expect(renewalStory(leased, null, at(8 * DAY), refusal).sentence).toMatch(/match\. Lease 1 has expired\.$/);
    const fresh = renewalStory(leased, null, at(DAY), refusal);
    expect(fresh).toMatchObject({ state: 'resting', reason: 'fresh' });
    expect(fresh.sentence).toContain('Key and secret do not match. What helps: Copy both anew.');
    expect(renewalStory(aCamera({ status: 'offline' }), null, now, refusal).sentence).not.toContain('Key');
  });

  it('is told in whole sentences, whatever was decided', () => {
    const decisions = [null, ...HOLD_REASONS.map(hold), ...MOVE_REASONS.map(promote)];
    const stories = [
      ...table.map(([, camera, decision, moment]) => renewalStory(camera, decision, moment)),
      ...decisions.map((decision) => renewalStory(renewing, decision, now)),
    ];
    for (const { sentence, nextStep } of stories) {
      expect(sentence).toMatch(/^(?:[A-Z]|camlease ).*\.$/);
      expect(nextStep).toMatch(/^(?:[A-Z]|camlease ).*\.$/);
      expect(`${sentence} ${nextStep}`).not.toMatch(/undefined|null|\.\.|\bNaN\b/);
    }
  });

  it('and the health of a camera whose picture is there name the same next step', () => {
    for (const [, camera, decision, moment] of table) {
      const story = renewalStory(camera, decision, moment);
      const health = cameraHealth(camera, flowing, moment, story);
      if (health.state !== 'healthy' && health.state !== 'failing') continue;
      expect(health).toMatchObject({ nextStep: story.nextStep, nextStepAt: story.nextStepAt });
    }
  });
});
