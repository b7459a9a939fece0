import { expect, it } from 'vitest';
import { RELAY_REASONS, type PullReason } from '../streams/relay.js';
import { openingError } from './openingError.js';

const REASONS = RELAY_REASONS.filter(
  (reason): reason is PullReason => reason !== 'no-address' && reason !== 'over-cap',
);

it('each reason for which a source does not open has a code of its own, in the words of the relay', () => {
  const errors = REASONS.map((reason) => openingError({ reason, code: null }));
  expect(new Set(errors.map(({ code }) => code)).size).toBe(REASONS.length);
  for (const { message, cure } of errors) {
    expect(`${message} ${cure}`).not.toMatch(/\b(?:clouds?|leases?)\b/i);
    expect(cure).toMatch(/^[A-Z][^]*\.$/);
  }
});

it.each([
  ['not-a-stream', 'BAD_JPEG', 'cannot be decoded', 'Choose another compression'],
  ['not-a-stream', 'PICTURE', 'no JPEG', 'Give the RTSP, RTMP, HLS or MJPEG address'],
  ['protocol', 'SRT', 'SRT', 'Give the RTSP, RTMP, HLS or MJPEG address'],
] as const)('a source of a kind that is not read says so: %s %s', (reason, code, words, cure) => {
  const error = openingError({ reason, code });
  expect(error.message).toContain(words);
  expect(error.cure).toContain(cure);
});

it('nothing is tried again by itself that only a person can change', () => {
  const classOf = (reason: PullReason): string => openingError({ reason, code: 'ECONNREFUSED' }).failureClass;
  for (const reason of ['login', 'forbidden', 'not-a-stream', 'certificate'] as const)
    expect(classOf(reason)).toBe('permanent');
  for (const reason of ['connection', 'silence', 'ended'] as const) expect(classOf(reason)).toBe('retry');
  for (const reason of ['too-many', 'not-found'] as const) expect(classOf(reason)).toBe('camera-state');
});

it('a host that does not answer is named as such on the camera', () => {
  const said = (code: string): string => openingError({ reason: 'connection', code }).message;
  expect([said('ECONNREFUSED'), said('ENOTFOUND'), said('EHOSTUNREACH')]).toEqual([
    'Nobody listens at the port of the address.',
    'The name of the host leads to no machine.',
    'The host of the address does not answer.',
  ]);
  expect(openingError({ reason: 'codec', code: 'ENCRYPTED' }).message).toContain('encrypted');
  expect(openingError({ reason: 'protocol', code: 'SPS' }).message).toContain('description (SPS)');
});
