import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAMERA_MODES } from '../../src/core/camera/camera.js';
import { aCamera, DAY, HOUR, MINUTE, SECOND } from '../support/builders.js';
import { LeaseWorld, type Happening } from './leaseWorld.js';

const RUNS = 400;

const ms = fc.oneof(
  fc.integer({ min: 0, max: MINUTE }),
  fc.integer({ min: 0, max: DAY }),
  fc.integer({ min: 0, max: 8 * DAY }),
);

/** Anything that may happen to a camera, its cloud, its engine and the clock. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('time-passes' as const), ms }) },
  fc.record({ kind: fc.constant('clock-jumps-back' as const), ms: fc.integer({ min: 0, max: 2 * HOUR }) }),
  fc.record({ kind: fc.constant('cloud' as const), gives: fc.constantFrom('good', 'short', 'nothing', 'refusal') }),
  fc.record({
    kind: fc.constant('stream' as const),
    shows: fc.constantFrom('picture', 'other-tracks', 'nothing', 'h265', 'camera-away'),
  }),
  fc.record({ kind: fc.constant('viewers' as const), count: fc.constantFrom(0, 1, 7, null) }),
  fc.record({ kind: fc.constantFrom('engine' as const, 'relay' as const), up: fc.boolean() }),
  fc.record({ kind: fc.constant('crash' as const) }),
  fc.record({ kind: fc.constant('asked' as const) }),
  fc.record({ kind: fc.constant('mode' as const), mode: fc.constantFrom(...CAMERA_MODES) }),
  fc.record({ kind: fc.constant('listing' as const), status: fc.constantFrom('active', 'offline', 'missing') }),
  fc.record({ kind: fc.constant('enabled' as const), enabled: fc.boolean() }),
);

const history = fc.array(happening, { minLength: 1, maxLength: 60 });

function live(happenings: readonly Happening[]): LeaseWorld {
  const world = new LeaseWorld(aCamera());
  for (const one of happenings) world.live(one);
  return world;
}

describe('over any history of clock, cloud and engine', () => {
  it('an engine never goes from a higher revision back to a lower one', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const served = live(happenings).served.map(({ revision }) => revision);
        expect(served).toEqual([...served].sort((a, b) => a - b));
      }),
      { numRuns: RUNS },
    );
  });

  it('no expired URL is ever in the configuration', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        for (const { now, sources } of live(happenings).configurations)
          for (const { endsAt } of sources) expect(endsAt?.getTime()).toBeGreaterThan(now.getTime());
      }),
      { numRuns: RUNS },
    );
  });

  it('at most one feeder forwards, and the old one is gone with the same step', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        for (const { forwarding } of live(happenings).configurations) expect(forwarding).toBeLessThanOrEqual(1);
      }),
      { numRuns: RUNS },
    );
  });

  it('a lease that took over without a proof says so', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        for (const { proof, wasSeen } of live(happenings).promotions)
          expect(proof).toBe(wasSeen ? 'proven' : 'unproven');
      }),
      { numRuns: RUNS },
    );
  });

  it('revisions are given out once, and the highest is remembered', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const { obtained, camera } = live(happenings);
        expect(new Set(obtained).size).toBe(obtained.length);
        expect(camera.lastRevision).toBe(Math.max(0, ...obtained));
      }),
      { numRuns: RUNS },
    );
  });

  it('whoever waits knows until when, and that moment lies ahead', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        for (const { until, now } of live(happenings).holds) expect(until.getTime()).toBeGreaterThan(now.getTime());
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a camera that the relay carries', () => {
  it('never waits for viewers, only for a picture that could not be looked at', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const relayed = live([{ kind: 'relay', up: true }, ...happenings]).holds.filter(({ isRelayed }) => isRelayed);
        for (const { reason } of relayed) expect(reason).toBe('unprovable');
      }),
      { numRuns: RUNS },
    );
  });
});

describe('with a cloud that gives good URLs', () => {
  it('a watched camera never loses its lease, however the steps of time fall', () => {
    const steps = fc.array(fc.integer({ min: SECOND, max: 50 * MINUTE }), { minLength: 200, maxLength: 400 });
    const modes = fc.constantFrom(...CAMERA_MODES);
    fc.assert(
      fc.property(steps, modes, fc.constantFrom(0, 1, null), fc.boolean(), (waits, mode, count, up) => {
        const world = live([
          { kind: 'relay', up },
          { kind: 'mode', mode },
          { kind: 'viewers', count },
        ]);
        for (const wait of waits) world.live({ kind: 'time-passes', ms: wait });
        expect(world.expired).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
