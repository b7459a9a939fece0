import { describe, expect, it } from 'vitest';
import { aCamera, aLease, at, aUrlCamera, DAY, T0 } from '../../../test/support/builders.js';
import { cameraLook } from '../outages/cameraLook.js';
import { pictureTrouble } from '../outages/pictureTrouble.js';
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

describe('a camera by URL that the relay carries', () => {
  it.each(RELAY_REASONS)('is dark while nothing comes, and no sentence speaks of a cloud (%s)', (reason) => {
    const yard = aUrlCamera();
    const { message, cure } = relayWords(reason, 'person');
    expect(message).toMatch(/^[A-Z][^]*\.$/);
    const seen = relayed('stopped', reason);
    const dark = cameraHealth(yard, seen, at(1));
    const said = `${dark.sentence} ${dark.nextStep}`;
    expect([dark.state, said]).toEqual(['dark', expect.stringContaining(message)]);
    expect(said).toContain(cure ?? message);
    const look = cameraLook(yard, seen, at(1));
    expect(look).toMatchObject({ kind: 'dark', message: expect.stringContaining(message) as string });
    const outage = {
      ...{ id: '1', subject: { kind: 'camera' as const, id: yard.id } },
      reason: 'NOTHING_COMES',
    } as const;
    const trouble = pictureTrouble(yard, { ...outage, message: 'Nothing.', beganAt: T0, endedAt: null }, reason);
    expect(trouble?.message).toBe(`Nothing comes from the camera's address. ${message}`);
    const starting = cameraHealth(yard, relayed('starting', reason), at(1)).sentence;
    // Only a group of an account has a cap.
    if (reason !== 'over-cap')
      expect(`${said} ${JSON.stringify(look)} ${JSON.stringify(trouble)} ${starting}`).not.toMatch(
        /\b(?:clouds?|leases?)\b/i,
      );
  });

  it.each([
    ['login', 'Correct user and password'],
    ['forbidden', 'SOURCE_NETWORKS'],
    ['not-a-stream', 'Correct scheme, port and path'],
    ['certificate', 'NODE_EXTRA_CA_CERTS'],
  ] as const)('waits for a person after %s, who is told what to do', (reason, cure) => {
    const { nextStep, nextStepAt } = cameraHealth(aUrlCamera(), relayed('stopped', reason), at(1));
    expect([nextStep, nextStepAt]).toEqual([expect.stringContaining(cure), null]);
  });
});

describe('a camera that the relay carries', () => {
  it.each(RELAY_REASONS)('is dark while nothing comes, and says why in plain words (%s)', (reason) => {
    const { message, cure } = relayWords(reason, 'cloud');
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
