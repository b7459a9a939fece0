import { describe, expect, it } from 'vitest';
import { aCamera, aLease, at, DAY, T0 } from '../../../test/support/builders.js';
import { cameraLook } from '../outages/cameraLook.js';
import { RELAY_REASONS, type RelayReason } from '../streams/relay.js';
import { cameraHealth, seenWith, type CameraHealth, type SeenStream } from './health.js';
import { relayWords } from './relayReasons.js';

const camera = aCamera({ lease: aLease() });

/** The picture is repeated first and labelled later: the sentence has to be true at any time. */
const STAND_IN = "see the camera's last picture, after 5 seconds with a caption where camlease could make one.";

function relayed(flow: SeenStream['flow'], reason: RelayReason | null): SeenStream | null {
  return seenWith({ revision: 1, flow, carrier: 'relay', viewers: 2, reason }, undefined);
}

function health(seen: SeenStream | null): CameraHealth {
  return cameraHealth(camera, seen, at(1));
}

describe('a camera that the relay carries', () => {
  it.each(RELAY_REASONS)('is dark while nothing comes, and says why in plain words (%s)', (reason) => {
    const { message, cure } = relayWords(reason);
    expect(message).toMatch(/^[A-Z][^]*\.$/);
    const dark = health(relayed('stopped', reason));
    expect(dark.state).toBe('dark');
    expect(dark.sentence).toContain(message);
    if (cure !== null) expect(`${dark.sentence} ${dark.nextStep}`).toContain(cure);
    expect(cameraLook(camera, relayed('stopped', reason), at(1))).toMatchObject({
      kind: 'dark',
      message: expect.stringContaining(message) as string,
    });
  });

  it('is dark without a word of why, too, though its slate plays', () => {
    expect(health(relayed('stopped', null))).toMatchObject({
      ...{ state: 'dark', reason: 'NOTHING_COMES' },
      sentence: `The lease is valid, but nothing comes from the cloud; viewers ${STAND_IN}`,
    });
  });

  it('is not said to show its last picture where those who ask are turned away', () => {
    const seen = { ...relayed('stopped', 'silence'), standsIn: false } as SeenStream;
    expect(health(seen).sentence).toMatch(
      /^The lease is valid, but nothing comes from the cloud, so viewers see nothing\. /,
    );
    expect(health({ ...seen, standsIn: true }).sentence).toContain(STAND_IN);
    const expired = aCamera({ lease: aLease({ obtainedAt: at(-DAY), expiresAt: T0 }) });
    expect(cameraHealth(expired, seen, at(1)).sentence).toBe("The camera's lease has expired.");
  });

  it('is not said to be about to show its picture when its latest pull was refused', () => {
    expect(health(relayed('starting', null)).sentence).toBe('Somebody watches; the picture is about to start.');
    expect(health(relayed('starting', 'refused')).sentence).toContain(
      "Somebody watches; the picture has not started yet. The cloud's server refuses to play the lease's live URL.",
    );
  });

  it.each(['starting', 'stopped', 'idle'] as const)('that is over the cap of its account says so (%s)', (flow) => {
    const over = relayed(flow, 'over-cap');
    expect(health(over)).toMatchObject({ state: 'dark', reason: 'STREAM_CAP_REACHED', nextStepAt: null });
    expect(health(over).nextStep).toContain('raise streamCap');
    expect(cameraLook(camera, over, at(1))).toMatchObject({ kind: 'dark', reason: 'STREAM_CAP_REACHED' });
  });

  it('stays dark with an expired lease, whose slate viewers go on seeing', () => {
    const expired = aCamera({ lease: aLease({ obtainedAt: at(-DAY), expiresAt: T0 }) });
    const seen = relayed('stopped', 'no-address');
    expect(cameraHealth(expired, seen, at(1))).toMatchObject({
      ...{ state: 'dark', reason: 'LEASE_EXPIRED' },
      sentence: `The camera's lease has expired. Viewers ${STAND_IN}`,
    });
    expect(cameraLook(expired, seen, at(1))).toMatchObject({ kind: 'dark', reason: 'LEASE_EXPIRED' });
  });

  it('is healthy while its pictures go out, and idle while nobody watches', () => {
    expect(health(relayed('flowing', null))).toMatchObject({ state: 'healthy', reason: 'FLOWING' });
    expect(health(relayed('idle', null))).toMatchObject({ state: 'idle', reason: 'NOBODY_WATCHES' });
  });
});
