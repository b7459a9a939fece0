import { describe, expect, it } from 'vitest';
import { aFailure, aLease, at, DAY, HOUR, MINUTE, SECOND, T0 } from '../../../test/support/builders.js';
import type { Camera, Failure } from '../camera/camera.js';
import { CameraError, type FailureClass } from '../errors.js';
import { nextFailure } from './backoff.js';
import { emergencyMs } from './renewal.js';

const noJitter = (): number => 0.5;
const error = (failureClass: FailureClass, retryAfterMs?: number): CameraError =>
  new CameraError('X1', failureClass, 'It failed.', { cure: 'Wait.', ...(retryAfterMs && { retryAfterMs }) });
const bare: Pick<Camera, 'lease' | 'status'> = { lease: null, status: 'active' };

/** The waits (ms) between tries that all fail the same way, each made exactly when it is due. */
function waits(failureClass: FailureClass, count: number, camera = bare, lifeMs?: number): (number | null)[] {
  let failure: Failure | null = null;
  let now = T0;
  return Array.from({ length: count }, () => {
    failure = nextFailure(failure, error(failureClass), camera, noJitter, now, lifeMs);
    const wait = failure.nextLookAt && failure.nextLookAt.getTime() - now.getTime();
    now = failure.nextLookAt ?? now;
    return wait;
  });
}

describe('the wait after a failure', () => {
  it('is short at first and then doubles up to six hours', () => {
    const minutes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360].map((wait) => wait * MINUTE);
    expect(waits('retry', 13)).toEqual([5 * SECOND, 15 * SECOND, ...minutes]);
  });

  it('is never short when the vendor has had too much', () => {
    expect(waits('quota', 3)).toEqual([MINUTE, 2 * MINUTE, 4 * MINUTE]);
  });

  it('is an even five minutes for a camera that is away', () => {
    expect(waits('camera-state', 3)).toEqual([5 * MINUTE, 5 * MINUTE, 5 * MINUTE]);
  });

  it('is short again when something else fails once a camera is back that was polled for days', () => {
    const polled: Failure = { ...aFailure(), failureClass: 'camera-state', attempts: 500 };
    const lost = nextFailure(polled, error('retry'), bare, noJitter, T0);
    expect(lost.nextLookAt).toEqual(at(5 * SECOND));
    expect(nextFailure(lost, error('retry'), bare, noJitter, T0).nextLookAt).toEqual(at(15 * SECOND));
  });

  it('has no end for a permanent failure', () => {
    expect(waits('permanent', 2)).toEqual([null, null]);
  });

  it('is left to the listing for a dark camera that is listed as offline', () => {
    expect(waits('camera-state', 1, { ...bare, status: 'offline' })).toEqual([null]);
  });

  it('shrinks with short lives', () => {
    const lifeMs = 84 * SECOND;
    expect(waits('retry', 4, bare, lifeMs)).toEqual([5 * SECOND, 6 * SECOND, 6 * SECOND, 6 * SECOND]);
    expect(waits('camera-state', 1, bare, lifeMs)).toEqual([6 * SECOND]);
  });

  it('never goes past the beginning of the emergency band', () => {
    const camera = { lease: aLease(), status: 'active' } as const;
    const failure = nextFailure(aFailure({ attempts: 20 }), error('retry'), camera, noJitter, at(6 * DAY + 11 * HOUR));
    expect(failure.nextLookAt).toEqual(at(6.5 * DAY));
  });

  it('meets the last safe moment', () => {
    const camera = { lease: aLease(), status: 'active' } as const;
    const long = aFailure({ attempts: 20 });
    const failure = nextFailure(long, error('retry'), camera, noJitter, at(7 * DAY - HOUR - 2.2 * MINUTE));
    expect(failure.nextLookAt).toEqual(at(7 * DAY - HOUR));
  });

  it('stays an even five minutes in the emergency band for a camera that is away', () => {
    const camera = { lease: aLease(), status: 'active' } as const;
    const failure = nextFailure(null, error('camera-state'), camera, noJitter, at(7 * DAY - 20 * MINUTE));
    expect(failure.nextLookAt).toEqual(at(7 * DAY - 15 * MINUTE));
  });

  const lives: readonly [string, number][] = [
    ['7 days', 7 * DAY],
    ['1 day', DAY],
    ['1 hour', HOUR],
    ['90 s', 90 * SECOND],
  ];
  it.each(lives)('tightens in the emergency band of a lease of %s, without hammering', (_name, life) => {
    const lease = aLease({ expiresAt: at(life) });
    const bandMs = emergencyMs(lease);
    let failure: Failure = aFailure({ attempts: 20 });
    const calls: number[] = [];
    for (let now = at(life - bandMs); now < lease.expiresAt; now = failure.nextLookAt ?? lease.expiresAt) {
      calls.push(now.getTime());
      failure = nextFailure(failure, error('retry'), { lease, status: 'active' }, noJitter, now);
    }
    const gaps = calls.slice(1).map((call, index) => call - (calls[index] ?? 0));
    const floorMs = Math.min(2 * MINUTE, bandMs / 10);
    expect(gaps[0]).toBeLessThanOrEqual(Math.max(floorMs, bandMs / 24) + 1);
    // The last try comes shortly before the lease's end.
    expect(lease.expiresAt.getTime() - (calls.at(-1) ?? 0)).toBeLessThanOrEqual(floorMs);
    for (const from of calls) {
      const inAnHour = calls.filter((call) => call >= from && call < from + HOUR).length;
      expect(inAnHour).toBeLessThanOrEqual(bandMs < 20 * MINUTE ? 16 : 36);
    }
  });

  it('is at least what the vendor asks for, without jitter', () => {
    const failure = nextFailure(null, error('quota', 10 * HOUR), bare, () => 0, T0);
    expect(failure.nextLookAt).toEqual(at(10 * HOUR));
  });

  it('is jittered by at most a tenth', () => {
    const wait = (random: number): number =>
      (nextFailure(null, error('quota'), bare, () => random, T0).nextLookAt?.getTime() ?? 0) - T0.getTime();
    expect([wait(0), wait(1)]).toEqual([54 * SECOND, 66 * SECOND]);
  });

  it('is an hour for what the operator cures in the camera, and endless for other permanent faults', () => {
    const ofVendor = new CameraError('X2', 'permanent', 'It failed.', { cure: 'Switch it off.', ofSettings: true });
    const ours = new CameraError('STREAM_H265', 'permanent', 'It failed.', { cure: 'Switch it off.' });
    const [vendors, own, other] = [ofVendor, ours, error('permanent')].map(
      (one) => nextFailure(null, one, bare, () => 0, T0).nextLookAt,
    );
    expect([vendors, own, other]).toEqual([at(HOUR), at(HOUR), null]);
  });

  it('keeps the beginning of the run and counts its attempts', () => {
    const second = nextFailure(aFailure({ since: T0, attempts: 4 }), error('retry'), bare, noJitter, at(HOUR));
    expect(second).toMatchObject({ since: T0, at: at(HOUR), attempts: 5, code: 'X1', cure: 'Wait.' });
  });
});
