import { describe, expect, it } from 'vitest';
import { aCamera, aCandidate, aFailure, aLease, at, DAY } from '../../../test/support/builders.js';
import { CAMERA_MODES, CAMERA_STATUSES, type Camera, type Failure } from '../camera/camera.js';
import { cameraHealth, liveVerdict, type CameraHealth, type StreamRefusal, type SeenStream } from './health.js';
import { renewalStory, type AccountRefusal } from './renewalStory.js';

/** What people are told of each combination of flow, failure, candidate, lease, refusal, status and mode. */

const NOW = at(6 * DAY);
const FLOWS = ['flowing', 'starting', 'idle', 'stopped', 'unknown', null] as const;
const FAILURES: readonly (Failure | null)[] = [
  null,
  aFailure({ at: at(5.5 * DAY), message: 'The renewal failed in passing.' }),
  aFailure({
    ...{ code: 'EVZ60019', failureClass: 'permanent', nextLookAt: null, at: at(5.5 * DAY) },
    ...{ message: 'The renewal failed for good.', cure: 'Mend it.' },
  }),
];
const CANDIDATES = [null, aCandidate(), aCandidate({ obtainedAt: at(5.9 * DAY) })];
const LEASES = [
  null,
  aLease(),
  aLease({ proof: 'pending', provenAt: null }),
  aLease({ proof: 'unproven', provenAt: null }),
  aLease({ proof: 'failed', provenAt: null }),
  aLease({ expiresAt: at(DAY) }),
];
const ENGINE: StreamRefusal = { code: 'PATH_REFUSED', message: 'The media server refuses it.', cure: 'Mend the file.' };
const ACCOUNT: AccountRefusal = {
  ...{ code: 'OPEN000001', message: 'The cloud knows no such key.', cure: 'Correct the key.' },
  nextLookAt: at(7 * DAY),
};

interface Case {
  readonly camera: Camera;
  readonly seen: SeenStream | null;
  readonly account: AccountRefusal | null;
  readonly health: CameraHealth;
  readonly isLive: boolean;
}

function* everyCase(): Generator<Case> {
  for (const status of CAMERA_STATUSES)
    for (const mode of CAMERA_MODES)
      for (const lease of LEASES)
        for (const candidate of CANDIDATES)
          for (const failure of FAILURES)
            for (const flow of FLOWS)
              for (const refused of [null, ENGINE])
                for (const account of [null, ACCOUNT]) {
                  const camera = aCamera({ status, mode, lease, candidate, failure });
                  const seen = flow === null ? null : { revision: 1, flow, refused };
                  const story = renewalStory(camera, null, NOW, account);
                  const health = cameraHealth(camera, seen, NOW, story, account);
                  const isLive = liveVerdict(camera, NOW, seen?.refused ?? null).live;
                  yield { camera, seen, account, health, isLive };
                }
}

const cases = [...everyCase()];
const isOff = ({ camera }: Case): boolean => camera.status === 'disabled';
const isAlive = ({ camera: { lease } }: Case): boolean => lease !== null && lease.expiresAt > NOW;
const isClip = ({ camera: { lease, failure } }: Case): boolean =>
  lease?.proof === 'failed' && failure?.failureClass === 'permanent';
const showsPicture = (one: Case): boolean => one.seen?.flow === 'flowing' && !isClip(one);
const told = ({ camera, seen, account, health }: Case): string =>
  JSON.stringify({ camera, seen, account: account?.code, health });

/** Checks each case that `which` chooses; there has to be one. */
function each(which: (one: Case) => boolean, check: (one: Case) => void): void {
  const chosen = cases.filter(which);
  expect(chosen.length).toBeGreaterThan(0);
  for (const one of chosen) check(one);
}

describe('the health of every camera that can be', () => {
  it('is disabled when it is switched off, whatever else is wrong', () => {
    each(isOff, (one) => expect(one.health.state, told(one)).toBe('disabled'));
  });

  it('is never well, nor merely in trouble, where nothing comes that should', () => {
    const wellOrFailing = ['healthy', 'idle', 'failing'];
    const stopped = (one: Case): boolean => !isOff(one) && one.seen?.flow === 'stopped';
    each(stopped, (one) => expect(wellOrFailing, told(one)).not.toContain(one.health.state));
    each(
      (one) => stopped(one) && isAlive(one),
      (one) => expect(one.health.state, told(one)).toBe('dark'),
    );
  });

  it('is never well, nor in mere trouble, without a picture and with something that forbids one', () => {
    each(
      (one) => !isOff(one) && !one.isLive && !showsPicture(one),
      (one) => expect(['dark', 'unknown'], told(one)).toContain(one.health.state),
    );
  });

  it('is not dark while its picture comes', () => {
    each(
      (one) => !isOff(one) && showsPicture(one),
      (one) => expect(['healthy', 'failing'], told(one)).toContain(one.health.state),
    );
  });

  it('says that the picture goes on only where it does', () => {
    each(
      ({ health }) => /picture still plays/.test(health.sentence),
      (one) => expect(showsPicture(one), told(one)).toBe(true),
    );
  });

  it('is well only where nothing is wrong', () => {
    each(
      ({ health }) => health.state === 'healthy' || health.state === 'idle',
      (one) => {
        const { failure, candidate } = one.camera;
        const isOvertaken = failure !== null && candidate !== null && candidate.obtainedAt >= failure.at;
        expect(one.isLive, told(one)).toBe(true);
        expect(failure === null || isOvertaken, told(one)).toBe(true);
        expect(one.seen?.refused ?? null, told(one)).toBeNull();
      },
    );
  });

  it('names the refusal of the media server, and what helps, wherever a lease lives', () => {
    each(
      (one) => !isOff(one) && one.seen !== null && one.seen.refused !== null && isAlive(one),
      (one) => expect(one.health.sentence.toLowerCase(), told(one)).toContain('media server refuses it'),
    );
    each(
      (one) => one.camera.status === 'active' && one.health.reason === ENGINE.code,
      (one) => expect(one.health, told(one)).toMatchObject({ nextStep: ENGINE.cure, nextStepAt: null }),
    );
  });

  it('names a failed renewal beside a dark picture', () => {
    each(
      ({ camera, health }) => health.state === 'dark' && camera.failure !== null && camera.candidate === null,
      (one) =>
        expect(one.health.sentence.toLowerCase(), told(one)).toContain(
          one.camera.failure?.message.toLowerCase().slice(4),
        ),
    );
  });

  it('names the refused account where that is why there is no lease', () => {
    each(
      ({ health, account }) =>
        account !== null && (health.reason === 'LEASE_NONE' || health.reason === 'LEASE_EXPIRED'),
      (one) => expect(one.health.sentence, told(one)).toContain(ACCOUNT.message),
    );
  });

  it('is told in whole sentences', () => {
    each(
      () => true,
      (one) => {
        expect(one.health.sentence, told(one)).toMatch(/^(?:[A-Z]|camlease ).*\.$/);
        expect(one.health.nextStep, told(one)).toMatch(/^(?:[A-Z]|camlease ).*\.$/);
        expect(one.health.sentence, told(one)).not.toMatch(/undefined|null|\.\.|\. \./);
      },
    );
  });
});
